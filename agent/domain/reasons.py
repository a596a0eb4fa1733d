"""Why an order is closed, in our own words and in those that operators type."""

from enum import StrEnum


class Reason(StrEnum):
    """Canonical reason of a request; a profile maps it to the portal's labels and codes."""

    BUYER_CANCELLED = "buyer_cancelled"
    UNPAID_TIMEOUT = "unpaid_timeout"
    OUT_OF_STOCK = "out_of_stock"
    WRONG_ORDER_INFO = "wrong_order_info"
    UNREACHABLE_BUYER = "unreachable_buyer"
    ABUSE = "abuse"
    OFFLINE_TRADE = "offline_trade"
    PRODUCT_INFO_ERROR = "product_info_error"
    OTHER = "other"


LABELS: dict[Reason, tuple[str, ...]] = {
    Reason.BUYER_CANCELLED: (
        "买家取消订单",
        "买家取消",
        "买家不想买",
        "买家不想买了",
        "买家不想要了",
        "与买家协商一致",
    ),
    Reason.UNPAID_TIMEOUT: ("未及时付款", "超时未付款", "买家未付款"),
    Reason.OUT_OF_STOCK: ("卖家库存不足", "库存不足", "缺货"),
    Reason.WRONG_ORDER_INFO: ("买家信息填写错误，重新拍", "买家信息填写错误", "买家拍错了"),
    Reason.UNREACHABLE_BUYER: ("买家联系不上", "联系不上买家"),
    Reason.ABUSE: ("恶意买家/同行捣乱", "恶意买家，同行捣乱", "恶意买家", "同行捣乱"),
    Reason.OFFLINE_TRADE: ("同城见面交易", "线下交易"),
    Reason.PRODUCT_INFO_ERROR: ("商品信息错误", "商品信息有误"),
    Reason.OTHER: ("其它", "其他", "其他原因", "其它原因"),
}

_BY_LABEL = {label: reason for reason, labels in LABELS.items() for label in labels}


def parse_reason(text: str) -> Reason:
    """Return the reason that a canonical word or a Chinese label of it names.

    Raises:
        ValueError: nothing we know is named so.
    """
    word = text.strip()
    if word in _BY_LABEL:
        return _BY_LABEL[word]
    try:
        return Reason(word.lower())
    except ValueError:
        known = ", ".join(Reason)
        raise ValueError(f"reason {word[:60]!r} is unknown; use one of {known}, or a Chinese label of one") from None
