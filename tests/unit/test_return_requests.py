"""What is told about goods that go back, and in how many words, before anything leaves."""

from types import SimpleNamespace
from typing import Any

import pytest

from agent.browser.gate import Mutating
from agent.domain.acts import Act, ActKind
from agent.domain.cases import Case, Role
from agent.domain.effects import Seen, seen_in_parcel
from agent.domain.ids import OrderId
from agent.domain.money import Fen
from agent.domain.orders import Order, OrderState, PayState, Refund, RefundState, ReturnParcel
from agent.domain.reasons import Reason
from agent.engine import permission
from agent.engine.act import mismatch
from agent.errors import NotAuthorised
from page_objects.loader import load_profile

LOADED = load_profile("mock_classic", None)
PROFILE = LOADED.profile
ORDER = "106886380946666222"
PARCEL = {"carrier": "顺丰速运", "number": "SF1390000000017"}
ADDRESS = "浙江省 杭州市 云杉仓"


def order(**more: Any) -> Order:
    """Return a paid order, with whatever a test wants of it."""
    plain: dict[str, Any] = {
        "order_id": OrderId(ORDER),
        "state": OrderState.PAID,
        "pay_state": PayState.PAID,
        "amount": Fen(100),
        "created_at": None,
        "controls": frozenset(),
    }
    return Order(**plain | more)


def compared(act: Act, request: str, sent: dict[str, str], written: dict[str, str]) -> str | None:
    """Return why a held request is not the one that was meant."""
    run: Any = SimpleNamespace(loaded=LOADED)
    case: Any = SimpleNamespace(order_id=ORDER)
    shown = order(refund=Refund(RefundState.WAIT_SELLER, refund_id="TQ1"))
    wanted = permission.expected_fields(run, case, act, shown, written)
    return mismatch(Mutating(request, dict(sent)), wanted, PROFILE.requests[request].compared)


@pytest.mark.parametrize(
    "changed",
    [{"number": "SF1390000000018"}, {"carrier": "中通快递"}, {"order_id": "206886380946666222"}, {"number": ""}, {}],
    ids=["number", "carrier", "order_id", "no number", "honest"],
)
def test_a_request_that_tells_another_parcel_is_not_what_was_meant(changed: dict[str, str]) -> None:
    act = Act(ActKind.SEND_RETURN, "send_return", "", fields=PARCEL)
    found = compared(act, "send_return", {"order_id": ORDER, **PARCEL} | changed, PARCEL)
    assert (found is None) is (changed == {})


@pytest.mark.parametrize(("sent", "fits"), [(ADDRESS, True), ("广东省 东莞市", False), ("", False)])
def test_a_request_that_names_another_return_address_is_not_what_was_meant(sent: str, fits: bool) -> None:
    act = Act(ActKind.AGREE_RETURN, "agree_return", "", amount=Fen(100))
    request = {"order_id": ORDER, "refund_id": "TQ1", "amount_yuan": "1.00", "return_address": sent}
    found = compared(act, "agree_return", request, {"return_address": ADDRESS})
    assert (found is None) is fits


@pytest.mark.parametrize(
    ("shown", "seen"),
    [
        ({}, Seen.NOTHING),
        ({"tracking": "顺丰速运 SF1390000000017", "parcel": ReturnParcel.SENT}, Seen.OURS),
        ({"tracking": "顺丰速运 SF13900000000170", "parcel": ReturnParcel.SENT}, Seen.OTHER),
        ({"parcel": ReturnParcel.SENT}, Seen.UNSURE),
    ],
    ids=["no parcel", "ours", "a longer number", "no number"],
)
def test_a_told_parcel_is_proved_by_its_whole_number_only(shown: dict[str, Any], seen: Seen) -> None:
    assert seen_in_parcel(PARCEL, order(**shown)) is seen


@pytest.mark.parametrize("length", [1, 2, 150, 151])
def test_a_text_that_its_form_would_not_take_is_refused_before_anything_is_done(length: int) -> None:
    run: Any = SimpleNamespace(
        shop=SimpleNamespace(allowed_reasons=tuple(Reason)),
        limits=SimpleNamespace(amount_per_order=None),
        account=SimpleNamespace(role=Role.PURCHASER),
        loaded=LOADED,
        confirmed=frozenset(),
        supervise=None,
        name="demo",
    )
    case: Case = SimpleNamespace(reason=Reason.BUYER_CANCELLED, case_id="c")  # type: ignore[assignment] # all it looks at
    act = Act(ActKind.APPLY_REFUND, "refund", "", amount=Fen(100), fields={"text": "长" * length})
    (variant,) = [way for way in PROFILE.acts[ActKind.APPLY_REFUND] if Role.PURCHASER in way.roles]
    if 2 <= length <= 150:
        permission.check_before(run, case, act, order(), variant)
        return
    with pytest.raises(NotAuthorised, match="the portal takes 2 to 150"):
        permission.check_before(run, case, act, order(), variant)
