"""The directory of what gives access."""

import pytest

from services.access import hash_secret
from services.errors import StoreDamagedError, StoreUnavailableError, StripchartError
from services.position import Cursor, EntryId
from services.store import AccessRecords, StoredSession, StoredShare, StoredToken, StoredUser
from services.web.access.directory import AccessDirectory, AccessSnapshot, Directory
from services.web.access.principal import EVERYBODY

NOW = 1_000

ANNA = StoredUser("anna", "admin", "scrypt:", 1)
SESSION = StoredSession(hash_secret("s"), "anna", 1, NOW + 1)
TOKEN = StoredToken("telegraf", "write", hash_secret("t"), ("cpu.*",), 1, NOW + 1, None)
SHARE = StoredShare(
    "0a1b2c3d", hash_secret("l"), "", ("kitchen",), None, None, None, 1, None, "anna"
)
RECORDS = AccessRecords((ANNA,), (SESSION,), (TOKEN,), (SHARE,))


def at(milliseconds: int, epoch: str = "abc") -> Cursor:
    """Return a place in the journal."""
    return Cursor(epoch, EntryId(milliseconds, 0))


class Database:
    """A database whose records change, or that can't be read."""

    def __init__(self) -> None:
        self.records = AccessRecords()
        self.position: Cursor | None = at(0)
        self.reads = 0
        self.error: StripchartError | None = None
        self.seconds = 0.0

    def read(self) -> AccessSnapshot:
        self.reads += 1
        if self.error is not None:
            raise self.error
        return AccessSnapshot(self.position, self.records)

    def directory(self) -> AccessDirectory:
        return AccessDirectory(self.read, lambda: self.seconds, lambda: NOW)


def test_secrets_are_found_by_their_hash() -> None:
    directory = Directory.of_records(RECORDS)
    token = directory.find_token("t", NOW)
    assert token is not None
    assert (token.kind, token.name, token.role) == ("token", "telegraf", "write")
    assert token.series is not None
    assert "cpu.load" in token.series
    assert "kitchen" not in token.series
    user = directory.find_session("s", NOW)
    assert user is not None
    assert (user.kind, user.name, user.role, user.series) == ("user", "anna", "admin", None)
    share = directory.find_share("l", NOW)
    assert share is not None
    assert (share.kind, share.name, share.role) == ("share", "0a1b2c3d", "view")


@pytest.mark.parametrize("secret", ["", "T", hash_secret("t")])
def test_other_secrets_are_not_found(secret: str) -> None:
    directory = Directory.of_records(RECORDS)
    assert directory.find_token(secret, NOW) is None
    assert directory.find_session(secret, NOW) is None
    assert directory.find_share(secret, NOW) is None


def test_secret_of_one_kind_is_none_of_another() -> None:
    directory = Directory.of_records(RECORDS)
    assert directory.find_session("t", NOW) is None
    assert directory.find_token("l", NOW) is None
    assert directory.find_share("s", NOW) is None


def test_ended_access_is_not_found() -> None:
    directory = Directory.of_records(RECORDS)
    assert directory.find_token("t", NOW + 1) is None
    assert directory.find_session("s", NOW + 1) is None


def test_principal_is_found_again_as_it_is_now() -> None:
    directory = Directory.of_records(RECORDS)
    user = directory.find_session("s", NOW)
    assert user is not None
    assert directory.find_again(user, NOW) == user
    viewer = directory._replace(users={"anna": ANNA._replace(role="view")})
    assert viewer.find_again(user, NOW) == user._replace(role="view")
    assert directory.find_again(user, NOW + 1) is None
    assert directory._replace(sessions={}).find_again(user, NOW) is None
    assert directory._replace(users={}).find_again(user, NOW) is None


def test_everybody_has_access_until_there_is_a_user_or_token() -> None:
    nobody = Directory.of_records(AccessRecords(shares=(SHARE,)))
    assert nobody.is_open
    assert nobody.find_again(EVERYBODY, NOW) == EVERYBODY
    for records in (AccessRecords(users=(ANNA,)), AccessRecords(tokens=(TOKEN,))):
        directory = Directory.of_records(records)
        assert not directory.is_open
        assert directory.find_again(EVERYBODY, NOW) is None


def test_directory_is_read_again_after_a_second() -> None:
    database = Database()
    directory = database.directory()
    assert directory.current().is_open
    database.records = RECORDS
    database.seconds = 0.9
    assert directory.current().is_open
    database.seconds = 1.0
    assert not directory.current().is_open
    assert database.reads == 2


def test_directory_is_read_each_time_until_it_has_the_command() -> None:
    database = Database()
    directory = database.directory()
    assert directory.current().is_open
    directory.invalidate(at(7))
    assert directory.current().is_open
    database.records, database.position = RECORDS, at(7)
    assert not directory.current().is_open
    reads = database.reads
    assert not directory.current().is_open
    assert database.reads == reads == 3


def test_command_during_a_read_is_awaited() -> None:
    database = Database()
    commands = [at(8)]

    def read() -> AccessSnapshot:
        if commands:
            directory.invalidate(commands.pop())
        return database.read()

    directory = AccessDirectory(read, lambda: 0.0, lambda: NOW)
    directory.invalidate(at(7))
    database.position = at(7)
    assert directory.current().is_open
    database.records, database.position = RECORDS, at(8)
    assert not directory.current().is_open


def test_lost_command_is_not_awaited_forever() -> None:
    database = Database()
    directory = database.directory()
    directory.invalidate(at(7))
    database.position = at(9, "def")
    directory.current()
    directory.current()
    assert database.reads == 2
    database.seconds = 60.0
    directory.current()
    directory.current()
    assert database.reads == 3


@pytest.mark.parametrize("error", [StoreUnavailableError("locked"), StoreDamagedError("damaged")])
def test_database_that_can_not_be_read_changes_no_rights(error: StripchartError) -> None:
    database = Database()
    database.records = RECORDS
    directory = database.directory()
    known = directory.current()
    database.error = error
    database.seconds = 5.0
    directory.invalidate(at(7))
    assert directory.current() is known
    assert directory.current() is known
    assert database.reads == 2
    with pytest.raises(type(error)):
        directory.read_now()


def test_missing_database_changes_no_rights() -> None:
    database = Database()
    database.records = RECORDS
    directory = database.directory()
    known = directory.current()
    database.records, database.position = AccessRecords(), None
    database.seconds = 5.0
    assert directory.current() is known
    database.position = at(9)
    database.seconds = 6.0
    assert directory.current().is_open


def test_database_that_was_never_read_gives_no_access() -> None:
    database = Database()
    database.error = StoreUnavailableError("locked")
    with pytest.raises(StoreUnavailableError):
        database.directory().current()
