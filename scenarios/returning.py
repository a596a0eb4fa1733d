"""What an order's page shows of the goods on their way back and of the platform's ruling, kept with the case."""

from agent.domain.orders import Order
from agent.domain.returns import RULING
from agent.engine.run import Run


def keep_seen(run: Run, order: Order) -> None:
    """Keep what the page shows now; each change is one line of the journal. Private texts are cut."""
    if order.ruling is not None:
        shown = order.ruling.as_json()
        _keep(run, RULING, {**shown, "text": run.recorder.cut(shown["text"])})


def _keep(run: Run, name: str, shown: dict[str, str | None]) -> None:
    if shown == run.case.facts.get(name):
        return
    run.know(**{name: shown})
    run.recorder.note(name, {name: shown, "text": " · ".join(value for value in shown.values() if value)})
