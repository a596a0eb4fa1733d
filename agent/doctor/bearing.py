"""What an entry of a profile bears on: which acts lean on it, and which paths do these acts."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from agent.domain.acts import ActKind
from agent.domain.cases import Path, Role
from agent.domain.orders import OrderState
from page_objects.profile import ActVariant, FieldKind, Profile

_CHOICES = {FieldKind.SELECT, FieldKind.LISTBOX, FieldKind.RADIO}
_STATES = {OrderState.UNPAID: Path.UNPAID, OrderState.PAID: Path.PAID_UNSHIPPED, OrderState.SHIPPED: Path.SHIPPED}
_BOTH = frozenset({Path.PAID_UNSHIPPED, Path.SHIPPED})
# Which paths do an act at all; a test compares this with the scenarios.
PATHS: dict[ActKind, frozenset[Path]] = {
    ActKind.CLOSE: frozenset({Path.UNPAID, Path.PAID_UNSHIPPED}),
    ActKind.APPLY_REFUND: _BOTH,
    ActKind.REFUND: frozenset({Path.PAID_UNSHIPPED}),
    ActKind.AGREE_REFUND: frozenset({Path.PAID_UNSHIPPED}),
    ActKind.AGREE_RETURN: frozenset({Path.SHIPPED}),
    ActKind.CONFIRM_RETURN: frozenset({Path.SHIPPED}),
    ActKind.SEND_RETURN: frozenset({Path.SHIPPED}),
    ActKind.OPEN_DISPUTE: _BOTH,
    ActKind.SEND_MESSAGE: _BOTH | {Path.UNPAID},
    ActKind.FILE_TICKET: frozenset({Path.PAID_UNSHIPPED}),
    ActKind.REPLY_TICKET: frozenset({Path.TICKET}),
    ActKind.ANSWER_REVIEW: frozenset(),  # after the end of any path: none stops for it
    ActKind.SET_STOCK: frozenset(),  # aftercare: no path waits for it
}


class Weight(StrEnum):
    """What a difference concerns; later ones weigh more."""

    COSMETIC = "cosmetic"
    READING = "reading"
    ACTING = "acting"


class Concern(NamedTuple):
    """How much an entry weighs, and which acts lean on it."""

    weight: Weight
    acts: tuple[ActKind, ...] = ()


READING = Concern(Weight.READING)


class Bearing:
    """Knows for one profile, seen from one role, what leans on what."""

    def __init__(self, profile: Profile, role: Role) -> None:
        self._profile = profile
        self._ways = [
            (kind, variant) for kind, variants in profile.acts.items() for variant in variants if role in variant.roles
        ]

    def of(self, entry: str, where: str = "") -> Concern:
        """Return what leans on an entry; ``where`` narrows a reason to the act in whose form it was looked for."""
        match entry.split("."):
            case ["forms", name, *_]:
                return _acting(kind for kind, variant in self._ways if name in self._profile.forms_of(variant))
            case ["acts", name, *_]:
                return _acting(kind for kind, _ in self._ways if kind.value == name)
            case ["requests", name, *_] if self._profile.requests[name].kind == "mutating":
                return _acting(kind for kind, variant in self._ways if variant.request == name)
            case ["reasons", *_]:
                asking = [kind for kind, variant in self._ways if self._asks_for_a_reason(variant)]
                return _acting([kind for kind in asking if where.startswith(f"{kind} of order ")] or asking)
            case ["pages", "detail", "action_bar" | "action"]:
                return _acting(kind for kind, variant in self._ways if _offered(variant))
            case ["pages", "reviews", "answer"]:
                return _acting(kind for kind, variant in self._ways if variant.page == "reviews")
            case ["pages", "tickets", "talk", "reply"]:
                return _acting(kind for kind, variant in self._ways if variant.page == "tickets")
            case ["pages", "ticket_form" | "stock" as page, *_]:
                return _acting(kind for kind, variant in self._ways if variant.page == page)
            case _:
                return READING

    def acts_at(self, state: str) -> tuple[ActKind, ...]:
        """Return the acts whose control an order in this state may offer."""
        fitting = (kind for kind, variant in self._ways if _offered(variant) and _fits(variant, state))
        return tuple(dict.fromkeys(fitting))

    def worked_at(self, state: str) -> bool:
        """Return whether a path begins with orders in this state: others may well offer nothing."""
        return bool(state) and OrderState(state) in _STATES

    def paths(self, acts: Iterable[ActKind], state: str = "") -> tuple[Path, ...]:
        """Return the paths that do any of these acts, in a state if one is given."""
        concerned = {path for kind in acts for path in self._paths_of(kind)}
        here = _STATES.get(OrderState(state)) if state else None
        if here is not None:
            concerned &= {here}
        return tuple(path for path in Path if path in concerned)

    def _paths_of(self, kind: ActKind) -> set[Path]:
        found: set[Path] = set()
        for one, variant in self._ways:
            if one is kind:
                states = {_STATES[state] for state in variant.states if state in _STATES}
                found |= PATHS[kind] & states if variant.states else PATHS[kind]
        return found

    def _asks_for_a_reason(self, variant: ActVariant) -> bool:
        forms = [self._profile.forms[name] for name in self._profile.forms_of(variant)]
        return any(field.kind in _CHOICES and field.value is None for form in forms for field in form.fields.values())


def _offered(variant: ActVariant) -> bool:
    return variant.opener and variant.page == "detail"


def _acting(acts: Iterable[ActKind]) -> Concern:
    return Concern(Weight.ACTING, tuple(dict.fromkeys(acts)))


def _fits(variant: ActVariant, state: str) -> bool:
    return not variant.states or state in variant.states
