"""A tree is the same on any day, and keeps nothing of an order or a person."""

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.doctor.tree import Plain, normalised_tree
from agent.evidence.masking import MASK, Mask

WORDS = {"等待买家付款": "order_state", "等待卖家发货": "order_state", "关闭订单": "controls", "备注": "controls"}
LABELS = frozenset({"订单详情", "订单号", "关闭订单"})
PRIVATE = "张伟"


Rows = list[tuple[str, str, str, str]]


def tree(snapshot: str) -> tuple[str, ...]:
    return normalised_tree(snapshot, Plain(WORDS, LABELS, Mask([PRIVATE], []).text))


def page(rows: Rows, total: int, buyer: str = PRIVATE) -> str:
    lines = [
        '- heading "已卖出的货品" [level=1]', f'- heading "{buyer}" [level=2]', f'- tab "全部{total}" [selected]',
        '- table "订单列表":', "  - rowgroup:",
    ]  # fmt: skip
    for order_id, title, state, amount in rows:
        lines += [
            f'    - row "{order_id} {title} {amount} {state} 订单详情":',
            *(f'      - cell "{text}"' for text in (order_id, title, amount, state)),
            '      - cell "订单详情 关闭订单":',
            '        - link "订单详情":',
            f"          - /url: /order?id={order_id}",
            '        - button "关闭订单"',
        ]  # fmt: skip
    return "\n".join(lines)


ROW = st.tuples(
    st.from_regex(r"[0-9]{16,19}", fullmatch=True),
    st.text("货品灯袋ABC ", min_size=1, max_size=12),
    st.sampled_from(["等待买家付款", "等待卖家发货"]),
    st.decimals(1, 9999, places=2).map(lambda amount: f"¥{amount}"),
)
ROWS = st.lists(ROW, min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(ROWS, ROWS, st.integers(0, 9999))
def test_other_orders_amounts_and_counts_give_the_same_tree(one: Rows, other: Rows, total: int) -> None:
    assert tree(page(one, 3)) == tree(page(other, total))


def test_nothing_of_an_order_or_a_person_is_kept() -> None:
    kept = "\n".join(tree(page([("106886380946666222", "护眼台灯", "等待买家付款", "¥12.50")], 7)))
    for text in ("106886380946666222", "护眼台灯", "12.50", PRIVATE, "/order"):
        assert text not in kept
    assert MASK in kept
    for text in ("已卖出的货品", "订单列表", "订单详情", "关闭订单", "全部#"):
        assert text in kept


def test_what_an_author_changes_is_seen() -> None:
    rows = [("106886380946666222", "护眼台灯", "等待买家付款", "¥12.50")]
    before = page(rows, 7)
    for old, new in (("订单列表", "我的订单"), ("订单详情", "查看"), ('button "关闭订单"', 'button "关闭交易"')):
        assert tree(before) != tree(before.replace(old, new))


def test_a_line_that_yaml_quotes_is_read_as_any_other() -> None:
    assert tree("- 'button \"a: b\"':\n  - img") == ('- button "a: b"', "  - img")


def test_what_stands_in_a_field_is_not_kept() -> None:
    assert tree('- textbox "备注": 13800138000 secret') == ('- textbox "<controls>"',)
