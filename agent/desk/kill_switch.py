"""Stopping and starting shops."""

from dataclasses import dataclass

from sqlalchemy import Connection

from agent.app import App
from agent.errors import ConfigError
from agent.store import breakers, stops


@dataclass(frozen=True, slots=True)
class Started:
    """What a start has lifted."""

    stops: int
    breakers: int


def stop(app: App, shop: str | None, *, why: str) -> None:
    """Stop one shop, or all: from now on no request leaves.

    Raises:
        ConfigError: there is no such shop, or no reason is given.
    """
    _must_know(app, shop)
    if not why.strip():
        raise ConfigError(["--why: say why, for those who find it stopped"])
    now = app.clock()
    app.db.write(lambda tx: stops.stop(tx, shop=shop, why=why, actor=app.actor, now=now))


def start(app: App, shop: str | None) -> Started:
    """Lift the stops of one shop, or the general ones, and close the breakers that opened.

    Raises:
        ConfigError: there is no such shop.
    """
    _must_know(app, shop)
    now = app.clock()

    def work(tx: Connection) -> Started:
        return Started(stops.start(tx, shop=shop, actor=app.actor, now=now), breakers.reset(tx, shop))

    return app.db.write(work)


def _must_know(app: App, shop: str | None) -> None:
    if shop is not None:
        app.settings.shop(shop)
