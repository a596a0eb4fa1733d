"""Good visits of doctor, and what a breaker that it opened has to say."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_TIME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table of good visits; a breaker may say more than the name of a fault."""
    op.create_table(
        "visits",
        sa.Column("shop", sa.Text, primary_key=True),
        sa.Column("profile_hash", sa.Text, primary_key=True),
        sa.Column("visit", sa.Text, nullable=False),
        sa.Column("how", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("seen_at", _TIME, nullable=False),
    )
    op.add_column("breakers", sa.Column("detail", sa.Text))
