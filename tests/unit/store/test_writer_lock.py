"""The lock that makes one process the writer."""

from pathlib import Path

import pytest

from services.errors import AlreadyRunningError
from services.store import WriterLock


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "new" / "readings.db"


def test_there_is_one_writer(database: Path) -> None:
    with (
        WriterLock(database).acquire(),
        pytest.raises(AlreadyRunningError, match=r"another writer has .*readings\.db open"),
    ):
        WriterLock(database).acquire()


def test_the_next_writer_has_the_same_identity(database: Path) -> None:
    with WriterLock(database).acquire() as first:
        pass
    with WriterLock(database).acquire() as second:
        assert second.identity == first.identity
    assert len(first.identity) == 16


def test_another_database_has_another_identity(database: Path, tmp_path: Path) -> None:
    with (
        WriterLock(database).acquire() as one,
        WriterLock(tmp_path / "other.db").acquire() as other,
    ):
        assert one.identity != other.identity


@pytest.mark.parametrize("left", [b"", b"\x00\xff\n", b"two words\n"])
def test_a_damaged_lock_file_gets_an_identity(database: Path, left: bytes) -> None:
    database.parent.mkdir()
    database.with_name("readings.db.lock").write_bytes(left)
    with WriterLock(database).acquire() as first:
        assert first.identity.isalnum()
    with WriterLock(database).acquire() as second:
        assert second.identity == first.identity


def test_to_release_twice_is_harmless(database: Path) -> None:
    lock = WriterLock(database).acquire()
    lock.release()
    lock.release()
    WriterLock(database).acquire().release()
