"""What an order's page shows of the goods on their way back and of the platform's ruling, kept with the case."""

from agent.domain.orders import Order, RefundState, ReturnParcel
from agent.domain.returns import REFUSAL, RETURN, RULING
from agent.engine.run import Run


def keep_seen(run: Run, order: Order) -> None:
    """Keep what the page shows now; each change is one line of the journal. Private texts are cut."""
    seen = {"address": order.return_address, "tracking": order.tracking, "parcel": order.parcel.value}
    if order.return_address or order.tracking or order.parcel is not ReturnParcel.NONE:
        known = run.case.facts.get(RETURN, {})  # an address may not be shown any more once the goods are back
        _keep(run, RETURN, known | {name: run.recorder.cut(text) for name, text in seen.items() if text})
    if order.refund.state is RefundState.WAIT_BUYER_MODIFY:
        _keep(run, REFUSAL, {"refund": order.refund.refund_id, "said": run.recorder.cut(order.refund.refusal)})
    if order.ruling is not None:
        shown = order.ruling.as_json()
        _keep(run, RULING, {**shown, "text": run.recorder.cut(shown["text"])})


def _keep(run: Run, name: str, shown: dict[str, str | None]) -> None:
    if shown == run.case.facts.get(name):
        return
    run.know(**{name: shown})
    run.recorder.note(name, {name: shown, "text": " · ".join(value for value in shown.values() if value)})
