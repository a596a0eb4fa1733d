"""The people of the shop: what an operator does in a month about what asks for a person, and nothing else."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx
from sqlalchemy import Connection

from agent.domain.aftercare import AftercareKind, AftercareState
from agent.domain.cases import ANSWERS, Case, CaseState, Role, WaitingFor
from agent.domain.returns import SentBack
from agent.errors import StoreError
from agent.store import aftercare, intents
from fixtures.mock_portal.site import SMS_CODE, SMS_PATH
from tests.chaos.judge import ACTS
from tests.e2e.e2e_shop import Shop

T = TypeVar("T")
_GIVES_UP_AFTER = timedelta(days=3)  # of waiting for an answer that does not come
_GIVES_UP_THE_PLATFORM = timedelta(days=9)  # which is reminded meanwhile
_GIVEN = {"reply", "dispute", "sent"}  # answers that only some questions take, as this operator gives them
_REPLY, _CARRIER = "原图见附件中的记录，请核实。", "顺丰速运"
_SEES_AFTER = timedelta(hours=20)  # what asks for a person is dealt with on the next day


class Operator:
    """Deals once a day with what waits for a person; judges by looking at the portal, as a person would."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._since: dict[tuple[str, str], datetime] = {}  # by case and what it waits for: when it was first seen
        self.answered = 0
        self.received: set[str] = set()  # orders whose returned goods are here
        self.approved: set[str] = set()  # orders whose bad review is to be answered

    def day(self, now: datetime, *, last: bool) -> None:
        """Answer what has waited long enough; on the last days, whatever is still open."""
        for case in self._shop.cases():
            for word in self._words(case, now, last=last):
                with suppress(StoreError):  # it has settled meanwhile
                    self._shop.answer(str(case.order_id), word, note="month", **self._more(word, case))
                    self.answered += 1

    def _words(self, case: Case, now: datetime, *, last: bool) -> Iterator[str]:
        if case.state is CaseState.ENDED:
            yield from self._words_after(case, now, last=last)
            return
        waiting = case.waiting_for
        if case.state is not CaseState.WAITING or waiting is None:
            return
        waited = self._waited(case, waiting.value, now)
        if waiting is WaitingFor.RETURN_PARCEL and self._parcel_is_here(case):
            self.received.add(str(case.order_id))
            yield "received"
        elif fitting := [word for word in case.facts.get(ANSWERS, ()) if _word(word) in _GIVEN]:
            yield _word(fitting[0])
        elif waiting is WaitingFor.HUMAN_CHECK:
            self._enter_code(str(case.order_id))
            yield "continue"
        elif waiting is WaitingFor.HUMAN and (last or waited >= _SEES_AFTER):
            yield self._of_open_act(case) or "give-up"
        elif last or waited >= (_GIVES_UP_THE_PLATFORM if waiting is WaitingFor.PLATFORM else _GIVES_UP_AFTER):
            yield "give-up"

    def _words_after(self, case: Case, now: datetime, *, last: bool) -> Iterator[str]:
        asked = self._read(lambda tx: aftercare.of_case(tx, case.case_id))
        kinds = {item.kind for item in asked if item.state is AftercareState.HUMAN}
        if not kinds or not (last or self._waited(case, "aftercare", now) >= _SEES_AFTER):
            return
        done = self._of_open_act(case)
        if done is not None or AftercareKind.REVIEW not in kinds or last:
            yield done or "give-up"
        elif _leaves(str(case.order_id)):
            yield "leave"
        else:
            self.approved.add(str(case.order_id))
            yield "send"

    def _parcel_is_here(self, case: Case) -> bool:
        """A seller sees it on the page; what a purchaser has sent back has come before the refund is asked for."""
        if case.role is Role.SELLER:
            return bool(self._shop.order(str(case.order_id))["return_parcel"])
        return not any(line["what"] == "refund_applied" for line in self._shop.ledger(str(case.order_id)))

    def _more(self, word: str, case: Case) -> dict[str, Any]:
        """Return what goes with an answer: the reply's text, or which way the goods went."""
        if word == "reply":
            text = self._shop.folder / f"reply-{case.case_id}.txt"
            text.write_text(_REPLY, encoding="utf-8")
            return {"text": text}
        number = f"SF{case.order_id}"
        return {"parcel": SentBack(_CARRIER, number)} if word == "sent" else {}

    def _waited(self, case: Case, what: str, now: datetime) -> timedelta:
        return now - self._since.setdefault((case.case_id, what), now)

    def _of_open_act(self, case: Case) -> str | None:
        """Look at the portal for an act whose effect nobody could prove; None where no act is open."""
        mine = self._read(lambda tx: [one for one in intents.of_case(tx, case.case_id) if one.result is None])
        if not mine:
            return None
        wanted = next(what for what, act in ACTS.items() if act == mine[0].act.value)
        seen = [line for line in self._shop.ledger(str(case.order_id)) if line["what"] == wanted]
        text = mine[0].fields.get("text")
        done = any(text is None or line["data"].get("text") in {text, None} for line in seen)
        return "done" if done else "not-done"

    def _read(self, work: Callable[[Connection], T]) -> T:
        app = self._shop.app()
        try:
            return app.db.read(work)
        finally:
            app.close()

    # --- At the portal, by hand

    def draw_slider(self) -> None:
        """Do what a person does before a slider: sign in and draw it."""
        self._by_hand("/_____tmd_____/punish", "/_____tmd_____/solve", {"next": "/"})

    def _enter_code(self, order_id: str) -> None:
        self._by_hand(SMS_PATH, SMS_PATH, {"orderId": order_id, "code": SMS_CODE})

    def _by_hand(self, page: str, form: str, fields: dict[str, str]) -> None:
        with httpx.Client(base_url=self._shop.portal.url, follow_redirects=True, timeout=60) as person:
            account = {"username": self._shop.role, "password": "demo"}
            person.post("/login", data={"csrf_token": _token(person.get("/login")), **account})
            person.post(form, data={"csrf_token": _token(person.get(page)), **fields})


def _word(answer: str) -> str:
    """Return the word of an answer as it is typed."""
    return answer.partition(" ")[0]


def _leaves(order_id: str) -> bool:
    """Return whether this shop lets the bad review of an order stand: of every third."""
    return int(order_id) % 3 == 0


def _token(page: httpx.Response) -> str:
    return page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
