"""Users, sessions, tokens and share links in the database."""

import sqlite3

import pytest

from services.access_command import (
    AccessCommand,
    AddToken,
    AddUser,
    EndSession,
    EndSessions,
    RecordTokenUse,
    RemoveLogins,
    RemoveUser,
    RevokeToken,
    SetPassword,
    SetRole,
    StartSession,
)
from services.position import Checkpoint, Cursor, EntryId
from services.settings import Settings
from services.share_command import AddShare, RevokeShare
from services.store import Recorder, WriteBatch, database_path, reading_engine
from services.store.access import MAX_ACCESS_ROWS, MAX_USER_SESSIONS
from services.store.query.access import (
    AccessReader,
    AccessRecords,
    StoredSession,
    StoredShare,
    StoredToken,
    StoredUser,
)

PASSWORD = "scrypt:32768:8:1$salt$00"  # noqa: S105 (no real one)
NOW = 1_795_342_272_000_000
ANNA = AddUser("anna", "admin", PASSWORD, NOW)
BEN = AddUser("ben", "view", PASSWORD, NOW)


class Access:
    """A database whose access is changed one command after the other."""

    def __init__(self, recorder: Recorder, settings: Settings) -> None:
        self._recorder = recorder
        self._reader = AccessReader(reading_engine(settings))
        self._entry = 0

    def apply(self, command: AccessCommand) -> str:
        """Carry out a command. Returns why it was refused, otherwise ""."""
        self._entry += 1
        checkpoint = Checkpoint(Cursor("a", EntryId(self._entry, 0)), self._entry, 0)
        result = self._recorder.commit(WriteBatch(command=command), checkpoint)
        assert result.command is not None
        return result.command.refusal

    def records(self) -> AccessRecords:
        """Return everything that gives access."""
        return self._reader.read()


@pytest.fixture
def access(recorder: Recorder, settings: Settings) -> Access:
    return Access(recorder, settings)


def hash_of(number: int) -> str:
    return f"{number:064x}"


def test_missing_database_gives_nobody_access(settings: Settings) -> None:
    assert AccessReader(reading_engine(settings)).read() == AccessRecords()


def test_user_is_added_changed_and_removed(access: Access) -> None:
    assert access.apply(BEN) == ""
    assert access.records().users == (StoredUser("ben", "view", PASSWORD, NOW),)
    assert access.apply(SetPassword("ben", "scrypt:1")) == ""
    assert access.apply(SetRole("ben", "write")) == ""
    assert access.records().users == (StoredUser("ben", "write", "scrypt:1", NOW),)
    assert access.apply(RemoveUser("ben")) == ""
    assert access.records() == AccessRecords()


@pytest.mark.parametrize("command", [RemoveUser("anna"), SetRole("anna", "write")])
def test_only_admin_stays_admin(access: Access, command: AccessCommand) -> None:
    access.apply(ANNA)
    access.apply(BEN)
    refusal = "'anna' is the only admin: make somebody else an admin first"
    assert access.apply(command) == refusal
    assert access.apply(SetRole("anna", "admin")) == ""
    access.apply(SetRole("ben", "admin"))
    assert access.apply(command) == ""
    assert access.apply(RemoveUser("ben")) == refusal.replace("anna", "ben")


def test_all_logins_are_removed_at_once_and_shares_stay(access: Access) -> None:
    nobody = "there is no user and no token: nobody has to log in"
    assert access.apply(RemoveLogins()) == nobody
    access.apply(AddShare("0a1b2c3d", hash_of(3), "", ("a",), NOW))
    for command in (ANNA, BEN, AddToken("telegraf", "write", hash_of(1), NOW)):
        access.apply(command)
    access.apply(StartSession("anna", hash_of(2), NOW, NOW + 10))
    assert access.apply(RemoveLogins()) == ""
    records = access.records()
    assert not records.has_users
    assert (records.users, records.sessions, records.tokens) == ((), (), ())
    assert len(records.shares) == 1
    assert access.apply(RemoveLogins()) == nobody


def test_second_user_of_a_name_is_refused(access: Access) -> None:
    access.apply(ANNA)
    assert access.apply(ANNA) == "there is a user 'anna' already"


def test_first_user_is_refused_if_somebody_was_faster(access: Access) -> None:
    first = AddUser("ben", "admin", PASSWORD, NOW, is_first=True)
    access.apply(ANNA)
    assert access.apply(first) == "there is a user already, who can add others"


def test_first_user_is_refused_if_there_is_a_token(access: Access) -> None:
    first = AddUser("ben", "admin", PASSWORD, NOW, is_first=True)
    access.apply(AddToken("telegraf", "write", hash_of(1), NOW))
    assert access.apply(first) == "there is a user already, who can add others"
    access.apply(RevokeToken("telegraf"))
    assert access.apply(first) == ""


@pytest.mark.parametrize(
    "command",
    [
        SetPassword("anna", PASSWORD),
        SetRole("anna", "view"),
        RemoveUser("anna"),
        EndSessions("anna"),
        StartSession("anna", hash_of(1), NOW, NOW + 1),
    ],
)
def test_command_for_an_unknown_user_is_refused(access: Access, command: AccessCommand) -> None:
    assert access.apply(command) == "there is no user 'anna'"


def test_sessions_end_alone_together_and_with_a_new_password(access: Access) -> None:
    access.apply(ANNA)
    access.apply(BEN)
    for number in range(3):
        access.apply(StartSession("anna", hash_of(number), NOW, NOW + 10))
    access.apply(StartSession("ben", hash_of(9), NOW, NOW + 10))
    access.apply(EndSession(hash_of(1)))
    hashes = [session.hash for session in access.records().sessions]
    assert hashes == [hash_of(0), hash_of(2), hash_of(9)]
    access.apply(EndSessions("anna"))
    assert access.records().sessions == (StoredSession(hash_of(9), "ben", NOW, NOW + 10),)
    access.apply(SetPassword("ben", PASSWORD))
    assert access.records().sessions == ()


def test_user_takes_the_sessions_along(access: Access) -> None:
    access.apply(BEN)
    access.apply(StartSession("ben", hash_of(1), NOW, NOW + 10))
    access.apply(RemoveUser("ben"))
    access.apply(BEN)
    assert access.records().sessions == ()


def test_new_session_removes_ended_ones_and_the_oldest_of_too_many(access: Access) -> None:
    access.apply(ANNA)
    access.apply(StartSession("anna", hash_of(1_000), NOW, NOW + 1))
    for number in range(MAX_USER_SESSIONS + 2):
        access.apply(StartSession("anna", hash_of(number), NOW + 10 + number, NOW + 9_999))
    hashes = [session.hash for session in access.records().sessions]
    assert hashes == [hash_of(number) for number in range(2, MAX_USER_SESSIONS + 2)]


def test_token_is_added_used_and_revoked(access: Access) -> None:
    series = ("cpu.*", "kitchen")
    assert access.apply(AddToken("telegraf", "write", hash_of(1), NOW, NOW + 5, series)) == ""
    token = StoredToken("telegraf", "write", hash_of(1), series, NOW, NOW + 5, None)
    assert access.records().tokens == (token,)
    access.apply(RecordTokenUse("telegraf", NOW + 2))
    assert access.records().tokens == (token._replace(used_at=NOW + 2),)
    assert "there is a token" in access.apply(AddToken("telegraf", "view", hash_of(2), NOW))
    assert access.apply(RevokeToken("telegraf")) == ""
    assert access.apply(RevokeToken("telegraf")) == "there is no token 'telegraf'"
    assert access.records() == AccessRecords()


def test_use_of_a_revoked_token_is_ignored(access: Access) -> None:
    assert access.apply(RecordTokenUse("telegraf", NOW)) == ""
    assert access.records() == AccessRecords()


def test_share_is_added_and_revoked(access: Access) -> None:
    share = AddShare("0a1b2c3d", hash_of(1), "Küche", ("kitchen",), NOW, creator="anna")
    assert access.apply(share) == ""
    expected = StoredShare(
        *("0a1b2c3d", hash_of(1), "Küche", ("kitchen",), None, None, None, NOW, None, "anna")
    )
    assert access.records().shares == (expected,)
    assert access.apply(share) == "there is a share '0a1b2c3d' already"
    assert access.apply(RevokeShare("0a1b2c3d")) == ""
    assert access.apply(RevokeShare("0a1b2c3d")) == "there is no share '0a1b2c3d'"


def test_new_share_removes_those_that_have_ended(access: Access) -> None:
    access.apply(AddShare("00000001", hash_of(1), "", ("a",), NOW, NOW + 5))
    access.apply(AddShare("00000002", hash_of(2), "", ("a",), NOW + 5))
    assert [share.id for share in access.records().shares] == ["00000002"]


@pytest.mark.long
def test_number_of_tokens_is_bounded(access: Access) -> None:
    for number in range(MAX_ACCESS_ROWS):
        access.apply(AddToken(f"t{number}", "view", hash_of(number), NOW))
    refusal = access.apply(AddToken("more", "view", hash_of(9_999), NOW))
    assert refusal == "there are 1000 tokens, as many as a database may have: remove some"


def test_record_of_a_command_has_no_secret(access: Access, settings: Settings) -> None:
    access.apply(ANNA)
    access.apply(StartSession("anna", hash_of(1), NOW, NOW + 10))
    access.apply(AddToken("telegraf", "write", hash_of(2), NOW))
    access.apply(AddShare("0a1b2c3d", hash_of(3), "", ("a",), NOW))
    access.apply(EndSession(hash_of(1)))
    with sqlite3.connect(database_path(settings)) as file:
        rows = file.execute("SELECT command FROM corrections").fetchall()
    file.close()
    recorded = "".join(text for (text,) in rows)
    assert len(rows) == 5
    assert "scrypt" not in recorded
    assert not any(hash_of(number) in recorded for number in (1, 2, 3))
