"""When the portal decides by itself what is open on an order."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_TIME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_PRESSES = sa.text("state != 'ended' AND deadline IS NOT NULL")


def upgrade() -> None:
    """Give cases a deadline, and find those that have one by it."""
    op.add_column("cases", sa.Column("deadline", _TIME))
    op.create_index(
        "cases_by_deadline", "cases", ["shop", "deadline"], sqlite_where=_PRESSES, postgresql_where=_PRESSES
    )
