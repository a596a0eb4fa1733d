"""The whole profile, and whether what its tables say of each other is true."""

from collections.abc import Sequence
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, model_validator

from agent.domain.acts import ActKind
from agent.domain.cases import Role
from agent.domain.reasons import Reason
from agent.errors import PageChanged
from page_objects.profile.acts import ActVariant
from page_objects.profile.detail_page import DETAIL_FIELDS
from page_objects.profile.forms import Form
from page_objects.profile.order_key import ORDER_KEY
from page_objects.profile.pages import Pages
from page_objects.profile.private import Private
from page_objects.profile.requests import RequestRule
from page_objects.profile.signals import Identity, Popup, Signals
from page_objects.profile.strict import Faults, Strict, Words
from page_objects.profile.targets import Target
from page_objects.profile.words import ReasonWords, WordTables


class Unverified(Strict):
    """Entries that nobody has seen on the live portal, as patterns over dotted paths (``pages.detail.*``)."""

    read: Words = ()  # doctor confirms them, read-only
    act: Words = ()  # only a supervised act confirms them


class MoneyFormat(Strict):
    """How the portal writes amounts: what stands before or after the figures."""

    marks: Words = ("¥", "￥", "CNY", "RMB", "元")
    pairs: bool = False  # a second amount may stand behind one, such as that without tax; the first counts


class NewChats(Strict):
    """How many conversations may begin within a while; above that the portal asks for a person."""

    most: int = Field(ge=1)
    within_s: float = Field(gt=0)


class Profile(Strict):
    """One back office.

    ``language`` is that of its pages, and what the browser asks for; ``loader`` lays another one over it. ``max_lanes``
    is how many pages of one session can be worked at once: one, where a message may show on whichever page comes next.
    """

    format: Literal[1]
    name: str
    title: str
    version: str
    roles: tuple[Role, ...]
    language: str = "zh-CN"
    zone: str = "Asia/Shanghai"
    money: MoneyFormat = MoneyFormat()
    base_url: str | None = None  # None: the shop says it
    hosts: Words
    deny_paths: Words = ()
    websockets: Words = ()
    settle_s: float = Field(gt=0)
    arrive_s: float = Field(default=15, gt=0)
    min_age_s: float = Field(default=0, ge=0)
    message_limit: int = 500
    new_chats: NewChats | None = None
    max_lanes: int | None = Field(default=None, ge=1)
    frames: dict[str, Target] = Field(default_factory=dict)
    identity: Identity | None = None
    signals: Signals
    popups: tuple[Popup, ...] = ()
    busy: Target | None = None
    pages: Pages
    words: WordTables
    reasons: dict[Reason, ReasonWords] = Field(default_factory=dict)  # none: the portal keeps no reason
    forms: dict[str, Form]
    acts: dict[ActKind, tuple[ActVariant, ...]]
    requests: dict[str, RequestRule]
    private: Private
    unverified: Unverified = Unverified()

    def acts_of(self, role: Role) -> frozenset[ActKind]:
        """Return the acts that this portal has for a role, by themselves or as what another one sends next."""
        variants = [(kind, variant) for kind, ways in self.acts.items() for variant in ways if role in variant.roles]
        return frozenset(kind for kind, _ in variants) | {way.then.act for _, way in variants if way.then is not None}

    def reason_words(self, reason: Reason) -> ReasonWords:
        """Return how a reason is chosen.

        Raises:
            PageChanged: the profile does not say.
        """
        if not self.reasons:
            return ReasonWords(labels=(), codes=())
        if reason not in self.reasons:
            raise PageChanged(f"the profile has no [reasons.{reason}]")
        return self.reasons[reason]

    def forms_of(self, variant: ActVariant) -> tuple[str, ...]:
        """Return the names of the forms that an act goes through, the last of which sends it."""
        names: list[str] = []
        name: str | None = variant.form
        while name is not None and name not in names and name in self.forms:
            names.append(name)
            name = self.forms[name].then
        return tuple(names)

    def wants_files(self, variant: ActVariant, reason: Reason) -> bool:
        """Return whether the portal takes an act for this reason only with files."""
        fields = (field for name in self.forms_of(variant) for field in self.forms[name].fields.values())
        return any(reason in field.needed_for for field in fields)

    def lengths_of(self, kind: ActKind) -> tuple[int, int] | None:
        """Return the least and the most characters that the text of an act may have in all of its ways."""
        ways = [name for variant in self.acts.get(kind, ()) for name in self.forms_of(variant)]
        fields = [field for name in ways if (field := self.forms[name].fields.get("text")) is not None]
        most = [field.max_length for field in fields if field.max_length is not None]
        return (max(field.min_length or 0 for field in fields), min(most)) if most else None

    @model_validator(mode="after")
    def _references(self) -> Self:
        faults = [
            *self._act_faults(),
            *self._form_faults(),
            *self._page_faults(),
            *self._key_faults(),
            *self._zone_faults(),
        ]
        if faults:
            raise Faults(faults)
        return self

    def _zone_faults(self) -> list[str]:
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError):
            return [f"zone: {self.zone!r} is not a time zone; write one such as Asia/Shanghai"]
        return []

    def _act_faults(self) -> list[str]:
        faults: list[str] = []
        for kind, variants in self.acts.items():
            for at, variant in enumerate(variants):
                where = f"acts.{kind}[{at}]"
                if variant.form not in self.forms:
                    faults.append(f"{where}.form: no [forms.{variant.form}]")
                for name in variant.requests:
                    rule = self.requests.get(name)
                    if rule is None or rule.kind != "mutating":
                        faults.append(f"{where}.request: no mutating [requests.{name}]")
                if variant.then is not None and (kind is not ActKind.CLOSE or variant.then.request == variant.request):
                    faults.append(f"{where}.then: only close is followed, by another request than its own")
                faults += self._subject_faults(where, kind, variant)
                control = variant.control or kind
                if variant.opener and variant.page != "stock" and control.value not in self.words.controls:
                    faults.append(f"{where}: [words.controls] has no {control}")
                if variant.menu is not None and (
                    variant.page != "detail" or variant.menu not in self.pages.detail.menus
                ):
                    faults.append(f"{where}.menu: no [pages.detail.menus.{variant.menu}]")
                if getattr(self.pages, variant.page) is None:
                    faults.append(f"{where}.page: no [pages.{variant.page}]")
        return faults

    def _subject_faults(self, where: str, kind: ActKind, variant: ActVariant) -> list[str]:
        """Say where an act is not bound to what it changes: its SKU for a stock, its order for all else."""
        if (kind is ActKind.REPLY_TICKET) != (variant.page == "tickets"):
            return [f"{where}.page: tickets is where reply_ticket begins, and nothing else"]
        if (kind is ActKind.SET_STOCK) != (variant.page == "stock"):
            return [f"{where}.page: stock is where set_stock begins, and nothing else"]
        forms = [self.forms[name] for name in self.forms_of(variant)]
        rules = [self.requests[name] for name in variant.requests if name in self.requests]
        if kind is not ActKind.SET_STOCK:
            unnamed = [f"{where}.form: a form of it has no order_id" for form in forms if form.order_id is None]
            if kind is ActKind.REPLY_TICKET:
                unnamed += self._reply_faults(where, forms, rules)
            return unnamed + [f"{where}.request: does not name the order" for rule in rules if not rule.names_order]
        faults = [f"{where}.form: a form of it has no sku" for form in forms if form.sku is None]
        if forms and not any("stock" in form.fields for form in forms):
            faults.append(f"{where}.form: has no fields.stock")
        unbound = [rule for rule in rules if not {"sku", "stock"} <= rule.compared]
        return faults + [f"{where}.request: needs fields.sku and fields.stock" for _ in unbound]

    def _reply_faults(self, where: str, forms: Sequence[Form], rules: Sequence[RequestRule]) -> list[str]:
        """Say where a reply is not bound to its ticket, or could not be seen in it."""
        talk = self.pages.tickets.talk if self.pages.tickets is not None else None
        faults = [f"{where}.form: a form of it has no ticket" for form in forms if form.ticket is None]
        faults += [
            f"{where}.request: needs fields.ticket and fields.text"
            for rule in rules
            if not {"ticket", "text"} <= rule.compared
        ]
        if talk is None or talk.reply is None:
            faults.append(f"{where}.page: needs [pages.tickets.talk] with reply")
        return faults

    def _form_faults(self) -> list[str]:
        faults: list[str] = []
        for name, form in self.forms.items():
            if form.then is not None and form.then not in self.forms:
                faults.append(f"forms.{name}.then: no [forms.{form.then}]")
        for first in {variant.form: variant for variants in self.acts.values() for variant in variants}.values():
            chain = self.forms_of(first)
            last = self.forms[chain[-1]] if chain else None
            if last is not None and last.then in chain:
                faults.append(f"forms.{chain[-1]}.then: {last.then} comes before it, and no form would be the last")
            named: dict[str, str] = {}
            faults += [
                f"forms.{name}.fields.{field}: has the same name as in forms.{named[field]}, which comes before it"
                for name in chain
                for field in self.forms[name].fields
                if named.setdefault(field, name) != name
            ]
        return faults

    def _key_faults(self) -> list[str]:
        key = self.pages.detail.key
        if key is None and self.signals.absent is None:
            return ["signals.absent: is missing, and without [pages.detail.key] no list is asked for an order"]
        known = {ORDER_KEY, *key.parts} if key is not None else set()
        faults = [
            f"requests.{name}.fields: {field} is not told by [pages.detail.key]"
            for name, rule in self.requests.items()
            for field in sorted(rule.keys - known)
        ]
        lines = set(key.lines) if key is not None else set()
        faults += [
            f"requests.{name}.rows: {told} is not one of [pages.detail.key.lines]"
            for name, rule in self.requests.items()
            for told in sorted(set(rule.rows) - lines)
        ]
        read = self.requests.get(key.request) if key is not None else None
        if key is not None and (read is None or read.kind != "read"):
            faults.append(f"pages.detail.key.request: no read [requests.{key.request}]")
        return faults

    def _page_faults(self) -> list[str]:
        faults: list[str] = []
        for name, page in self.pages:
            if page is not None and page.frame is not None and page.frame not in self.frames:
                faults.append(f"pages.{name}.frame: no [frames] entry {page.frame!r}")
        known = set(DETAIL_FIELDS)
        faults += [
            f"pages.detail.{where}.{field}: not a field; use one of {', '.join(DETAIL_FIELDS)}"
            for where, named in (("fields", self.pages.detail.fields), ("shown", self.pages.detail.shown))
            for field in named
            if field not in known
        ]
        faults += [
            f"pages.detail.fields: {field} is missing"
            for field in self.pages.detail.needed_fields
            if field not in self.pages.detail.fields
        ]
        faults += [
            f"private.fields: {field} is not in pages.detail.fields"
            for field in self.private.fields
            if field not in {*self.pages.detail.fields, *self.pages.detail.shown}
        ]
        return faults


def raw_entries(data: Any, prefix: str = "") -> list[str]:
    """Return the dotted paths of all leaves and tables of a profile as read from its file."""
    paths: list[str] = []
    if isinstance(data, dict):
        for key, value in data.items():
            path = f"{prefix}.{key}" if prefix else str(key)
            paths.append(path)
            paths += raw_entries(value, path)
    return paths
