"""The tables as the code sees them; ``migrations`` makes them, and a test compares the two."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    and_,
    literal_column,
)

from agent.domain.acts import ActKind, IntentResult, IntentState
from agent.domain.aftercare import AftercareKind, AftercareState
from agent.domain.cases import CaseState, Consent, Outcome, Path, Role, WaitingFor
from agent.domain.outbox import Audience, MailState
from agent.domain.reasons import Reason
from agent.store.columns import Json, Utc, Word

metadata = MetaData()

_Serial = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts only in INTEGER keys
_Moment = Text().with_variant(Text(collation="C"), "postgresql")  # a time as the very text that is hashed

cases = Table(
    "cases",
    metadata,
    Column("seq", _Serial, primary_key=True),
    Column("case_id", Text, nullable=False, unique=True),
    Column("shop", Text, nullable=False),
    Column("portal", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("role", Word(Role), nullable=False),
    Column("order_id", Text, nullable=False),
    Column("reason", Word(Reason), nullable=False),
    Column("note", Text, nullable=False),
    Column("consent", Word(Consent), nullable=False),
    Column("state", Word(CaseState), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("due_at", Utc),
    Column("path", Word(Path)),
    Column("waiting_for", Word(WaitingFor)),
    Column("outcome", Word(Outcome)),
    Column("why", Text, nullable=False),
    Column("by", Text, quote=True),
    Column("amount", BigInteger),
    Column("terms", Json),
    Column("attempts", Integer, nullable=False),
    Column("facts", Json, nullable=False),
    Column("deadline", Utc),
)

# Literals, not parameters: SQLite uses a partial index only where the query repeats its condition word for word.
case_is_open: ColumnElement[bool] = cases.c.state != literal_column("'ended'")
Index(
    "one_open_case",
    cases.c.portal,
    cases.c.account,
    cases.c.order_id,
    unique=True,
    sqlite_where=case_is_open,
    postgresql_where=case_is_open,
)
Index(
    "cases_by_due_time",
    cases.c.shop,
    cases.c.due_at,
    cases.c.seq,
    sqlite_where=case_is_open,
    postgresql_where=case_is_open,
)
case_presses: ColumnElement[bool] = and_(case_is_open, cases.c.deadline.is_not(None))
Index("cases_by_deadline", cases.c.shop, cases.c.deadline, sqlite_where=case_presses, postgresql_where=case_presses)
Index("cases_by_order", cases.c.portal, cases.c.account, cases.c.order_id)

requests = Table(
    "requests",
    metadata,
    Column("case_id", Text, ForeignKey("cases.case_id"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("order_id", Text, nullable=False),
    Column("reason", Word(Reason), nullable=False),
    Column("consent", Word(Consent), nullable=False),
    Column("consent_file", Text),
    Column("note", Text, nullable=False),
    Column("source", Json, nullable=False),
    Column("actor", Json, nullable=False),
    Column("at", Utc, nullable=False),
    Column("taken", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

aftercare = Table(
    "aftercare",
    metadata,
    Column("case_id", Text, ForeignKey("cases.case_id"), primary_key=True),
    Column("kind", Word(AftercareKind), primary_key=True),
    Column("state", Word(AftercareState), nullable=False),
    Column("why", Text, nullable=False),
    Column("opened_at", Utc, nullable=False),
    Column("due_at", Utc),  # none: nothing is wanted any more
    Column("ended_at", Utc),
    Column("attempts", Integer, nullable=False),
    Column("facts", Json, nullable=False),
    Index("aftercare_by_due_time", "due_at"),
    sqlite_with_rowid=False,
)

journal = Table(
    "journal",
    metadata,
    Column("case_id", Text, ForeignKey("cases.case_id"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("at", _Moment, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Json, nullable=False),
    Column("prev", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("journal_by_time", "at"),
    sqlite_with_rowid=False,
)

heads = Table(
    "heads",
    metadata,
    Column("case_id", Text, ForeignKey("cases.case_id"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("key_id", Text, primary_key=True),
    Column("hash", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("at", _Moment, nullable=False),
    sqlite_with_rowid=False,
)

intents = Table(
    "intents",
    metadata,
    Column("seq", _Serial, primary_key=True),
    Column("intent_id", Text, nullable=False, unique=True),
    Column("case_id", Text, ForeignKey("cases.case_id"), nullable=False),
    Column("shop", Text, nullable=False),
    Column("portal", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("order_id", Text, nullable=False),
    Column("act", Word(ActKind), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("terms", Json, nullable=False),
    Column("fields", Json, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("state", Word(IntentState), nullable=False),
    Column("result", Word(IntentResult)),
    Column("owner", Text, nullable=False),
    Column("written_at", Utc, nullable=False),
    Column("releasing_at", Utc),
    Column("settled_at", Utc),
    Column("request_id", Text),
    Column("request", Json),
    Column("answer", Json),
    Column("followed", Json),  # what the same click sent next, and was released by itself
)

intent_is_open: ColumnElement[bool] = intents.c.state != literal_column("'settled'")
intent_is_done: ColumnElement[bool] = intents.c.result == literal_column("'done'")
Index(
    "one_open_intent",
    intents.c.portal,
    intents.c.account,
    intents.c.order_id,
    unique=True,
    sqlite_where=intent_is_open,
    postgresql_where=intent_is_open,
)
Index(
    "done_once",
    intents.c.case_id,
    intents.c.act,
    intents.c.purpose,
    unique=True,
    sqlite_where=intent_is_done,
    postgresql_where=intent_is_done,
)
Index("intents_by_case", intents.c.case_id)

counters = Table(
    "counters",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("span", Text, primary_key=True),  # "day" or "run"
    Column("key", Text, primary_key=True),  # the day, or the run's id
    Column("orders", Integer, nullable=False),
    Column("amount", BigInteger, nullable=False),
)

reservations = Table(
    "reservations",
    metadata,
    Column("intent_id", Text, ForeignKey("intents.intent_id"), primary_key=True),
    Column("shop", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("given_back", Boolean, nullable=False),
)

approvals = Table(
    "approvals",
    metadata,
    Column("approval_id", _Serial, primary_key=True),
    Column("case_id", Text, ForeignKey("cases.case_id"), nullable=False),
    Column("terms", Json, nullable=False),
    Column("terms_hash", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("name", Text),
    Column("actor", Json),
    Column("decided_at", Utc),
    Column("intent_id", Text, ForeignKey("intents.intent_id"), unique=True),
    Column("used_at", Utc),
)
approval_is_pending: ColumnElement[bool] = approvals.c.state == literal_column("'pending'")
Index(
    "one_pending_approval",
    approvals.c.case_id,
    unique=True,
    sqlite_where=approval_is_pending,
    postgresql_where=approval_is_pending,
)
Index("approvals_by_case", approvals.c.case_id)

stops = Table(
    "stops",
    metadata,
    Column("seq", _Serial, primary_key=True),
    Column("shop", Text),  # none: every shop
    Column("why", Text, nullable=False),
    Column("actor", Json, nullable=False),
    Column("at", Utc, nullable=False),
    Column("lifted_at", Utc),
)

audit_trail = Table(
    "audit",
    metadata,
    Column("seq", _Serial, primary_key=True),
    Column("what", Text, nullable=False),
    Column("body", Json, nullable=False),
    Column("actor", Json, nullable=False),
    Column("at", Utc, nullable=False),
)

breakers = Table(
    "breakers",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("fault", Text, nullable=False),
    Column("orders", Json, nullable=False),
    Column("opened_at", Utc),
    Column("detail", Text),  # what else a person should know, such as where to look
)

visits = Table(
    "visits",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("profile_hash", Text, primary_key=True),
    Column("visit", Json, nullable=False),
    Column("how", Text, nullable=False),
    Column("actor", Json, nullable=False),
    Column("seen_at", Utc, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("seq", _Serial, primary_key=True),
    Column("run_id", Text, nullable=False, unique=True),
    Column("shop", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("actor", Json, nullable=False),
    Column("pid", BigInteger, nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("ended_at", Utc),
    Column("exit_code", Integer),
    Column("how", Text),
    Column("counts", Json),
    Index("runs_by_shop", "shop"),
)

confirmations = Table(
    "confirmations",
    metadata,
    Column("profile_hash", Text, primary_key=True),
    Column("shop", Text, primary_key=True),
    Column("entry", Text, primary_key=True),
    Column("how", Text, nullable=False),
    Column("actor", Json, nullable=False),
    Column("at", Utc, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("mail_id", _Serial, primary_key=True),
    Column("key", Text, nullable=False, unique=True),  # a purpose is told to a channel once per case
    Column("shop", Text, nullable=False),
    Column("case_id", Text, ForeignKey("cases.case_id")),
    Column("channel", Text, nullable=False),
    Column("audience", Word(Audience), nullable=False),
    Column("recipient", Text, nullable=False),  # by what a buyer's address is found, never the address
    Column("purpose", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", Word(MailState), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try_at", Utc, nullable=False),
    Column("last_error", Text),
    Column("created_at", Utc, nullable=False),
    Column("sent_at", Utc),
    Index("outbox_by_shop", "shop", "state"),
    Index("outbox_by_case", "case_id"),
)

APPEND_ONLY = (journal, heads, audit_trail)
