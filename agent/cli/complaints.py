"""What stands in the way of open cases: stops, breakers, and runs that did not come or did not end."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from agent.app import App
from agent.cli.tables import here
from agent.cli.words import Voice
from agent.domain.cases import Path
from agent.domain.outbox import MailState
from agent.store import breakers, outbox, runs, stops

LIVE_KINDS = ("run", "close", "resume")


def complaints(app: App, voice: Voice, shops: Sequence[str]) -> list[str]:
    """Return everything that an operator of these shops should know, one line each."""

    def read(tx: Connection) -> list[str]:
        return [*_stops(tx, voice, shops), *(line for shop in shops for line in _of_shop(tx, app, voice, shop))]

    return app.db.read(read)


def _stops(tx: Connection, voice: Voice, shops: Sequence[str]) -> Iterator[str]:
    for stop in stops.standing(tx):
        if stop.shop is None or stop.shop in shops:
            option = "" if stop.shop is None else f" --shop {stop.shop}"
            yield voice.say("stop_stands", shop=stop.shop or voice.say("every_shop"), why=stop.why, option=option)


def _of_shop(tx: Connection, app: App, voice: Voice, shop: str) -> Iterator[str]:
    for path in ("", *Path):
        breaker = breakers.open_breaker(tx, shop, path)
        if breaker is not None:
            orders = ", ".join(breaker.orders) or "-"
            named, fault = voice.named("path", path or "-"), voice.named("fault", breaker.fault)
            yield voice.say("breaker_open", shop=shop, path=named, fault=fault, orders=orders)
            if breaker.detail is not None:
                yield breaker.detail
    failed = outbox.of_state(tx, shop=shop, state=MailState.FAILED)
    if failed:
        why = voice.told(failed[-1].last_error or "")
        yield voice.say("notices_failed", shop=shop, count=len(failed), why=why)
    yield from _runs(tx, app, voice, shop)


def _runs(tx: Connection, app: App, voice: Voice, shop: str) -> Iterator[str]:
    last = runs.last(tx, shop, LIVE_KINDS)
    for run in runs.unfinished(tx, shop):
        # A run that ended later has taken over what a killed one left.
        if run.kind in LIVE_KINDS and (last is None or run.started_at > last.started_at):
            yield voice.say("unfinished", shop=shop, at=here(run.started_at.isoformat()), pid=run.pid)
    if last is None or last.ended_at is None:
        return
    facts = {
        "shop": shop,
        "at": here(last.ended_at.isoformat()),
        "how": voice.told(last.how or ""),
        "code": last.exit_code,
    }
    if app.clock() - last.ended_at > app.settings.shop(shop).stale_after:
        yield voice.say("stale", **facts)
    if (last.how or "").startswith("failed"):
        yield voice.say("run_failed", **facts)
