"""The outbox: told once per case, purpose and channel; claimed before it is sent; given up in the end."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection
from store_making import NOW, make_case

from agent.domain.cases import Case
from agent.domain.outbox import MOST_TRIES, Audience, Mail, MailState, Queued, pause_after
from agent.store import outbox
from agent.store.database import Database


def mail(case: Case | None = None, **changes: Any) -> Mail:
    values: dict[str, Any] = {"channel": "env:WECOM", "audience": Audience.PEOPLE, "purpose": "waiting:human"}
    values |= {"shop": "shop", "subject": "s", "body": "b", "case_id": case and case.case_id}
    return Mail(**values | changes)


def put(db: Database, *mails: Mail, now: datetime = NOW) -> list[bool]:
    return db.write(lambda tx: [outbox.put(tx, one, now=now) for one in mails])


def due(db: Database, now: datetime = NOW, shop: str = "shop") -> list[Queued]:
    return db.read(lambda tx: outbox.due(tx, shop=shop, now=now))


def claim(db: Database, now: datetime = NOW) -> list[Queued]:
    return db.write(lambda tx: outbox.claim(tx, outbox.due(tx, shop="shop", now=now), now=now))


def test_a_purpose_of_a_case_is_told_to_a_channel_once(db: Database) -> None:
    case, other = make_case(db, 1), make_case(db, 2)
    assert put(db, mail(case), mail(case, body="again")) == [True, False]
    assert put(db, mail(case, channel="env:MAIL"), mail(case, purpose="waiting:login"), mail(other)) == [True] * 3
    assert put(db, mail(), mail(), mail(shop="b")) == [True, False, True]
    assert [one.mail.body for one in due(db)] == ["b"] * 5


def test_what_is_told_is_written_with_what_it_tells_of_or_not_at_all(db: Database) -> None:
    case = make_case(db)

    def fails(tx: Connection) -> None:
        outbox.put(tx, mail(case), now=NOW)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        db.write(fails)
    assert due(db) == []


def test_a_message_comes_back_as_it_was_put_in(db: Database) -> None:
    one = mail(make_case(db), audience=Audience.BUYER, recipient="buyer:3f", subject="您的订单", body="已关闭")
    put(db, one)
    [found] = due(db)
    assert found.mail == one
    assert (found.state, found.attempts, found.next_try_at, found.created_at) == (MailState.WAITING, 0, NOW, NOW)


def test_a_claim_counts_as_a_try_and_is_nobody_elses(db: Database) -> None:
    put(db, mail())
    seen_by_both = due(db)
    [claimed] = db.write(lambda tx: outbox.claim(tx, seen_by_both, now=NOW))
    assert (claimed.attempts, claimed.next_try_at) == (1, NOW + pause_after(1))
    assert db.write(lambda tx: outbox.claim(tx, seen_by_both, now=NOW)) == []
    assert due(db) == []


def test_a_sender_that_dies_between_sending_and_marking_has_it_sent_again(db: Database) -> None:
    put(db, mail())
    claim(db)
    assert due(db, NOW + pause_after(1) - timedelta(seconds=1)) == []
    assert [one.attempts for one in due(db, NOW + pause_after(1))] == [1]


def test_what_a_channel_has_taken_is_not_sent_again(db: Database) -> None:
    put(db, mail(), mail(channel="env:MAIL"))
    taken = [one for one in claim(db) if one.mail.channel == "env:WECOM"]
    db.write(lambda tx: outbox.sent(tx, [one.mail_id for one in taken], now=NOW))
    assert [one.mail.channel for one in due(db, NOW + timedelta(days=9))] == ["env:MAIL"]

    def last(channel: str) -> datetime | None:
        return db.read(lambda tx: outbox.last_sent(tx, shop="shop", channel=channel, audience=Audience.PEOPLE))

    assert (last("env:WECOM"), last("env:MAIL")) == (NOW, None)


def test_a_message_is_given_up_after_so_many_tries_and_says_why(db: Database) -> None:
    put(db, mail())
    now, given_up = NOW, []
    for n in range(1, MOST_TRIES + 1):
        claimed = claim(db, now)
        assert [one.attempts for one in claimed] == [n]
        given_up = db.write(lambda tx, claimed=claimed: outbox.not_sent(tx, claimed, "refused " * 100))
        assert bool(given_up) == (n == MOST_TRIES)
        now += pause_after(n)
    assert due(db, now + timedelta(days=9)) == []
    [failed] = db.read(lambda tx: outbox.of_state(tx, shop="shop", state=MailState.FAILED))
    assert failed.mail_id == given_up[0].mail_id
    assert (failed.last_error or "").startswith("refused")
    assert len(failed.last_error or "") <= 300
    assert db.write(lambda tx: outbox.try_again(tx, shop="other", now=now)) == 0
    assert db.write(lambda tx: outbox.try_again(tx, shop="shop", now=now)) == 1
    assert [one.attempts for one in due(db, now)] == [0]


def test_what_has_nothing_to_tell_any_more_is_not_sent(db: Database) -> None:
    case = make_case(db)
    put(db, mail(case))
    ids = [one.mail_id for one in due(db)]
    db.write(lambda tx: outbox.dropped(tx, ids))
    assert due(db) == []
    [kept] = db.read(lambda tx: outbox.of_case(tx, case.case_id))
    assert kept.state is MailState.DROPPED
