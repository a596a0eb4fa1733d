"""What report does."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from agent.app import App
from agent.cli.call import Call
from agent.cli.opened import opened
from agent.cli.screen import Screen
from agent.domain.cases import Case
from agent.errors import ConfigError
from agent.report import html, xlsx
from agent.report.advice import Thresholds
from agent.settings import parse_duration
from agent.store import cases
from agent.summary import report_cases

_SUFFIXES = (".html", ".xlsx")


def write_report(call: Call, to: Path, *, since: str | None, shop: str | None) -> int:
    """Write a report of cases; return the exit code.

    Raises:
        ConfigError: an option is wrong, or the file cannot be written.
        EvidenceBroken: a picture has changed since it was kept.
    """
    if to.suffix.lower() not in _SUFFIXES:
        raise ConfigError([f"--to: {to} must end in .html or .xlsx"])
    with opened(call) as (app, screen):
        if shop is not None:
            app.settings.shop(shop)
        after = None if since is None else _moment(since, app.clock())
        found = app.db.read(lambda tx: cases.listing(tx, shop=shop, since=after))
        write_cases(app, screen, found, to)
        screen.bare(str(to.absolute()))
    return 0


def write_cases(app: App, screen: Screen, found: Sequence[Case], to: Path) -> None:
    """Write a report of these cases, as its suffix says.

    Raises:
        ConfigError: the file cannot be written.
        EvidenceBroken: a picture has changed since it was kept.
    """
    listed = report_cases(app.db, app.blobs, found)
    try:
        if to.suffix.lower() == ".xlsx":
            zone = app.clock().astimezone().tzinfo
            xlsx.write(listed, to, zone=zone, language=screen.voice.language.value, thresholds=_thresholds(app))
            return
        html.write(
            listed,
            to,
            title=screen.voice.say("report_title"),
            generated_at=app.clock().astimezone(),
            blobs=app.blobs,
            shop_meta=_shop_meta(app, found),
            language=screen.voice.language.value,
            thresholds=_thresholds(app),
        )
    except OSError as fault:
        raise ConfigError([f"--to: {to} cannot be written ({fault.strerror}): name another file"]) from fault


def _thresholds(app: App) -> Thresholds:
    settings = app.settings.advice
    return Thresholds(
        product_info_errors=settings.product_info_errors,
        unpaid_timeouts=settings.unpaid_timeouts,
        stock_outs=settings.stock_outs,
        remind_after=settings.remind_after,
        reminds=any(rule.remind_after is not None for rule in app.settings.rules.values()),
    )


def _shop_meta(app: App, found: Sequence[Case]) -> dict[str, str]:
    names = list(dict.fromkeys(case.shop for case in found))
    if len(names) != 1 or names[0] not in app.settings.shops:
        return {"shop": ", ".join(names)} if names else {}
    shop = app.settings.shop(names[0])
    return {"shop": names[0], "portal": shop.portal, "role": shop.role.value, "account": shop.username}


def _moment(text: str, now: datetime) -> datetime:
    """Return the time that ``2026-11-01``, ``2026-11-01T08:00`` (here) or ``7d`` (ago) names."""
    try:
        return now - parse_duration(text)
    except ValueError:
        pass  # not a span of time: a date then
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise ConfigError([f"--since: {text!r} must be a date such as 2026-11-01, or a time ago such as 7d"]) from None
