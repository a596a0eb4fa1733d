"""Requests that are known, and how the answers to them are understood."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StrictBool, StrictInt, StrictStr, model_validator

from page_objects.profile.order_key import KEY_END
from page_objects.profile.strict import Strict, Words

ORDER_IN_PATH = "{order_id}"
Statuses = Annotated[tuple[int, ...], BeforeValidator(lambda value: (value,) if isinstance(value, int) else value)]


class BodyKind(StrEnum):
    """How a request carries its fields."""

    NONE = "none"
    FORM = "form"
    JSON = "json"
    GRAPHQL = "graphql"
    MULTIPART = "multipart"
    QUERY = "query"


class Sign(Strict):
    """What an answer must show: every condition that is given."""

    status: Statuses = ()
    json_equals: dict[str, StrictBool | StrictInt | StrictStr | tuple[str, ...]] = Field(default_factory=dict)
    location: Words = ()  # parts of the address that a redirect leads to
    text: Words = ()  # parts of the body, any of which must stand there

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.status or self.json_equals or self.location or self.text):
            raise ValueError("give status, json_equals, location or text")
        return self


class AnswerRules(Strict):
    """How the answer to a mutating request is understood; what fits nothing is unknown.

    ``nothing_done`` is an answer that says the request was turned away before it could do anything, such as a
    lost session. ``request_id``, ``code`` and ``message`` are ``json:dotted.path`` or ``header:name``. ``too_new``,
    ``stale`` (a refusal because the page that was decided on is out of date) and ``second_factor`` (a code by SMS is
    wanted first; nothing was done) are codes, parts of the body, or parts of the address that it leads to.
    """

    accepted: Sign
    refused: Sign | None = None
    nothing_done: Sign | None = None
    request_id: str | None = None
    code: str | None = None
    message: str | None = None
    too_new: Words = ()
    stale: Words = ()
    second_factor: Words = ()


class Rows(Strict):
    """A list in a request whose rows name lines of the order: where it stands, and the two names in each row."""

    at: str
    key: str
    quantity: str


class RequestRule(Strict):
    """One request that the last-hop gate knows.

    ``{order_id}`` in ``path`` stands for the order's id. ``operation`` holds the values in the body that tell requests
    of one path apart, ``without`` the names that must not stand there; ``lists`` those that a form may give several
    times, ``rows`` those that name lines of the order. ``root`` is the root field of a GraphQL operation, and fields
    are then named below it, each argument of a change among them; a GraphQL read without any is every query.
    """

    kind: Literal["read", "mutating"]
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    path: str
    body: BodyKind = BodyKind.NONE
    fields: dict[str, str] = Field(default_factory=dict)
    operation: dict[str, Words] = Field(default_factory=dict)
    without: Words = ()
    lists: Words = ()
    root: Words = ()
    rows: dict[str, Rows] = Field(default_factory=dict)
    answer: AnswerRules | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        named = self.names_order or "sku" in self.fields
        if self.kind == "mutating" and (self.answer is None or not named):
            raise ValueError("a mutating request needs answer, and fields.order_id or {order_id} in its path")
        if not self.path.startswith("/"):
            raise ValueError("path starts with /")
        self._check_graphql()
        return self

    @property
    def compared(self) -> frozenset[str]:
        """The names under which a held request's values are compared with what was meant."""
        return frozenset(self.fields) | frozenset(self.rows)

    @property
    def names_order(self) -> bool:
        """Whether it says for which order it is."""
        return "order_id" in self.fields or ORDER_IN_PATH in self.path or bool(self.keys)

    @property
    def keys(self) -> frozenset[str]:
        """The fields that hold a key of the portal's own instead of the order's id."""
        return frozenset(field for field in self.fields if field.endswith(KEY_END))

    def _check_graphql(self) -> None:
        speaks = self.body is BodyKind.GRAPHQL
        if speaks and self.method != "POST":
            raise ValueError("body = 'graphql' goes with POST")
        if self.root and not speaks:
            raise ValueError("root goes with body = 'graphql'")
        if speaks and self.kind == "mutating" and len(self.root) != 1:
            raise ValueError("a mutating request with body = 'graphql' needs root, the one field that it changes")
