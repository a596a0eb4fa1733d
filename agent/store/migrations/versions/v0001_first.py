"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TIME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_OPEN_CASE = sa.text("state != 'ended'")
_OPEN_INTENT = sa.text("state != 'settled'")
_DONE_INTENT = sa.text("result = 'done'")
_PENDING = sa.text("state = 'pending'")


def upgrade() -> None:
    """Make all tables, and keep the records append-only."""
    _cases()
    _requests()
    _records()
    _intents()
    _limits()
    _approvals()
    _switches()
    _runs()
    _confirmations()
    if op.get_bind().dialect.name == "postgresql":
        _append_only_on_postgresql()
    else:
        _append_only_on_sqlite()


def _case_key(*, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column("case_id", sa.Text, sa.ForeignKey("cases.case_id"), primary_key=primary_key, nullable=False)


def _partial(name: str, table: str, columns: list[str], where: sa.TextClause, *, unique: bool = True) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("seq", _SERIAL, primary_key=True),
        sa.Column("case_id", sa.Text, nullable=False, unique=True),
        sa.Column("shop", sa.Text, nullable=False),
        sa.Column("portal", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("order_id", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("consent", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("due_at", _TIME),
        sa.Column("path", sa.Text),
        sa.Column("waiting_for", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("by", sa.Text, quote=True),
        sa.Column("amount", sa.BigInteger),
        sa.Column("terms", sa.Text),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
    )
    _partial("one_open_case", "cases", ["portal", "account", "order_id"], _OPEN_CASE)
    _partial("cases_by_due_time", "cases", ["shop", "due_at", "seq"], _OPEN_CASE, unique=False)
    op.create_index("cases_by_order", "cases", ["portal", "account", "order_id"])


def _requests() -> None:
    op.create_table(
        "requests",
        _case_key(primary_key=True),
        sa.Column("n", sa.Integer, primary_key=True),
        sa.Column("order_id", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("consent", sa.Text, nullable=False),
        sa.Column("consent_file", sa.Text),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("taken", sa.Boolean, nullable=False),
        sqlite_with_rowid=False,
    )


def _records() -> None:
    op.create_table(
        "journal",
        _case_key(primary_key=True),
        sa.Column("n", sa.Integer, primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("prev", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("journal_by_time", "journal", ["at"])
    op.create_table(
        "heads",
        _case_key(primary_key=True),
        sa.Column("n", sa.Integer, primary_key=True),
        sa.Column("key_id", sa.Text, primary_key=True),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audit",
        sa.Column("seq", _SERIAL, primary_key=True),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
    )


def _intents() -> None:
    op.create_table(
        "intents",
        sa.Column("seq", _SERIAL, primary_key=True),
        sa.Column("intent_id", sa.Text, nullable=False, unique=True),
        _case_key(),
        sa.Column("shop", sa.Text, nullable=False),
        sa.Column("portal", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("order_id", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("terms", sa.Text, nullable=False),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("result", sa.Text),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("written_at", _TIME, nullable=False),
        sa.Column("releasing_at", _TIME),
        sa.Column("settled_at", _TIME),
        sa.Column("request_id", sa.Text),
        sa.Column("request", sa.Text),
        sa.Column("answer", sa.Text),
        sa.CheckConstraint("(state = 'settled') = (result IS NOT NULL)", name="settled_has_result"),
    )
    _partial("one_open_intent", "intents", ["portal", "account", "order_id"], _OPEN_INTENT)
    _partial("done_once", "intents", ["case_id", "act", "purpose"], _DONE_INTENT)
    op.create_index("intents_by_case", "intents", ["case_id"])


def _limits() -> None:
    op.create_table(
        "counters",
        sa.Column("shop", sa.Text, primary_key=True),
        sa.Column("span", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("orders", sa.Integer, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "reservations",
        sa.Column("intent_id", sa.Text, sa.ForeignKey("intents.intent_id"), primary_key=True),
        sa.Column("shop", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("given_back", sa.Boolean, nullable=False),
    )


def _approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("approval_id", _SERIAL, primary_key=True),
        _case_key(),
        sa.Column("terms", sa.Text, nullable=False),
        sa.Column("terms_hash", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("asked_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("actor", sa.Text),
        sa.Column("decided_at", _TIME),
        sa.Column("intent_id", sa.Text, sa.ForeignKey("intents.intent_id"), unique=True),
        sa.Column("used_at", _TIME),
    )
    _partial("one_pending_approval", "approvals", ["case_id"], _PENDING)
    op.create_index("approvals_by_case", "approvals", ["case_id"])


def _switches() -> None:
    op.create_table(
        "stops",
        sa.Column("seq", _SERIAL, primary_key=True),
        sa.Column("shop", sa.Text),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("lifted_at", _TIME),
    )
    op.create_table(
        "breakers",
        sa.Column("shop", sa.Text, primary_key=True),
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("fault", sa.Text, nullable=False),
        sa.Column("orders", sa.Text, nullable=False),
        sa.Column("opened_at", _TIME),
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("seq", _SERIAL, primary_key=True),
        sa.Column("run_id", sa.Text, nullable=False, unique=True),
        sa.Column("shop", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("pid", sa.BigInteger, nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME),
        sa.Column("exit_code", sa.Integer),
        sa.Column("how", sa.Text),
        sa.Column("counts", sa.Text),
    )
    op.create_index("runs_by_shop", "runs", ["shop"])


def _confirmations() -> None:
    op.create_table(
        "confirmations",
        sa.Column("profile_hash", sa.Text, primary_key=True),
        sa.Column("shop", sa.Text, primary_key=True),
        sa.Column("entry", sa.Text, primary_key=True),
        sa.Column("how", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
    )


def _append_only_on_postgresql() -> None:
    op.execute("""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
    """)
    for table in ("journal", "heads", "audit"):
        op.execute(f"""
            CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """)


def _append_only_on_sqlite() -> None:
    # INSERT OR REPLACE removes the old row without asking a delete trigger, so an insert may not meet an old key.
    same_key = {
        "journal": "case_id = NEW.case_id AND n = NEW.n",
        "heads": "case_id = NEW.case_id AND n = NEW.n AND key_id = NEW.key_id",
        "audit": "seq = NEW.seq",
    }
    for table, clash in same_key.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
        met = f"EXISTS (SELECT 1 FROM {table} WHERE {clash})"  # noqa: S608
        op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {met} {refuse}")
