"""What is to be told to buyers and people outside the portal."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TIME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the outbox."""
    op.create_table(
        "outbox",
        sa.Column("mail_id", _SERIAL, primary_key=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("shop", sa.Text, nullable=False),
        sa.Column("case_id", sa.Text, sa.ForeignKey("cases.case_id")),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_try_at", _TIME, nullable=False),
        sa.Column("last_error", sa.Text),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("sent_at", _TIME),
    )
    op.create_index("outbox_by_shop", "outbox", ["shop", "state"])
    op.create_index("outbox_by_case", "outbox", ["case_id"])
