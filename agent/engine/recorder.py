"""Writes down what a pass saw and did: pictures and texts as blobs, lines for the journal; private texts cut."""

import asyncio
import json
import mimetypes
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection

from agent.browser import capture
from agent.browser.gate import Answer, HeldRequest
from agent.engine.shop_run import ShopRun
from agent.evidence.blobs import Stored
from agent.evidence.masking import Mask, keyed_hash
from agent.store import journal, runs
from page_objects.requests import parsed_body
from page_objects.site import Site

T = TypeVar("T")
U = TypeVar("U")
Line = tuple[str, dict[str, Any], datetime]
Note = Callable[[str, dict[str, Any]], None]

_KEPT_HEADERS = ("content-type", "x-request-id", "location", "date")
_MOST_BODY = 20_000


class Recorder:
    """What one pass has to say about one case, until it is written in a transaction."""

    def __init__(self, run: ShopRun, case_id: str) -> None:
        self._run = run
        self._case_id = case_id
        self.knows_private = False  # before the order was read nobody knows what to cut: nothing is photographed
        self._private: dict[str, None] = {}
        self._mask = self._new_mask()
        self._lines: list[Line] = []
        self._keeping: list[asyncio.Task[None]] = []

    def hide(self, values: tuple[str, ...]) -> None:
        """Cut these private texts from everything that is recorded from now on."""
        self.knows_private = True
        fresh = [value for value in values if value and value not in self._private]
        if fresh:
            self._private.update(dict.fromkeys(fresh))
            self._mask = self._new_mask()

    def _new_mask(self) -> Mask:
        return Mask(tuple(self._private), self._run.loaded.profile.private.patterns)

    def cut(self, text: str) -> str:
        """Return a text without private parts."""
        return self._mask.text(text)

    def note(self, kind: str, body: dict[str, Any]) -> None:
        """Add a line to the journal, at the next transaction."""
        self._lines.append(self._line(kind, body))

    def _line(self, kind: str, body: dict[str, Any]) -> Line:
        keys = frozenset(self._run.loaded.profile.private.keys)
        return kind, whole_text(self._mask.json(body, keys)), self._run.clock()

    async def picture(self, site: Site, name: str, caption: str) -> None:
        """Take a picture of the page and its text now; both are kept in the background."""
        private = self._run.loaded.profile.private
        jpeg, text = await _both(
            capture.picture(site.page, private_values=tuple(self._private), patterns=private.patterns),
            capture.text(site.page),
        )
        self._keep(jpeg, f"{name}.jpg", "image/jpeg", caption)
        self._keep(whole_text(self.cut(text)).encode(), f"{name}.txt", "text/plain", caption)

    def keep_stored(self, stored: Stored, name: str, caption: str) -> None:
        """Name a file that is kept already as evidence of this case."""
        line = {
            "name": self.cut(name),
            "sha256": stored.sha256,
            "ext": stored.ext,
            "size": stored.size,
            "media": mimetypes.guess_type(f"x.{stored.ext}")[0] or "application/octet-stream",
            "caption": caption,
        }
        self._lines.append(("evidence", line, self._run.clock()))

    def _keep(self, data: bytes, name: str, media: str, caption: str) -> None:
        line: dict[str, Any] = {}
        self._lines.append(("evidence", line, self._run.clock()))
        self._keeping.append(asyncio.create_task(self._put(data, name, media, caption, line)))

    async def _put(self, data: bytes, name: str, media: str, caption: str, line: dict[str, Any]) -> None:
        stored = await asyncio.to_thread(self._run.blobs.put, data, ext=name.rpartition(".")[2])
        line.update(
            name=name, sha256=stored.sha256, ext=stored.ext, size=stored.size, media=media, caption=self.cut(caption)
        )

    async def kept(self) -> None:
        """Wait until everything taken so far is on the disk; before that nothing may be journaled."""
        waiting, self._keeping = self._keeping, []
        await asyncio.gather(*waiting)

    async def commit(
        self, work: Callable[[Connection, Note], T], *, last: Callable[[Connection], None] = lambda _tx: None
    ) -> T:
        """Do work and write all lines so far, in one transaction; lines of a failed one are kept for the next.

        What ``work`` notes is only written if its own transaction is; ``last`` sees the journal with all lines.

        Raises:
            ShopBusy: another live run has taken over the shop; nothing is written.
        """
        await self.kept()

        def both(tx: Connection) -> T:
            runs.check_not_replaced(tx, self._run.run_id)
            mine: list[Line] = []
            result = work(tx, lambda kind, body: mine.append(self._line(kind, body)))
            for kind, body, at in [*self._lines, *mine]:
                journal.append(tx, self._case_id, kind, body, at=at)
            last(tx)
            return result

        result = await self._run.db.awrite(both)
        self._lines = []
        return result

    def lines(self) -> list[dict[str, Any]]:
        """Return the lines as plain JSON, for a rehearsal, which has no journal."""
        return [{"kind": kind, "at": at.isoformat(), "body": body} for kind, body, at in self._lines]

    def request_json(self, held: HeldRequest) -> dict[str, Any]:
        """Return the request as it is kept: masked, with a keyed hash of its raw body."""
        profile = self._run.loaded.profile
        rule = profile.requests[held.mutating.name]
        fields = parsed_body(rule.body, held.seen, lists=rule.lists)
        raw = held.seen.body or held.seen.url.encode()
        body = {
            "request": held.mutating.name,
            "method": held.seen.method,
            "url": held.seen.url,
            "fields": {name: value for name, value in fields.items() if name not in profile.private.keys},
            "hmac_sha256": keyed_hash(self._run.mask_key(), raw),
        }
        masked: dict[str, Any] = whole_text(self._mask.json(body, frozenset(profile.private.keys)))
        return masked

    def answer_json(self, answer: Answer) -> dict[str, Any]:
        """Return the answer as it is kept: allowed headers and the masked body."""
        headers = {name: value for name, value in answer.headers.items() if name.lower() in _KEPT_HEADERS}
        text = answer.body.decode("utf-8", "replace")
        keys = frozenset(self._run.loaded.profile.private.keys)
        try:
            body: Any = self._mask.json(json.loads(text), keys)
        except ValueError:
            body = self.cut(text)[:_MOST_BODY]
        return {"status": answer.status, "headers": headers, "body": body}


async def _both(one: Coroutine[Any, Any, T], other: Coroutine[Any, Any, U]) -> tuple[T, U]:
    """Do two things at once, and raise only when neither of them is still at work."""
    first, second = await asyncio.gather(one, other, return_exceptions=True)
    if isinstance(first, BaseException):
        raise first
    if isinstance(second, BaseException):
        raise second
    return first, second


def whole_text(data: Any) -> Any:
    """Return plain JSON with every half of a surrogate pair, which no encoding can hold, replaced."""
    match data:
        case str():
            return data.encode("utf-8", "replace").decode("utf-8")
        case dict():
            return {whole_text(key): whole_text(value) for key, value in data.items()}
        case list() | tuple():
            return [whole_text(value) for value in data]
        case _:
            return data
