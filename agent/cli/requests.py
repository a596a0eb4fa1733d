"""What run, plan, close and resume do: read what is asked for, ask back, work, and show how it stands."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import typer

from agent.app import App, Overrides, longest_note
from agent.cli.call import Call
from agent.cli.display import has_display
from agent.cli.exits import FINE, STOPPED, USAGE, code_of, lines_of
from agent.cli.interrupts import Interrupts
from agent.cli.noticing import send_due, tell_troubles
from agent.cli.opened import opened
from agent.cli.ruling import choices_json, chosen_by_rule, show_choices
from agent.cli.screen import Screen
from agent.cli.supervising import supervisor
from agent.cli.tables import show_cases
from agent.cli.trying import try_out
from agent.cli.working import Job, Way, Worked, is_open, work_shop
from agent.desk import proof_file
from agent.domain.cases import NOTE_CHARACTERS, CloseRequest, Consent
from agent.domain.ids import OrderId, parse_order_id
from agent.domain.money import Fen, parse_yuan
from agent.domain.reasons import Reason, parse_reason
from agent.domain.stock import SKU_CHARACTERS, STOCK, WantedStock, parse_stock
from agent.engine.shop_run import Mode
from agent.errors import ClosewrightError, ConfigError, ShopBusy
from agent.evidence.words import reason_phrase
from agent.request_file import read_requests
from agent.settings import RuleLimits, load

_CONSENT_WORDS = {"": Consent.NONE, "yes": Consent.DECLARED, "no": Consent.DENIED}


@dataclass(frozen=True, slots=True)
class Asks:
    """What asks for orders: a file, or a rule of the settings."""

    file: Path | None
    rule: str | None

    def check(self) -> None:
        """Refuse both, and neither.

        Raises:
            ConfigError: it is one of these.
        """
        if self.file is not None and self.rule is not None:
            raise ConfigError(["FILE and --rule: choose one; each asks for its own orders"])
        if self.file is None and self.rule is None:
            raise ConfigError(["FILE or --rule NAME is missing: say which orders are meant"])


@dataclass(frozen=True, slots=True)
class Wanted:
    """How requests are to be run."""

    shop: str
    rehearse: bool
    limit_orders: int | None
    limit_amount: str | None
    yes: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """One order to close, as the command line says it."""

    order_id: str
    shop: str
    reason: str
    consent: str
    note: str
    stock: str
    sku: str
    rehearse: bool
    supervised: bool


def run_orders(call: Call, asks: Asks, wanted: Wanted, way: Way) -> int:
    """Close, or rehearse to close, the orders that a file or a rule asks for; return the exit code.

    Raises:
        ConfigError: file, rule, settings or options are wrong; nothing was done.
        ShopBusy: another live run holds the shop; nothing was done.
        ClosewrightError: the list that the rule is about cannot be read; nothing was done.
    """
    overrides = Overrides(limit_orders=wanted.limit_orders, limit_amount=_limit(wanted.limit_amount))
    asks.check()
    if asks.file is not None:
        requests = read_requests(asks.file, longest_note=_longest_note(call, wanted.shop)).requests
        with opened(call, as_json=way.json) as (app, screen):
            app.settings.shop(wanted.shop)
            return _run(app, screen, requests, wanted, way, overrides=overrides)
    rule = str(asks.rule)
    with opened(call, as_json=way.json) as (app, screen):
        app.settings.shop(wanted.shop)
        limits = app.settings.rule(rule).limits
        if not (wanted.yes or wanted.rehearse) and _no_terminal(screen):
            return USAGE
        with app.hold(wanted.shop):  # the list is read for a run: one that is under way would only be disturbed
            chosen = chosen_by_rule(app, screen, wanted.shop, rule, headed=way.headed)
        overrides = _least(overrides, limits)
        return _run(app, screen, chosen.requests(), wanted, way, overrides=overrides, more=choices_json(chosen))


def _run(
    app: App,
    screen: Screen,
    requests: Sequence[CloseRequest],
    wanted: Wanted,
    way: Way,
    *,
    overrides: Overrides,
    more: Mapping[str, Any] | None = None,
) -> int:
    if wanted.rehearse:
        return try_out(app, screen, wanted.shop, requests, mode=Mode.REHEARSE, way=way, more=more)
    refused = None if wanted.yes or not requests else _not_confirmed(app, screen, wanted.shop, requests)
    if refused is not None:
        return refused
    return _work(app, screen, [Job(wanted.shop, "run", requests, overrides)], way, more=more)


def plan_orders(call: Call, asks: Asks, shop: str, way: Way) -> int:
    """Say what would be done to each order that a file or a rule asks for; return the exit code.

    Raises:
        ConfigError: file, rule or settings are wrong.
        ClosewrightError: the list that the rule is about cannot be read.
    """
    asks.check()
    if asks.file is not None:
        requests = read_requests(asks.file, longest_note=_longest_note(call, shop)).requests
        with opened(call, as_json=way.json) as (app, screen):
            return try_out(app, screen, shop, requests, mode=Mode.PLAN, way=way)
    with opened(call, as_json=way.json) as (app, screen):
        chosen = chosen_by_rule(app, screen, shop, str(asks.rule), headed=way.headed)
        show_choices(screen, chosen)
        more = choices_json(chosen)
        return try_out(app, screen, shop, chosen.requests(), mode=Mode.PLAN, way=way, more=more)


def close_one(call: Call, asked: Asked, way: Way) -> int:
    """Close, or rehearse to close, one order; return the exit code.

    Raises:
        ConfigError: options or settings are wrong; nothing was done.
        ShopBusy: another live run holds the shop; nothing was done.
    """
    request = _request_of(asked, _longest_note(call, asked.shop))
    if asked.supervised:
        _must_have_display()
    with opened(call, as_json=way.json) as (app, screen):
        if asked.rehearse:
            return try_out(app, screen, asked.shop, [request], mode=Mode.REHEARSE, way=way)
        supervise = supervisor(screen) if asked.supervised else None
        return _work(app, screen, [Job(asked.shop, "close", [request], supervise=supervise)], way)


def resume_shops(call: Call, shop: str | None, way: Way) -> int:
    """Go on with the open cases of one shop or of all; return the exit code.

    Raises:
        ConfigError: the settings are wrong; nothing was done.
        ShopBusy: another live run holds the only shop; nothing was done.
    """
    with opened(call, as_json=way.json) as (app, screen):
        names = list(app.settings.shops) if shop is None else [shop]
        for name in names:
            app.settings.shop(name)
        return _work(app, screen, [Job(name, "resume") for name in names], way)


def _work(app: App, screen: Screen, jobs: Sequence[Job], way: Way, *, more: Mapping[str, Any] | None = None) -> int:
    done: list[tuple[Job, Worked]] = []
    codes = [FINE]
    with Interrupts(lambda: screen.tell("interrupting")) as interrupts:
        for job in jobs:
            if interrupts.count:
                codes.append(STOPPED)
                break
            try:
                done.append((job, work_shop(app, screen, job, way, interrupts)))
            except ClosewrightError as fault:
                if len(jobs) == 1:
                    raise
                codes.append(_told(screen, job, fault))  # one shop's trouble is not the next one's
    show_cases(screen, [case for _, worked in done for case in worked.cases], more)
    for job, worked in done:
        _tell_end(screen, job, worked)
    if done and not interrupts.count:  # what could not be sent is sent later, and no fault of the work
        tell_troubles(screen, send_due(app, [job.shop for job, _ in done]))
    return max(codes + [worked.code for _, worked in done])


def _told(screen: Screen, job: Job, fault: ClosewrightError) -> int:
    for line in lines_of(fault, screen.voice):
        screen.note(line if isinstance(fault, ShopBusy) else f"{line} ({job.shop})")
    return code_of(fault)


def _tell_end(screen: Screen, job: Job, worked: Worked) -> None:
    if worked.end.stopped_by is not None:
        screen.tell("stopped", why=screen.voice.told(str(worked.end.stopped_by)))
    elif worked.end.interrupted:
        screen.tell("interrupted")
    still_open = sum(is_open(case) for case in worked.cases)
    if still_open:
        screen.tell("open", count=still_open, shop=job.shop)
    elif not worked.cases:
        screen.tell("nothing_due")


# --- Before a run


def _not_confirmed(app: App, screen: Screen, shop: str, requests: Sequence[CloseRequest]) -> int | None:
    """Ask once on the terminal; return the exit code where the answer is not yes."""
    if _no_terminal(screen):
        return USAGE
    settings = app.settings.shop(shop)
    reasons = Counter(request.reason for request in requests).most_common()
    said = screen.voice.say(
        "confirm",
        shop=shop,
        portal=settings.portal,
        role=settings.role,
        orders=len(requests),
        reasons=", ".join(f"{screen.voice.of(reason_phrase(reason))} {count}" for reason, count in reasons),
    )
    if typer.confirm(said, err=True):
        return None
    screen.tell("declined")
    return STOPPED


def _no_terminal(screen: Screen) -> bool:
    """Say so where there is no terminal to ask on."""
    if sys.stdin.isatty():
        return False
    screen.tell("no_terminal")
    return True


def _least(overrides: Overrides, limits: RuleLimits) -> Overrides:
    """Return the smaller of what the command line and a rule allow to one run."""
    orders = [most for most in (overrides.limit_orders, limits.orders_per_run) if most is not None]
    amounts = [most for most in (overrides.limit_amount, limits.amount_per_run) if most is not None]
    return replace(overrides, limit_orders=min(orders, default=None), limit_amount=min(amounts, default=None))


def _limit(text: str | None) -> Fen | None:
    if text is None:
        return None
    try:
        amount = parse_yuan(text)
    except ValueError as fault:
        raise ConfigError([f"--limit-amount: {fault}"]) from None
    if amount < 0:
        raise ConfigError(["--limit-amount: must not be less than 0"])
    return amount


def _longest_note(call: Call, shop: str) -> int:
    """Return what the forms of a shop's portal take of a note; what is wrong with it is told once it is opened."""
    with suppress(ConfigError):
        return longest_note(load(call.config).shop(shop))
    return NOTE_CHARACTERS


def _request_of(asked: Asked, longest: int) -> CloseRequest:
    """Return the request that the command line makes.

    Raises:
        ConfigError: naming every option that is wrong.
    """
    faults: list[str] = []
    order_id, reason = _order_id(asked.order_id, faults), _reason(asked.reason, faults)
    consent, proof = _consent(asked.consent, faults)
    if reason is Reason.OTHER and not asked.note.strip():
        faults.append("--note: the reason 'other' needs a note that says why")
    if len(asked.note) > longest or not asked.note.isprintable():
        faults.append(f"--note: must be one line of at most {longest} characters")
    stock = _stock(asked, reason, faults)
    if asked.supervised and asked.rehearse:
        faults.append("--supervised and --rehearse: choose one; a rehearsal lets nothing out")
    if faults or order_id is None or reason is None:
        raise ConfigError(faults)
    source: dict[str, Any] = {"command": "close"}
    if stock != WantedStock():
        source[STOCK] = stock.as_json()
    return CloseRequest(order_id, reason, consent, proof, asked.note.strip(), source)


def _stock(asked: Asked, reason: Reason | None, faults: list[str]) -> WantedStock:
    number = 0
    try:
        number = parse_stock(asked.stock.strip()) if asked.stock else 0
    except ValueError as fault:
        faults.append(f"--stock: {fault}")
    if not asked.sku.isprintable() or len(asked.sku) > SKU_CHARACTERS:
        faults.append(f"--sku: must be one line of at most {SKU_CHARACTERS} characters")
    if (asked.stock or asked.sku) and reason not in {None, Reason.OUT_OF_STOCK}:
        faults.append("--stock and --sku: go with --reason out_of_stock")
    return WantedStock(number, asked.sku.strip())


def _order_id(text: str, faults: list[str]) -> OrderId | None:
    try:
        return parse_order_id(text)
    except ValueError as fault:
        faults.append(f"ORDER_ID: {fault}")
        return None


def _reason(text: str, faults: list[str]) -> Reason | None:
    try:
        return parse_reason(text)
    except ValueError as fault:
        faults.append(f"--reason: {fault}")
        return None


def _consent(text: str, faults: list[str]) -> tuple[Consent, str | None]:
    word = text.strip().casefold()
    if word in _CONSENT_WORDS:
        return _CONSENT_WORDS[word], None
    try:
        return Consent.PROVED, proof_file(Path(text))
    except ConfigError as fault:
        faults.extend(f"--consent: {line}" for line in fault.faults)
        return Consent.NONE, None


def _must_have_display() -> None:
    if not sys.stdin.isatty():
        raise ConfigError(["--supervised: needs a terminal, on which a person types the order id"])
    if not has_display():
        raise ConfigError(
            ["--supervised: needs a display for the browser window; DISPLAY and WAYLAND_DISPLAY are unset"]
        )
