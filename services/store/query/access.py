"""Query for everything that gives access: users, sessions, tokens and share links."""

import json
from typing import NamedTuple

from sqlalchemy import Connection, Engine, select

from services.access import Role
from services.concurrency import Interrupt
from services.errors import StripchartError
from services.settings import Settings
from services.store import tables
from services.store.query.transaction import query_database
from services.store.sqlite.engine import reading_engine


class StoredUser(NamedTuple):
    """A user. `password` is a hash; `created_at` is in microseconds."""

    name: str
    role: Role
    password: str
    created_at: int


class StoredSession(NamedTuple):
    """A session of a user. The times are in microseconds."""

    hash: str
    user: str
    created_at: int
    expires_at: int


class StoredToken(NamedTuple):
    """A token of a program. The times are in microseconds.

    Attributes:
        name: Its name.
        role: What the program may do.
        hash: Hash of the token.
        series: Names and patterns of the series that it gives access to, None for all.
        created_at: When it was made.
        expires_at: When it ends, None for never.
        used_at: When it was last used, to about ten minutes; None for never.
    """

    name: str
    role: Role
    hash: str
    series: tuple[str, ...] | None
    created_at: int
    expires_at: int | None
    used_at: int | None


class StoredShare(NamedTuple):
    """A share link. The times are in microseconds.

    Attributes:
        id: Its id.
        hash: Hash of the link's secret.
        title: What people see above the charts.
        series: Names and patterns of the series.
        window_seconds: Length of the newest time that is shown, None for a range or all time.
        start: Start of the range that is shown, None without a range.
        end: End of the range.
        created_at: When it was made.
        expires_at: When it ends, None for never.
        creator: Who made it, "" for the command line.
        view: Name of the view that is shown, None for series.
    """

    id: str
    hash: str
    title: str
    series: tuple[str, ...]
    window_seconds: float | None
    start: int | None
    end: int | None
    created_at: int
    expires_at: int | None
    creator: str
    view: str | None = None


class SharedView(NamedTuple):
    """A view that some share link shows, with its document as JSON."""

    name: str
    revision: int
    document: str


class AccessRecords(NamedTuple):
    """Everything that gives access. Without users and tokens nobody has to log in.

    `views` are those that share links show, in the same snapshot.
    """

    users: tuple[StoredUser, ...] = ()
    sessions: tuple[StoredSession, ...] = ()
    tokens: tuple[StoredToken, ...] = ()
    shares: tuple[StoredShare, ...] = ()
    views: tuple[SharedView, ...] = ()

    @property
    def has_users(self) -> bool:
        """True if there are users or tokens, so that everybody has to log in."""
        return bool(self.users or self.tokens)


class AccessReader:
    """Reads what gives access. A missing database is treated as an empty one.

    Args:
        engine: An engine that can read.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self, interrupt: Interrupt | None = None) -> AccessRecords:
        """Return everything, each kind ordered by name, sessions and shares by age.

        Raises:
            StoreUnavailableError: The database can't be read now.
            StoreDamagedError: The database is damaged.
        """
        return query_database(self._engine, _read_all, AccessRecords(), interrupt)


def has_users(settings: Settings) -> bool:
    """Return True if there are users or tokens in the database, False if it can't be read."""
    try:
        return AccessReader(reading_engine(settings)).read().has_users
    except StripchartError:
        return False


def _read_all(connection: Connection) -> AccessRecords:
    return AccessRecords(
        _read_users(connection),
        _read_sessions(connection),
        _read_tokens(connection),
        _read_shares(connection),
        _read_views(connection),
    )


def _read_users(connection: Connection) -> tuple[StoredUser, ...]:
    users = tables.users.c
    query = select(users.name, users.role, users.password, users.created_at).order_by(users.name)
    return tuple(StoredUser(*row) for row in connection.execute(query))


def _read_sessions(connection: Connection) -> tuple[StoredSession, ...]:
    sessions, users = tables.sessions, tables.users
    query = (
        select(sessions.c.hash, users.c.name, sessions.c.created_at, sessions.c.expires_at)
        .join(users, users.c.id == sessions.c.user_id)
        .order_by(sessions.c.created_at)
    )
    return tuple(StoredSession(*row) for row in connection.execute(query))


def _read_tokens(connection: Connection) -> tuple[StoredToken, ...]:
    tokens = tables.tokens
    query = select(tokens).order_by(tokens.c.name)
    return tuple(
        StoredToken(
            row.name,
            row.role,
            row.hash,
            None if row.series is None else tuple(json.loads(row.series)),
            row.created_at,
            row.expires_at,
            row.used_at,
        )
        for row in connection.execute(query)
    )


def _read_shares(connection: Connection) -> tuple[StoredShare, ...]:
    shares = tables.shares
    query = select(shares).order_by(shares.c.created_at, shares.c.id)
    return tuple(
        StoredShare(
            row.id,
            row.hash,
            row.title,
            tuple(json.loads(row.series)),
            row.window_seconds,
            row.from_ts,
            row.to_ts,
            row.created_at,
            row.expires_at,
            row.creator,
            row.view,
        )
        for row in connection.execute(query)
    )


def _read_views(connection: Connection) -> tuple[SharedView, ...]:
    views, shares = tables.views.c, tables.shares.c
    query = (
        select(views.name, views.revision, views.document)
        .where(views.document.is_not(None), views.name.in_(select(shares.view)))
        .order_by(views.name)
    )
    return tuple(SharedView(*row) for row in connection.execute(query))
