"""Users, tokens and share links in a database, as the writer puts them there."""

from base64 import b64encode
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any

from werkzeug.security import generate_password_hash

from services.access import Role, hash_secret
from services.access_command import AccessCommand, AddToken, AddUser
from services.broker import Broker, Journal
from services.clock import now_microseconds
from services.command import Command
from services.position import Checkpoint, Cursor, EntryId
from services.settings import Settings
from services.share_command import AddShare
from services.store import CommandResults, Recorder, WriteBatch, reading_engine
from tests.support.databases import migrated_engine
from tests.support.stack import Stack
from tests.support.waiting import wait_until

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


def carry_out(stack: Stack, *commands: Command) -> None:
    """Send commands to the writer of a stack, and wait until it has carried them out."""
    settings = Settings.from_environ(stack.environment)
    results = CommandResults(reading_engine(settings))
    with closing(Broker.connect(settings)) as broker:
        journal = Journal(broker)
        for command in commands:
            refusal = partial(results.refusal, journal.send_commands([command]))
            journal.commits.wait()
            wait_until("the writer has the result", partial(_is_known, refusal))
            assert refusal() == ""


def _is_known(result: Callable[[], str | None]) -> bool:
    return result() is not None


def new_token(role: Role, secret: str = "", series: tuple[str, ...] | None = None) -> AddToken:
    """Return the command that adds a token. Its name and secret are its role by default."""
    return AddToken(secret or role, role, hash_secret(secret or role), 1, series=series)


def new_user(name: str, role: Role) -> AddUser:
    """Return the command that adds a user with the password `PASSWORD`."""
    return AddUser(name, role, quick_hash(PASSWORD), 1)


def quick_hash(password: str) -> str:
    """Return a hash of a password that takes little time to make and to check."""
    return generate_password_hash(password, method="scrypt:512:8:1")


def bearer(secret: str) -> dict[str, str]:
    """Return the header with which a program sends a token."""
    return {"Authorization": f"Bearer {secret}"}


def new_share(secret: str, *series: str, **fields: Any) -> AddShare:
    """Return the command that adds a share link. Its id is made of the secret."""
    hash_ = hash_secret(secret)
    fixed: dict[str, Any] = {"title": "", "series": series, "created_at": 1}
    return AddShare(hash_[:8], hash_, **fixed | fields)


def basic(user: str, password: str) -> dict[str, str]:
    """Return the header of a user with a password."""
    return {"Authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"}
