"""Commands that give or take away access: users, tokens, sessions and shares.

Each is an entry of the journal as it is here, as JSON. Secrets are in none of them, only hashes;
what is recorded of a command and logged has no hash either.
"""

from typing import ClassVar, Final, TypeAlias

import msgspec
from msgspec import Struct

from services.access import (
    Role,
    hash_fault,
    series_fault,
    share_id_fault,
    title_fault,
    token_name_fault,
    user_name_fault,
)
from services.reading import MAX_TS

MAX_WINDOW_SECONDS: Final = 3_153_600_000.0
"""Longest window of a share: 100 years, as of the page."""


class _AccessCommand(
    Struct, frozen=True, tag_field="do", forbid_unknown_fields=True, omit_defaults=True
):
    """A command of this module. Its secret is None where it is only recorded."""

    secret_field: ClassVar[str | None] = None

    def without_secret(self) -> "AccessCommand":
        """Return the command as it may be recorded and logged."""
        if self.secret_field is None:
            return self  # type: ignore[return-value] # The union has every subclass.
        return msgspec.structs.replace(self, **{self.secret_field: None})  # type: ignore[return-value]

    def fault(self) -> str | None:
        """Return the reason why the command is invalid for any database, None if it is valid."""
        return None


class AddUser(_AccessCommand, frozen=True, tag="add_user"):
    """Add a user.

    Attributes:
        user: Name of the user.
        role: What the user may do.
        password: Hash of the password, as werkzeug makes it.
        created_at: Time in microseconds.
        is_first: The command is refused if there are users or tokens already.
    """

    secret_field = "password"  # noqa: S105 (the name of a field)

    user: str
    role: Role
    password: str | None
    created_at: int
    is_first: bool = False

    def fault(self) -> str | None:
        """Return the reason why the command is invalid, None if it is valid."""
        return user_name_fault(self.user) or _password_hash_fault(self.password)


class SetPassword(_AccessCommand, frozen=True, tag="set_password"):
    """Set the password of a user, and end all sessions of the user.

    Attributes:
        user: Name of the user.
        password: Hash of the password.
    """

    secret_field = "password"  # noqa: S105 (the name of a field)

    user: str
    password: str | None

    def fault(self) -> str | None:
        """Return the reason why the command is invalid, None if it is valid."""
        return user_name_fault(self.user) or _password_hash_fault(self.password)


class SetRole(_AccessCommand, frozen=True, tag="set_role"):
    """Give a user another role."""

    user: str
    role: Role

    def fault(self) -> str | None:
        """Return the reason why the command is invalid, None if it is valid."""
        return user_name_fault(self.user)


class RemoveUser(_AccessCommand, frozen=True, tag="remove_user"):
    """Remove a user, and end all sessions of the user."""

    user: str

    def fault(self) -> str | None:
        """Return the reason why the command is invalid, None if it is valid."""
        return user_name_fault(self.user)


class StartSession(_AccessCommand, frozen=True, tag="start_session"):
    """Start the session of a user who has logged in.

    Attributes:
        user: Name of the user.
        hash: Hash of the session's secret.
        created_at: Time in microseconds.
        expires_at: End in microseconds.
    """

    secret_field = "hash"  # noqa: S105 (the name of a field)

    user: str
    hash: str | None
    created_at: int
    expires_at: int

    def fault(self) -> str | None:
        """Return the reason why the command is invalid, None if it is valid."""
        return (
            user_name_fault(self.user)
            or (None if self.hash is None else hash_fault(self.hash))
            or _time_fault(self.created_at, self.expires_at)
        )


class EndSession(_AccessCommand, frozen=True, tag="end_session"):
    """End a session, by the hash of its secret."""

    secret_field = "hash"  # noqa: S105 (the name of a field)

    hash: str | None

    def fault(self) -> str | None:
        """Return the reason why the command is invalid, None if it is valid."""
        return None if self.hash is None else hash_fault(self.hash)


class EndSessions(_AccessCommand, frozen=True, tag="end_sessions"):
    """End all sessions of a user."""

    user: str

    def fault(self) -> str | None:
        """Return the reason why the command is invalid, None if it is valid."""
        return user_name_fault(self.user)


class AddToken(_AccessCommand, frozen=True, tag="add_token"):
    """Add a token for a program.

    Attributes:
        token: Name of the token.
        role: What the program may do.
        hash: Hash of the token.
        created_at: Time in microseconds.
        expires_at: End in microseconds, None for no end.
        series: Names and patterns of the series that it gives access to, None for all.
    """

    secret_field = "hash"  # noqa: S105 (the name of a field)

    token: str
    role: Role
    hash: str | None
    created_at: int
    expires_at: int | None = None
    series: tuple[str, ...] | None = None

    def fault(self) -> str | None:
        """Return the reason why the command is invalid, None if it is valid."""
        return (
            token_name_fault(self.token)
            or (None if self.hash is None else hash_fault(self.hash))
            or _time_fault(self.created_at, self.expires_at)
            or (None if self.series is None else series_fault(self.series))
        )


class RecordTokenUse(_AccessCommand, frozen=True, tag="record_token_use"):
    """Record the time at which a token was last used, in microseconds."""

    token: str
    used_at: int

    def fault(self) -> str | None:
        """Return the reason why the command is invalid, None if it is valid."""
        return token_name_fault(self.token) or _time_fault(self.used_at)


class RevokeToken(_AccessCommand, frozen=True, tag="revoke_token"):
    """Revoke a token."""

    token: str

    def fault(self) -> str | None:
        """Return the reason why the command is invalid, None if it is valid."""
        return token_name_fault(self.token)


class AddShare(_AccessCommand, frozen=True, tag="add_share"):
    """Add a share link, with which everybody who has it can look at some series.

    Attributes:
        share: Its id, by which it is listed and revoked.
        hash: Hash of the link's secret.
        title: What people see above the charts.
        series: Names and patterns of the series.
        created_at: Time in microseconds.
        expires_at: End in microseconds, None for no end.
        window_seconds: Length of the newest time that is shown, None for a range or all time.
        start: Start of a range in microseconds, None without a range.
        end: End of the range in microseconds.
        creator: Name of the user or token that made it, "" on the command line.
    """

    secret_field = "hash"  # noqa: S105 (the name of a field)

    share: str
    hash: str | None
    title: str
    series: tuple[str, ...]
    created_at: int
    expires_at: int | None = None
    window_seconds: float | None = None
    start: int | None = None
    end: int | None = None
    creator: str = ""

    def fault(self) -> str | None:
        """Return the reason why the command is invalid, None if it is valid."""
        return (
            share_id_fault(self.share)
            or (None if self.hash is None else hash_fault(self.hash))
            or title_fault(self.title)
            or series_fault(self.series)
            or _time_fault(self.created_at, self.expires_at)
            or self._window_fault()
        )

    def _window_fault(self) -> str | None:
        if (self.start is None) != (self.end is None):
            return "a range needs both its start and its end"
        if self.start is None or self.end is None:
            window = self.window_seconds
            if window is None or 0 < window <= MAX_WINDOW_SECONDS:
                return None
            return "the window must be longer than 0 s, and at most 100 years"
        if self.window_seconds is not None:
            return "give a window or a range, not both"
        if self.start >= self.end:
            return "from must be before to"
        return _time_fault(self.start, self.end)


class RevokeShare(_AccessCommand, frozen=True, tag="revoke_share"):
    """Revoke a share link, by its id."""

    share: str

    def fault(self) -> str | None:
        """Return the reason why the command is invalid, None if it is valid."""
        return share_id_fault(self.share)


UserCommand: TypeAlias = AddUser | SetPassword | SetRole | RemoveUser
SessionCommand: TypeAlias = StartSession | EndSession | EndSessions
TokenCommand: TypeAlias = AddToken | RecordTokenUse | RevokeToken
ShareCommand: TypeAlias = AddShare | RevokeShare
AccessCommand: TypeAlias = UserCommand | SessionCommand | TokenCommand | ShareCommand


def _password_hash_fault(password: str | None) -> str | None:
    if password is None or password.startswith("scrypt:"):
        return None
    return "the password must be hashed by scrypt"


def _time_fault(start: int, end: int | None = None) -> str | None:
    if not all(0 <= ts <= MAX_TS for ts in (start, end or 0)):
        return "the time must be between 1970 and 2242"
    return "the end must be after the start" if end is not None and end <= start else None
