"""Users, tokens and share links in a database, as the writer puts them there."""

from services.access import Role, hash_secret
from services.access_command import AccessCommand, AddToken, AddUser
from services.clock import now_microseconds
from services.passwords import hash_password
from services.position import Checkpoint, Cursor, EntryId
from services.settings import Settings
from services.store import Recorder, WriteBatch
from tests.support.databases import migrated_engine

PASSWORD = "correct horse"  # noqa: S105 (no real one)


class AccessRecorder:
    """Carries out commands about access.

    Args:
        settings: Where the database is.
    """

    def __init__(self, settings: Settings) -> None:
        engine = migrated_engine(settings)
        self._recorder = Recorder(engine, "readings:journal", now_microseconds)
        self._count = 0

    def carry_out(self, *commands: AccessCommand) -> Cursor:
        """Carry out commands, and return the place of the last one in the journal."""
        for command in commands:
            self._count += 1
            cursor = Cursor("abc", EntryId(self._count, 0))
            batch = WriteBatch(command=command)
            self._recorder.commit(batch, Checkpoint(cursor, self._count, 0))
        return cursor


def new_token(role: Role, secret: str = "", series: tuple[str, ...] | None = None) -> AddToken:
    """Return the command that adds a token. Its name and secret are its role by default."""
    return AddToken(secret or role, role, hash_secret(secret or role), 1, series=series)


def new_user(name: str, role: Role) -> AddUser:
    """Return the command that adds a user with the password `PASSWORD`."""
    return AddUser(name, role, hash_password(PASSWORD), 1)
