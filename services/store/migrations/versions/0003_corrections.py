"""Create the tables of corrections, tombstones and replays."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "corrections",
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("epoch", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("command", sa.Text, nullable=False),
        sa.Column("refused", sa.Text),
    )
    op.create_table("deleted", sa.Column("series_id", sa.Integer, primary_key=True))
    op.create_table(
        "replays",
        sa.Column("journal", sa.Text, primary_key=True),
        sa.Column("stored_until", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
