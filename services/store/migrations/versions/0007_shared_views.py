"""Let share links show a view."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the name of the view, null for a link that shows series."""
    op.add_column("shares", sa.Column("view", sa.Text))
