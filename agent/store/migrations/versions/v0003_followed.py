"""What one click sends after its first request."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Give intents room for what followed."""
    op.add_column("intents", sa.Column("followed", sa.Text))
