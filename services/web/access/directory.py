"""The directory of everything that gives access, as the database has it."""

import time
from collections.abc import Callable, Mapping
from hmac import compare_digest
from typing import Final, NamedTuple, Protocol, Self, TypeVar

from services.access import hash_secret
from services.allowed_series import AllowedSeries
from services.clock import now_microseconds
from services.errors import StoreUnavailableError, StoreUnusableError
from services.position import Cursor
from services.store import AccessRecords, StoredSession, StoredShare, StoredToken, StoredUser
from services.web.access.principal import Principal
from services.web.access.shown_view import ShownView

_MAX_AGE_SECONDS: Final = 1.0
"""Age at which the directory is read again, although no change is known."""

_MAX_AWAIT_SECONDS: Final = 60.0
"""Time for which a command is awaited. The journal may have lost it."""


class _Secret(Protocol):
    """Something that gives access to those who know a secret."""

    @property
    def hash(self) -> str:
        """Hash of the secret."""

    @property
    def expires_at(self) -> int | None:
        """End in microseconds, None for never."""


T = TypeVar("T", bound=_Secret)


class Directory(NamedTuple):
    """Users, sessions, tokens, share links and shared views at one time.

    Attributes:
        users: Users by name.
        sessions: Sessions by the hash of their secret.
        tokens: Tokens by the hash.
        shares: Share links by the hash of their secret.
        views: Views that share links show, by their name.
    """

    users: Mapping[str, StoredUser]
    sessions: Mapping[str, StoredSession]
    tokens: Mapping[str, StoredToken]
    shares: Mapping[str, StoredShare]
    views: Mapping[str, ShownView]

    @classmethod
    def of_records(cls, records: AccessRecords) -> Self:
        """Return the directory of what the database has."""
        return cls(
            {user.name: user for user in records.users},
            {session.hash: session for session in records.sessions},
            {token.hash: token for token in records.tokens},
            {share.hash: share for share in records.shares},
            {
                view.name: shown
                for view in records.views
                if (shown := ShownView.of_stored(view)) is not None
            },
        )

    @property
    def is_open(self) -> bool:
        """True if nobody has to log in, because there are no users and no tokens."""
        return not (self.users or self.tokens)

    def find_token(self, secret: str, now: int) -> Principal | None:
        """Return the principal of a token, None if it is unknown or has ended."""
        return self._token(_find(self.tokens, hash_secret(secret), now))

    def find_session(self, secret: str, now: int) -> Principal | None:
        """Return the principal of a session, None if it is unknown or has ended."""
        return self._session(_find(self.sessions, hash_secret(secret), now))

    def find_share(self, secret: str, now: int) -> Principal | None:
        """Return the principal of a share link, None if it is unknown or has ended."""
        return self._share(_find(self.shares, hash_secret(secret), now))

    def find_proxy_user(self, name: str) -> Principal | None:
        """Return the principal of a user whom a proxy has logged in, None if it is unknown."""
        user = self.users.get(name)
        return None if user is None else Principal("proxy", user.name, user.role)

    def find_again(self, principal: Principal, now: int) -> Principal | None:
        """Return a principal as it is now, None if it has no access any more."""
        match principal.kind:
            case "token":
                found = self._token(_find(self.tokens, principal.key, now))
            case "user":
                found = self._session(_find(self.sessions, principal.key, now))
            case "share":
                found = self._share(_find(self.shares, principal.key, now))
            case "proxy":
                found = self.find_proxy_user(principal.name)
            case "password":
                user = self.users.get(principal.name)
                is_same = user is not None and compare_digest(user.password, principal.key)
                found = principal._replace(role=user.role) if user and is_same else None
            case "everybody":
                found = principal if self.is_open else None
            case _:
                found = principal
        return found

    def _token(self, token: StoredToken | None) -> Principal | None:
        if token is None:
            return None
        series = None if token.series is None else AllowedSeries.of_names(token.series)
        return Principal("token", token.name, token.role, series, token.hash)

    def _session(self, session: StoredSession | None) -> Principal | None:
        if session is None:
            return None
        user = self.users.get(session.user)
        if user is None:
            return None
        return Principal("user", user.name, user.role, None, session.hash)

    def _share(self, share: StoredShare | None) -> Principal | None:
        if share is None:
            return None
        allowed = self._allowed_series(share)
        if allowed is None:
            return None
        return Principal(
            "share",
            share.id,
            "view",
            allowed,
            share.hash,
            share.window_seconds,
            share.start,
            share.end,
            share.view,
        )

    def _allowed_series(self, share: StoredShare) -> AllowedSeries | None:
        """Return the series of a share, None if the view that it shows is gone."""
        if share.view is None:
            return AllowedSeries.of_names(share.series)
        view = self.views.get(share.view)
        return None if view is None else view.series


def _find(rows: Mapping[str, T], key: str, now: int) -> T | None:
    """Return what has this hash and has not ended."""
    row = rows.get(key)
    if row is None or not compare_digest(row.hash, key):
        return None
    return None if row.expires_at is not None and row.expires_at <= now else row


class AccessSnapshot(NamedTuple):
    """Content of the database at one time.

    Attributes:
        position: Place in the journal up to which the records are complete, None without one.
        records: Everything that gives access.
    """

    position: Cursor | None
    records: AccessRecords


class AccessDirectory:
    """Keeps the directory of this process up to date.

    It is read again when it is a second old. After a command about access, it is read for each
    answer until the database holds the command.

    Args:
        read: Reads the database. It may block: it must let other requests go on meanwhile.
        monotonic: Clock in seconds that is never set back.
        clock: Time in microseconds.
    """

    def __init__(
        self,
        read: Callable[[], AccessSnapshot],
        monotonic: Callable[[], float] = time.monotonic,
        clock: Callable[[], int] = now_microseconds,
    ) -> None:
        self._read = read
        self._monotonic = monotonic
        self._clock = clock
        self._directory: Directory | None = None
        self._records: AccessRecords | None = None
        self._valid_until = float("-inf")
        self._retry_at = float("-inf")
        self._awaited: Cursor | None = None
        self._awaited_until = float("-inf")

    def invalidate(self, command: Cursor) -> None:
        """Read the database for each answer until it holds the command at this cursor."""
        self._awaited = command
        self._awaited_until = self._monotonic() + _MAX_AWAIT_SECONDS

    def current(self) -> Directory:
        """Return the directory. A database that can't be read now changes no rights.

        Raises:
            StoreUnavailableError, StoreUnusableError: It can't be read, and was never read before.
        """
        directory, now = self._directory, self._monotonic()
        if directory is not None:
            is_fresh = self._awaited is None and now < self._valid_until
            if is_fresh or now < self._retry_at:
                return directory
        try:
            return self.read_now()
        except (StoreUnavailableError, StoreUnusableError):
            if self._directory is None:
                raise
            self._retry_at = self._monotonic() + _MAX_AGE_SECONDS
            return self._directory

    def read_now(self) -> Directory:
        """Read the database and return the directory.

        Raises:
            StoreUnavailableError, StoreUnusableError: The database can't be read.
        """
        awaited = self._awaited
        begun_at = self._monotonic()
        snapshot = self._read()
        if self._is_lost(snapshot):
            raise StoreUnavailableError("the database is gone", "put it back, or restart the web")
        if self._directory is None or snapshot.records != self._records:
            self._directory = Directory.of_records(snapshot.records)
            self._records = snapshot.records
        self._valid_until = begun_at + _MAX_AGE_SECONDS
        if awaited == self._awaited and self._is_over(snapshot.position):
            self._awaited = None
        return self._directory

    def now(self) -> int:
        """Return the time in microseconds by which rights end."""
        return self._clock()

    def _is_lost(self, snapshot: AccessSnapshot) -> bool:
        """Return True if there is no database any more. That must not open everything."""
        is_empty = snapshot.position is None and snapshot.records == AccessRecords()
        return is_empty and self._directory is not None and not self._directory.is_open

    def _is_over(self, position: Cursor | None) -> bool:
        """Return True if the awaited command is in the database, or is not awaited any more."""
        awaited = self._awaited
        if awaited is None or self._monotonic() >= self._awaited_until:
            return True
        return (
            position is not None
            and position.epoch == awaited.epoch
            and position.entry >= awaited.entry
        )
