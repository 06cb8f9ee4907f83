"""The lock that makes one process the writer of a database."""

from pathlib import Path

import pytest

from services.errors import AlreadyRunningError
from services.store import WriterLock
from services.store.sqlite.writer_lock import read_identity


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "new" / "readings.db"


def test_second_writer_is_refused(database: Path) -> None:
    with (
        WriterLock(database).acquire(),
        pytest.raises(AlreadyRunningError, match=r"another writer has .*readings\.db open"),
    ):
        WriterLock(database).acquire()


def test_next_writer_has_same_identity(database: Path) -> None:
    with WriterLock(database).acquire() as first:
        pass
    with WriterLock(database).acquire() as second:
        assert second.identity == first.identity
    assert len(first.identity) == 16


def test_other_database_has_other_identity(database: Path, tmp_path: Path) -> None:
    with (
        WriterLock(database).acquire() as one,
        WriterLock(tmp_path / "other.db").acquire() as other,
    ):
        assert one.identity != other.identity


@pytest.mark.parametrize("content", [b"", b"\x00\xff\n", b"two words\n"])
def test_damaged_lock_file_gets_new_identity(database: Path, content: bytes) -> None:
    database.parent.mkdir()
    database.with_name("readings.db.lock").write_bytes(content)
    with WriterLock(database).acquire() as first:
        assert first.identity.isalnum()
    with WriterLock(database).acquire() as second:
        assert second.identity == first.identity


def test_second_release_does_nothing(database: Path) -> None:
    lock = WriterLock(database).acquire()
    lock.release()
    lock.release()
    WriterLock(database).acquire().release()


def test_link_to_database_has_same_lock(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "data.db")
    with (
        WriterLock(tmp_path / "link.db").acquire(),
        pytest.raises(AlreadyRunningError, match=r"another writer has .*data\.db open"),
    ):
        WriterLock(tmp_path / "data.db").acquire()


def test_removed_lock_file_is_acquired_again_with_same_identity(tmp_path: Path) -> None:
    with WriterLock(tmp_path / "data.db").acquire() as lock:
        identity = lock.identity
        (tmp_path / "data.db.lock").unlink()
        lock.acquire()
        assert lock.identity == identity
        with pytest.raises(AlreadyRunningError):
            WriterLock(tmp_path / "data.db").acquire()
        lock.acquire()


def test_removed_lock_that_another_writer_acquired_is_refused(tmp_path: Path) -> None:
    with WriterLock(tmp_path / "data.db").acquire() as lock:
        (tmp_path / "data.db.lock").unlink()
        with (
            WriterLock(tmp_path / "data.db").acquire(),
            pytest.raises(AlreadyRunningError),
        ):
            lock.acquire()
        lock.acquire()


def test_lock_follows_a_link_and_keeps_its_identity(database: Path) -> None:
    lock = WriterLock(database).acquire()
    identity = lock.identity
    moved = database.with_name("moved.db")
    with WriterLock(moved).acquire() as other:
        assert other.identity != identity
    database.symlink_to(moved)
    lock.follow(database)
    lock.acquire()
    with pytest.raises(AlreadyRunningError):
        WriterLock(moved).acquire()
    # Redis knows the process by it, and so does its successor.
    assert (lock.identity, read_identity(moved)) == (identity, identity)
    lock.release()
    assert WriterLock(moved).acquire().identity == identity
