"""Create the tables of the rollups and of their coverage."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, and the numbers with which queries count buckets."""
    for name in ("5s", "1min", "15min", "4h"):
        op.create_table(
            f"rollup_{name}",
            sa.Column("series_id", sa.Integer, sa.ForeignKey("series.id"), primary_key=True),
            sa.Column("start", sa.Integer, primary_key=True),
            sa.Column("count", sa.Integer, nullable=False),
            sa.Column("sum", sa.Float),
            sa.Column("min", sa.Float, nullable=False),
            sa.Column("max", sa.Float, nullable=False),
            sa.Column("first", sa.Float, nullable=False),
            sa.Column("last", sa.Float, nullable=False),
            sqlite_with_rowid=False,
        )
    op.create_table(
        "coverage",
        sa.Column("series_id", sa.Integer, sa.ForeignKey("series.id"), primary_key=True),
        sa.Column("tier", sa.Text, primary_key=True),
        sa.Column("from_ts", sa.Integer, nullable=False),
        sa.Column("until_ts", sa.Integer),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "stale",
        sa.Column("series_id", sa.Integer, sa.ForeignKey("series.id"), primary_key=True),
        sa.Column("start", sa.Integer, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table("steps", sa.Column("n", sa.Integer, primary_key=True))
    op.execute(
        """
        INSERT INTO steps (n)
        WITH RECURSIVE counted(n) AS (
            SELECT 0 UNION ALL SELECT n + 1 FROM counted WHERE n < 999
        )
        SELECT n FROM counted
        """
    )
