"""What SQLite's errors become, and what the writer's connection notices by itself."""

import logging
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from services.errors import (
    AlreadyRunningError,
    StoreChangedError,
    StoreDamagedError,
    StoreMissingError,
    StoreReplacedError,
    StoreUnavailableError,
    StripchartError,
)
from services.position import Checkpoint, Cursor, EntryId
from services.reading import Reading
from services.settings import Settings
from services.store import (
    Recorder,
    WriteBatch,
    WriterLock,
    database_path,
    reading_engine,
    writing_engine,
)
from services.store.sqlite.error_translation import translate_errors
from services.store.sqlite.file_watch import WalLimits
from tests.support.databases import make_database

BASES: dict[str, type[StripchartError]] = {
    "FULL": StoreUnavailableError,
    "IOERR": StoreUnavailableError,
    "BUSY": StoreUnavailableError,
    "LOCKED": StoreUnavailableError,
    "READONLY": StoreUnavailableError,
    "CANTOPEN": StoreUnavailableError,
    "PERM": StoreUnavailableError,
    "PROTOCOL": StoreUnavailableError,
    "CORRUPT": StoreDamagedError,
    "NOTADB": StoreDamagedError,
}
# Python's names include those of limits and of actions, which are no result codes.
NAMES = [
    (name, BASES[name.split("_")[1]])
    for name in dir(sqlite3)
    if name.startswith("SQLITE_") and name.split("_")[1] in BASES
]


def many(number: int) -> WriteBatch:
    return WriteBatch([Reading(f"s{i % 9}", i, float(number)) for i in range(20_000)])


def at(number: int) -> Cursor:
    return Cursor("a", EntryId(number, 0))


@contextmanager
def busy_recorder(settings: Settings) -> Iterator[Recorder]:
    """A writer's hand that checkpoints all the time."""
    limits = WalLimits(checkpoint_pages=10, truncate_bytes=100_000, warning_bytes=1_000_000)
    make_database(settings)
    engine = writing_engine(settings, limits)
    yield Recorder(engine, "readings:journal", lambda: 0)
    engine.dispose()


@pytest.fixture
def path(settings: Settings) -> Path:
    return database_path(settings)


def test_there_are_codes_to_look_at() -> None:
    assert len(NAMES) > 50
    assert {name for name, _ in NAMES} >= {f"SQLITE_{base}" for base in BASES}


@pytest.mark.parametrize(("name", "expected"), NAMES)
def test_every_code_says_whether_it_may_pass(name: str, expected: type[StripchartError]) -> None:
    kind = sqlite3.DatabaseError if expected is StoreDamagedError else sqlite3.OperationalError
    error = kind("so it is")
    error.sqlite_errorcode = getattr(sqlite3, name)
    with pytest.raises(StripchartError) as caught, translate_errors():
        raise error
    assert type(caught.value) is expected
    assert caught.value.transient is (expected is StoreUnavailableError)


def test_a_full_database_takes_nothing_and_then_goes_on(
    writing: Engine, recorder: Recorder
) -> None:
    recorder.commit(WriteBatch([Reading("a", 1, 1.0)]), Checkpoint(at(1), 1, 1))
    with writing.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    for _ in range(2):
        with pytest.raises(StoreUnavailableError, match="disk of the database is full"):
            recorder.commit(many(2), Checkpoint(at(2), 2, 2))
        assert recorder.checkpoint() == (at(1), 1, 1)
    with writing.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    recorder.commit(many(2), Checkpoint(at(2), 2, 2))
    assert recorder.checkpoint() == (at(2), 2, 2)


def test_damage_is_found_where_it_is_met(
    writing: Engine, recorder: Recorder, settings: Settings, path: Path
) -> None:
    recorder.commit(many(1), Checkpoint(at(1), 1, 1))
    writing.dispose()
    with path.open("r+b") as file:
        file.seek(4_096)
        file.write(b"\xa5" * (path.stat().st_size - 4_096))
    engine = writing_engine(settings)
    with pytest.raises(StoreDamagedError, match="malformed"):
        Recorder(engine, "readings:journal", lambda: 0).commit(many(2), Checkpoint(at(2), 2, 2))
    engine.dispose()


def test_a_connection_that_failed_is_not_used_again(
    writing: Engine, recorder: Recorder, path: Path
) -> None:
    recorder.commit(many(1), Checkpoint(at(1), 1, 1))
    opened: list[object] = []
    writing.dispose()
    event.listen(writing, "connect", lambda connection, _record: opened.append(connection))
    kept = path.read_bytes()
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'journal_position'"
        ((page,),) = file.execute(query).fetchall()
    with path.open("r+b") as damaged:
        # Not the schema, which is read when a connection is opened.
        damaged.seek((page - 1) * 4_096)
        damaged.write(b"\xa5" * 4_096)
    with pytest.raises(StoreDamagedError):
        recorder.checkpoint()
    path.write_bytes(kept)
    assert recorder.checkpoint() == (at(1), 1, 1)
    assert len(opened) == 2
    assert opened[0] is not opened[1]


class TestOpening:
    """What is no missing file is not said to be one: readers would show an empty history."""

    def test_a_folder_in_its_place(self, settings: Settings, path: Path) -> None:
        path.mkdir(parents=True)
        self.fails(settings)

    def test_a_log_that_is_none(self, writing: Engine, settings: Settings, path: Path) -> None:
        writing.dispose()
        path.with_name("readings.db-wal").mkdir()
        self.fails(settings)

    def fails(self, settings: Settings) -> None:
        for engine in (reading_engine(settings), writing_engine(settings)):
            with (
                pytest.raises(StoreUnavailableError, match="can't be used now") as caught,
                translate_errors(),
                engine.connect() as connection,
            ):
                connection.exec_driver_sql("SELECT * FROM series")
            assert not isinstance(caught.value, StoreMissingError)


class TestWatching:
    """Files that are removed, replaced or changed under the writer."""

    @pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
    def test_a_file_that_is_gone(self, recorder: Recorder, path: Path, suffix: str) -> None:
        recorder.commit(many(1), Checkpoint(at(1), 1, 1))
        path.with_name(f"{path.name}{suffix}").unlink()
        with pytest.raises(StoreReplacedError, match=rf"db{suffix} was removed"):
            recorder.commit(many(2), Checkpoint(at(2), 2, 2))

    def test_what_was_committed_survives_the_removal_of_the_log(
        self, writing: Engine, recorder: Recorder, settings: Settings, path: Path
    ) -> None:
        recorder.commit(many(1), Checkpoint(at(1), 1, 1))
        # A reader keeps the writer from being the last one, whose end would save it.
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as other:
            other.execute("SELECT count(*) FROM series").fetchone()
            path.with_name("readings.db-wal").unlink()
            with pytest.raises(StoreReplacedError):
                recorder.commit(many(2), Checkpoint(at(2), 2, 2))
            writing.dispose()
        engine = writing_engine(settings)
        assert Recorder(engine, "readings:journal", lambda: 0).checkpoint() == (at(1), 1, 1)
        engine.dispose()

    def test_another_file_in_its_place(self, recorder: Recorder, path: Path) -> None:
        recorder.commit(many(1), Checkpoint(at(1), 1, 1))
        shutil.copy(path, path.with_name("new.db"))
        path.with_name("new.db").rename(path)
        with pytest.raises(StoreReplacedError, match="was replaced"):
            recorder.commit(many(2), Checkpoint(at(2), 2, 2))

    def test_it_stays_replaced_for_a_new_connection(
        self, writing: Engine, recorder: Recorder, path: Path
    ) -> None:
        recorder.commit(many(1), Checkpoint(at(1), 1, 1))
        shutil.copy(path, path.with_name("new.db"))
        path.with_name("new.db").rename(path)
        for _ in range(2):
            with pytest.raises(StoreReplacedError):
                recorder.commit(many(2), Checkpoint(at(2), 2, 2))
            writing.dispose()

    def test_a_file_that_was_written_over(
        self, writing: Engine, recorder: Recorder, path: Path
    ) -> None:
        recorder.commit(many(1), Checkpoint(at(1), 1, 1))
        with closing(sqlite3.connect(path)) as file:
            file.execute("VACUUM INTO ?", [str(path.with_name("copy.db"))])
        shutil.copyfile(path.with_name("copy.db"), path)
        with pytest.raises(StoreChangedError, match="another program has written into"):
            recorder.commit(many(2), Checkpoint(at(2), 2, 2))
        writing.dispose()
        # The old log was not put into it.
        assert path.read_bytes() == path.with_name("copy.db").read_bytes()

    def test_a_file_that_is_written_between_a_commit_and_the_next_look(
        self, recorder: Recorder, writing: Engine, path: Path
    ) -> None:
        few = WriteBatch([Reading("a", 1, 1.0)])
        recorder.commit(few, Checkpoint(at(1), 1, 1))

        def overwrite(*_arguments: object) -> None:
            with path.open("r+b") as file:
                file.write(b"letter")

        event.listen(writing, "commit", overwrite)
        recorder.commit(few, Checkpoint(at(2), 2, 2))
        event.remove(writing, "commit", overwrite)
        with pytest.raises(StoreChangedError):
            recorder.commit(few, Checkpoint(at(3), 3, 3))

    def test_our_own_checkpoints_are_no_change(self, settings: Settings, path: Path) -> None:
        with busy_recorder(settings) as recorder:
            times = set()
            for number in range(1, 9):
                recorder.commit(many(number), Checkpoint(at(number), number, number))
                times.add(path.stat().st_mtime_ns)
                with reading_engine(settings).connect() as connection:
                    connection.exec_driver_sql("SELECT count(*) FROM series")
        assert len(times) > 4

    def test_a_log_that_grows_is_said_when_it_begins_and_ends(
        self, settings: Settings, path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, "writer")
        with busy_recorder(settings) as recorder:
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("BEGIN")
                other.execute("SELECT count(*) FROM series").fetchone()
                for number in range(1, 9):
                    recorder.commit(many(number), Checkpoint(at(number), number, number))
            assert len(caplog.records) == 1
            for number in range(10, 13):
                recorder.commit(
                    WriteBatch([Reading("a", number, 1.0)]), Checkpoint(at(number), number, number)
                )
        began, ended = [record.getMessage() for record in caplog.records]
        assert began.startswith("write-ahead log of the database too large: 1.")
        assert ended.startswith("write-ahead log of the database small again after ")


def test_a_reader_leaves_the_log_alone_even_as_the_last_one(
    recorder: Recorder, path: Path, tmp_path: Path
) -> None:
    recorder.commit(many(1), Checkpoint(at(1), 1, 1))
    killed = tmp_path / "killed" / "readings.db"
    killed.parent.mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(f"{path}{suffix}", f"{killed}{suffix}")
    before = killed.read_bytes()
    of_the_dead = reading_engine(Settings.from_environ({"DATA_DIR": str(killed.parent)}))
    with of_the_dead.connect() as connection:
        count = "SELECT count(*) FROM readings"
        assert connection.exec_driver_sql(count).scalar_one() == 20_000
    assert killed.read_bytes() == before
    assert killed.with_name("readings.db-wal").stat().st_size > 100_000


class TestLock:
    """One writer, whatever path leads to the database, and whatever happens to the lock's file."""

    def test_a_link_leads_to_the_same_lock(self, tmp_path: Path) -> None:
        (tmp_path / "link.db").symlink_to(tmp_path / "data.db")
        with (
            WriterLock(tmp_path / "link.db").acquire(),
            pytest.raises(AlreadyRunningError, match=r"another writer has .*data\.db open"),
        ):
            WriterLock(tmp_path / "data.db").acquire()

    def test_a_removed_lock_is_taken_again_with_its_identity(self, tmp_path: Path) -> None:
        with WriterLock(tmp_path / "data.db").acquire() as lock:
            identity = lock.identity
            (tmp_path / "data.db.lock").unlink()
            lock.acquire()
            assert lock.identity == identity
            with pytest.raises(AlreadyRunningError):
                WriterLock(tmp_path / "data.db").acquire()
            lock.acquire()

    def test_a_removed_lock_that_another_one_has(self, tmp_path: Path) -> None:
        with WriterLock(tmp_path / "data.db").acquire() as lock:
            (tmp_path / "data.db.lock").unlink()
            with (
                WriterLock(tmp_path / "data.db").acquire(),
                pytest.raises(AlreadyRunningError),
            ):
                lock.acquire()
            lock.acquire()
