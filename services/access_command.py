"""Commands that give or take away access: users, tokens, sessions and shares.

Each is an entry of the journal as it is here, as JSON. Secrets are in none of them, only hashes;
what is recorded of a command and logged has no hash either.
"""

from typing import TypeAlias

from services.access import (
    Role,
    hash_fault,
    series_fault,
    token_name_fault,
    user_name_fault,
)
from services.secret_command import SecretCommand, time_fault
from services.share_command import ShareCommand


class AddUser(SecretCommand, frozen=True, tag="add_user"):
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


class SetPassword(SecretCommand, frozen=True, tag="set_password"):
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


class SetRole(SecretCommand, frozen=True, tag="set_role"):
    """Give a user another role."""

    user: str
    role: Role

    def fault(self) -> str | None:
        """Return the reason why the command is invalid, None if it is valid."""
        return user_name_fault(self.user)


class RemoveUser(SecretCommand, frozen=True, tag="remove_user"):
    """Remove a user, and end all sessions of the user."""

    user: str

    def fault(self) -> str | None:
        """Return the reason why the command is invalid, None if it is valid."""
        return user_name_fault(self.user)


class RemoveLogins(SecretCommand, frozen=True, tag="remove_logins"):
    """Remove all users with their sessions, and all tokens: nobody has to log in any more."""


class StartSession(SecretCommand, frozen=True, tag="start_session"):
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
            or time_fault(self.created_at, self.expires_at)
        )


class EndSession(SecretCommand, frozen=True, tag="end_session"):
    """End a session, by the hash of its secret."""

    secret_field = "hash"  # noqa: S105 (the name of a field)

    hash: str | None

    def fault(self) -> str | None:
        """Return the reason why the command is invalid, None if it is valid."""
        return None if self.hash is None else hash_fault(self.hash)


class EndSessions(SecretCommand, frozen=True, tag="end_sessions"):
    """End all sessions of a user."""

    user: str

    def fault(self) -> str | None:
        """Return the reason why the command is invalid, None if it is valid."""
        return user_name_fault(self.user)


class AddToken(SecretCommand, frozen=True, tag="add_token"):
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
            or time_fault(self.created_at, self.expires_at)
            or (None if self.series is None else series_fault(self.series))
        )


class RecordTokenUse(SecretCommand, frozen=True, tag="record_token_use"):
    """Record the time at which a token was last used, in microseconds."""

    token: str
    used_at: int

    def fault(self) -> str | None:
        """Return the reason why the command is invalid, None if it is valid."""
        return token_name_fault(self.token) or time_fault(self.used_at)


class RevokeToken(SecretCommand, frozen=True, tag="revoke_token"):
    """Revoke a token."""

    token: str

    def fault(self) -> str | None:
        """Return the reason why the command is invalid, None if it is valid."""
        return token_name_fault(self.token)


UserCommand: TypeAlias = AddUser | SetPassword | SetRole | RemoveUser
SessionCommand: TypeAlias = StartSession | EndSession | EndSessions
TokenCommand: TypeAlias = AddToken | RecordTokenUse | RevokeToken
AccessCommand: TypeAlias = RemoveLogins | UserCommand | SessionCommand | TokenCommand | ShareCommand


def _password_hash_fault(password: str | None) -> str | None:
    if password is None or password.startswith("scrypt:"):
        return None
    return "the password must be hashed by scrypt"
