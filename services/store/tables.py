"""The tables of the newest schema. docs/database.md documents them."""

from sqlalchemy import Column, Float, ForeignKey, Integer, MetaData, Table, Text

from services.store.tiers import ROLLUPS

metadata = MetaData()

series = Table(
    "series",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("unit", Text),
    Column("tags", Text),
    Column("created_at", Integer, nullable=False),
)

series_settings = Table(
    "series_settings",
    metadata,
    Column("series_id", Integer, ForeignKey("series.id"), primary_key=True),
    Column("label", Text),
    Column("kind", Text),
    Column("decimals", Integer),
    Column("color", Text),
    Column("states", Text),
)

readings = Table(
    "readings",
    metadata,
    Column("series_id", Integer, ForeignKey("series.id"), primary_key=True),
    Column("ts", Integer, primary_key=True),
    Column("value", Float, nullable=False),
    sqlite_with_rowid=False,
)

journal_position = Table(
    "journal_position",
    metadata,
    Column("journal", Text, primary_key=True),
    Column("epoch", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("n", Integer, nullable=False),
    Column("r", Integer, nullable=False),
    sqlite_with_rowid=False,
)

gaps = Table(
    "gaps",
    metadata,
    Column("from_ts", Integer),
    Column("to_ts", Integer),
    Column("count", Integer),
    Column("reason", Text, nullable=False),
    Column("noted_at", Integer, nullable=False),
)

refused = Table(
    "refused",
    metadata,
    Column("at", Integer, nullable=False),
    Column("series", Text, nullable=False),
    Column("ts", Integer, nullable=False),
    Column("value", Float, nullable=False),
    Column("reason", Text, nullable=False),
)

rollups = {
    tier.name: Table(
        tier.table,
        metadata,
        Column("series_id", Integer, ForeignKey("series.id"), primary_key=True),
        Column("start", Integer, primary_key=True),
        Column("count", Integer, nullable=False),
        Column("sum", Float),
        Column("min", Float, nullable=False),
        Column("max", Float, nullable=False),
        Column("first", Float, nullable=False),
        Column("last", Float, nullable=False),
        sqlite_with_rowid=False,
    )
    for tier in ROLLUPS
}

coverage = Table(
    "coverage",
    metadata,
    Column("series_id", Integer, ForeignKey("series.id"), primary_key=True),
    Column("tier", Text, primary_key=True),
    Column("from_ts", Integer, nullable=False),
    Column("until_ts", Integer),
    sqlite_with_rowid=False,
)

stale = Table(
    "stale",
    metadata,
    Column("series_id", Integer, ForeignKey("series.id"), primary_key=True),
    Column("start", Integer, primary_key=True),
    sqlite_with_rowid=False,
)

steps = Table("steps", metadata, Column("n", Integer, primary_key=True))

corrections = Table(
    "corrections",
    metadata,
    Column("at", Integer, nullable=False),
    Column("epoch", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("command", Text, nullable=False),
    Column("refused", Text),
)

deleted = Table("deleted", metadata, Column("series_id", Integer, primary_key=True))

replays = Table(
    "replays",
    metadata,
    Column("journal", Text, primary_key=True),
    Column("stored_until", Text, nullable=False),
    sqlite_with_rowid=False,
)

views = Table(
    "views",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("revision", Integer, nullable=False),
    Column("document", Text),
)

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("password", Text, nullable=False),
    Column("created_at", Integer, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("user_id", Integer, ForeignKey("users.id"), nullable=False),
    Column("created_at", Integer, nullable=False),
    Column("expires_at", Integer, nullable=False),
    sqlite_with_rowid=False,
)

tokens = Table(
    "tokens",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
    Column("series", Text),
    Column("created_at", Integer, nullable=False),
    Column("expires_at", Integer),
    Column("used_at", Integer),
    sqlite_with_rowid=False,
)

shares = Table(
    "shares",
    metadata,
    Column("id", Text, primary_key=True),
    Column("hash", Text, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("series", Text, nullable=False),
    Column("window_seconds", Float),
    Column("from_ts", Integer),
    Column("to_ts", Integer),
    Column("created_at", Integer, nullable=False),
    Column("expires_at", Integer),
    Column("creator", Text, nullable=False),
    Column("view", Text),
    sqlite_with_rowid=False,
)
