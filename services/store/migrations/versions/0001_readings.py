"""Create the tables of series, readings, the checkpoint, gaps and refused readings."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


_VIEW = """
    CREATE VIEW readings_utc AS
    SELECT series.name AS series,
           strftime('%Y-%m-%dT%H:%M:%S', readings.ts / 1000000, 'unixepoch')
               || printf('.%06dZ', readings.ts % 1000000) AS time,
           readings.value AS value,
           series.unit AS unit
    FROM readings JOIN series ON series.id = readings.series_id
"""


def upgrade() -> None:
    """Create the tables and the view."""
    op.create_table(
        "series",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("unit", sa.Text),
        sa.Column("tags", sa.Text),
        sa.Column("created_at", sa.Integer, nullable=False),
    )
    op.create_table(
        "readings",
        sa.Column("series_id", sa.Integer, sa.ForeignKey("series.id"), primary_key=True),
        sa.Column("ts", sa.Integer, primary_key=True),
        sa.Column("value", sa.Float, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "journal_position",
        sa.Column("journal", sa.Text, primary_key=True),
        sa.Column("epoch", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("r", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "gaps",
        sa.Column("from_ts", sa.Integer),
        sa.Column("to_ts", sa.Integer),
        sa.Column("count", sa.Integer),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("noted_at", sa.Integer, nullable=False),
    )
    op.create_table(
        "refused",
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("series", sa.Text, nullable=False),
        sa.Column("ts", sa.Integer, nullable=False),
        sa.Column("value", sa.Float, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.execute(_VIEW)
