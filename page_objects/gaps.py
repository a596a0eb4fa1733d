"""What a profile leaves open, act by act: what stops an act, and what only makes it lean on a person."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from agent.domain.acts import ActKind
from agent.domain.cases import Role
from agent.domain.orders import OrderState
from agent.domain.reasons import Reason
from page_objects.loader import LoadedProfile
from page_objects.profile import ActVariant, FieldKind, Profile

# Acts that move an amount, which something has to compare.
_OF_MONEY = frozenset(
    {ActKind.APPLY_REFUND, ActKind.REFUND, ActKind.AGREE_REFUND, ActKind.AGREE_RETURN, ActKind.CONFIRM_RETURN}
)
_CHOICES = frozenset({FieldKind.SELECT, FieldKind.LISTBOX, FieldKind.RADIO})
_NEEDED_STATES = (OrderState.UNPAID, OrderState.PAID, OrderState.SHIPPED, OrderState.CLOSED)


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that a profile leaves open; ``key`` names the sentence that tells it.

    Attributes:
        stops: nothing is acted on while it is open; else an act works, and asks a person more often.
    """

    key: str
    stops: bool
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ActGaps:
    """What is open of one act in one role; ``described`` says whether the profile has the act at all."""

    act: ActKind
    role: Role
    described: bool
    gaps: tuple[Gap, ...]

    @property
    def works(self) -> bool:
        """Whether the act can be made by this profile."""
        return self.described and not any(gap.stops for gap in self.gaps)


def gaps_of(loaded: LoadedProfile) -> tuple[list[Gap], list[ActGaps]]:
    """Return what is open of the profile as a whole, and of each act in each of its roles."""
    profile = loaded.profile
    acts = [
        ActGaps(act, role, bool(variants), _each_once(_all_of(loaded, act, variants)))
        for role in profile.roles
        for act in ActKind
        for variants in [[one for one in profile.acts.get(act, ()) if role in one.roles]]
    ]
    return list(_of_the_whole(loaded)), acts


def _each_once(gaps: Iterator[Gap]) -> tuple[Gap, ...]:
    found: list[Gap] = []
    for gap in gaps:
        if gap not in found:
            found.append(gap)
    return tuple(found)


def _of_the_whole(loaded: LoadedProfile) -> Iterator[Gap]:
    profile = loaded.profile
    if profile.identity is None:
        yield Gap("gap_identity", stops=True)
    for state in _NEEDED_STATES:
        if not profile.words.order_state.get(state.value):
            yield Gap("gap_state", stops=state in {OrderState.UNPAID, OrderState.CLOSED}, facts={"state": state.value})
    if profile.signals.human_check is None:
        yield Gap("gap_human_check", stops=False)
    private = profile.private
    if not (private.fields or private.targets):
        yield Gap("gap_private", stops=False)
    if loaded.unverified_read:
        yield Gap("gap_unread", stops=True, facts={"count": str(len(loaded.unverified_read))})


def _all_of(loaded: LoadedProfile, act: ActKind, variants: list[ActVariant]) -> Iterator[Gap]:
    for variant in variants:
        yield from _of_act(loaded.profile, act, variant)
    unproved = {entry for variant in variants for entry in _unproved(loaded, act, variant)}
    if unproved:
        yield Gap("gap_unproved", stops=True, facts={"count": str(len(unproved))})


def _unproved(loaded: LoadedProfile, act: ActKind, variant: ActVariant) -> set[str]:
    forms = (f"forms.{name}" for name in loaded.profile.forms_of(variant))
    roots = (f"acts.{act}", *forms, *(f"requests.{name}" for name in variant.requests))
    # By whole names: forms.close is not the beginning of forms.close_paid.
    return {one for one in loaded.unverified_act if any(one == root or one.startswith(f"{root}.") for root in roots)}


def _of_act(profile: Profile, act: ActKind, variant: ActVariant) -> Iterator[Gap]:
    form, rule = profile.forms[variant.form], profile.requests[variant.request]
    fields = {name: field for each in profile.forms_of(variant) for name, field in profile.forms[each].fields.items()}
    where = {"form": variant.form, "request": variant.request, "act": act.value}
    chosen = fields.get("reason")
    if chosen is not None and chosen.kind in _CHOICES:
        missing = sorted(set(Reason) - set(profile.reasons))
        if missing:
            yield Gap("gap_reasons", stops=False, facts={"reasons": ", ".join(missing)})
        if "reason" not in rule.fields:
            yield Gap("gap_reason_unchecked", stops=False, facts=where)
    compared = "amount" in fields or {"amount_yuan", "amount_fen"} & set(rule.fields)
    if act in _OF_MONEY and not compared:
        yield Gap("gap_amount", stops=False, facts=where)
    if form.dismiss is None and variant.opener:
        yield Gap("gap_dismiss", stops=False, facts=where)
    yield from _of_proof(profile, act, variant)


def _of_proof(profile: Profile, act: ActKind, variant: ActVariant) -> Iterator[Gap]:
    answer = profile.requests[variant.request].answer
    where = {"request": variant.request, "act": act.value}
    if answer is not None and answer.refused is None and variant.refused is None:
        yield Gap("gap_refused", stops=False, facts=where)
    if answer is not None and answer.nothing_done is None:
        yield Gap("gap_nothing_done", stops=False, facts=where)
    if act is ActKind.CLOSE and not profile.pages.detail.tells("closed_by"):
        yield Gap("gap_record", stops=False)
    if act is ActKind.SEND_MESSAGE and profile.pages.thread is None:
        yield Gap("gap_thread", stops=True)
    if act is ActKind.FILE_TICKET and profile.pages.tickets is None:
        yield Gap("gap_tickets", stops=True)
