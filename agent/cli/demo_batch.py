"""The demo's batch: some of every kind of order, in both roles, and people who answer on the portal."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.domain.cases import CloseRequest, Consent
from agent.domain.ids import OrderId
from agent.domain.reasons import Reason

SELLER = "demo"
PURCHASER = "demo-purchaser"
_AGREES = "同意关闭，谢谢"
_SUPPLIER_AGREES = "同意退货"
_DECLINES = "不同意，谢谢"
_ANSWER_S = 1.0
_PROOF = "consent.txt"

Truth = Mapping[str, Any]


@dataclass(slots=True)
class Batch:
    """What is asked for in each shop, what people on the portal do, and whose goods will have come back."""

    requests: dict[str, list[CloseRequest]] = field(default_factory=dict)
    actors: list[dict[str, Any]] = field(default_factory=list)
    returned: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of order in the batch: how many of a hundred, which orders are such, and what is asked."""

    weight: int
    shop: str
    fits: Callable[[Truth], bool]
    reason: Reason
    consent: Consent = Consent.NONE
    note: str = ""
    actors: tuple[dict[str, Any], ...] = ()
    returned: bool = False


def make_batch(orders: Mapping[str, Truth], count: int, folder: Path) -> Batch:
    """Return a batch of ``count`` orders, or fewer where the shop has not enough of a kind."""
    batch = Batch()
    left = dict(orders)
    for kind, number in _quotas(count):
        chosen = [order_id for order_id, order in left.items() if kind.fits(order)][:number]
        for order_id in chosen:
            left.pop(order_id)
        _add(batch, kind, chosen, folder)
    _fill(batch, left, count)
    return batch


def _quotas(count: int) -> Iterator[tuple[_Kind, int]]:
    """Yield how many orders of each kind are wanted: at least one of each where there is room."""
    total = sum(kind.weight for kind in _KINDS)
    left = count
    for kind in _KINDS:
        number = min(left, max(1, round(kind.weight * count / total)))
        left -= number
        yield kind, number


def _add(batch: Batch, kind: _Kind, chosen: Sequence[str], folder: Path) -> None:
    if not chosen:
        return
    requests = batch.requests.setdefault(kind.shop, [])
    proof = _proof(folder) if kind.consent is Consent.PROVED else None
    requests += [
        CloseRequest(OrderId(order_id), kind.reason, kind.consent, proof, kind.note, {"command": "demo"})
        for order_id in chosen
    ]
    batch.actors += [{**actor, "orders": list(chosen)} for actor in kind.actors]
    if kind.returned:
        batch.returned.update(chosen)


def _fill(batch: Batch, left: Mapping[str, Truth], count: int) -> None:
    """Make up the number with plain unpaid orders."""
    plain = _KINDS[0]
    missing = count - sum(len(requests) for requests in batch.requests.values())
    ids = [order_id for order_id, order in left.items() if plain.fits(order)][:missing]
    _add(batch, plain, ids, Path())


def _proof(folder: Path) -> str:
    """Return a chat export that proves consent, written once."""
    path = folder / _PROOF
    if not path.exists():
        path.write_text("旺旺聊天记录（演示）\n买家：这单不要了，同意关闭，谢谢\n", encoding="utf-8")
    return str(path.resolve())


def _plain(order: Truth) -> bool:
    return order["trade_type"] == "escrow" and not (order["frozen"] or order["disputed"] or order["partly_shipped"])


def _unpaid(order: Truth) -> bool:
    return _plain(order) and order["state"] == "waitbuyerpay" and order["pay_state"] == "1"


def _paid(*buttons: str) -> Callable[[Truth], bool]:
    def fits(order: Truth) -> bool:
        paid = order["state"] == "waitsellersend" and order["refund_state"] == ""
        return _plain(order) and paid and order["button"] in buttons

    return fits


def _shipped(order: Truth) -> bool:
    return _plain(order) and order["state"] == "waitbuyerreceive" and order["refund_state"] == ""


def _buyer(do: str, after: str, after_s: float = _ANSWER_S, **args: str) -> dict[str, Any]:
    by = {"message_sent": "seller", "return_agreed": "seller"}.get(after, "buyer")
    return {"who": "buyer", "on": after, "by": by, "after_s": after_s, "do": do, "args": args}


def _supplier(do: str, after: str, **args: str) -> dict[str, Any]:
    return {"who": "supplier", "on": after, "by": "purchaser", "after_s": _ANSWER_S, "do": do, "args": args}


_CLERK = {"who": "platform", "on": "ticket_filed", "after_s": 2.0, "do": "ticket_resolve"}
_YES = _buyer("reply", "message_sent", text=_AGREES)
_NO = _buyer("reply", "message_sent", text=_DECLINES)
_RETURN = (_YES, _buyer("request_return", "message_sent", 1.5), _buyer("send_return", "return_agreed"))
_SUPPLIER_YES = _supplier("reply", "message_sent", text=_SUPPLIER_AGREES)
_AGREE = _supplier("agree_refund", "refund_applied")
_REFUSE = _supplier("refuse_refund", "refund_applied")

# The most telling ones first: a small batch holds one of each from the top.
_KINDS = (
    _Kind(24, SELLER, _unpaid, Reason.UNPAID_TIMEOUT),
    _Kind(9, SELLER, _paid("close"), Reason.BUYER_CANCELLED, Consent.DECLARED),
    _Kind(6, SELLER, _paid("none"), Reason.BUYER_CANCELLED, Consent.PROVED, actors=(_CLERK,)),
    _Kind(8, SELLER, _paid("refund"), Reason.WRONG_ORDER_INFO, Consent.DECLARED),
    _Kind(6, SELLER, _shipped, Reason.BUYER_CANCELLED, actors=_RETURN, returned=True),
    _Kind(4, SELLER, _paid("close"), Reason.OUT_OF_STOCK, actors=(_YES,)),
    _Kind(4, PURCHASER, _paid("close", "refund", "none"), Reason.BUYER_CANCELLED, actors=(_AGREE,)),
    _Kind(3, PURCHASER, _paid("close", "refund", "none"), Reason.BUYER_CANCELLED, actors=(_REFUSE,)),
    _Kind(3, SELLER, _paid("close", "refund"), Reason.OUT_OF_STOCK, actors=(_NO,)),
    _Kind(3, SELLER, lambda order: order["state"] == "cancel", Reason.BUYER_CANCELLED),
    _Kind(2, SELLER, lambda order: bool(order["partly_shipped"]), Reason.OUT_OF_STOCK, Consent.DECLARED),
    _Kind(4, PURCHASER, _shipped, Reason.PRODUCT_INFO_ERROR, actors=(_SUPPLIER_YES, _AGREE), returned=True),
    _Kind(4, PURCHASER, _unpaid, Reason.BUYER_CANCELLED),
    _Kind(2, SELLER, _paid("close", "refund"), Reason.OUT_OF_STOCK),
    _Kind(2, SELLER, lambda order: bool(order["frozen"]), Reason.ABUSE, Consent.DECLARED),
    _Kind(6, SELLER, _unpaid, Reason.OTHER, note="客户改为线下合同采购"),
    _Kind(4, SELLER, _paid("close"), Reason.OUT_OF_STOCK, Consent.PROVED),
    _Kind(3, SELLER, _shipped, Reason.PRODUCT_INFO_ERROR, actors=(_NO,)),
    _Kind(2, SELLER, lambda order: order["state"] == "success", Reason.BUYER_CANCELLED),
    _Kind(1, PURCHASER, _shipped, Reason.PRODUCT_INFO_ERROR, actors=(_SUPPLIER_YES, _REFUSE), returned=True),
)
