"""Create the table of the settings of series."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "series_settings",
        sa.Column("series_id", sa.Integer, sa.ForeignKey("series.id"), primary_key=True),
        sa.Column("label", sa.Text),
        sa.Column("kind", sa.Text),
        sa.Column("decimals", sa.Integer),
        sa.Column("color", sa.Text),
        sa.Column("states", sa.Text),
    )
