"""Files that are removed, replaced or changed while the writer has them open."""

import logging
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from services.errors import StoreChangedError, StoreReplacedError
from services.position import Checkpoint, Cursor, EntryId
from services.reading import Reading
from services.settings import Settings
from services.store import Recorder, WriteBatch, database_path, reading_engine, writing_engine
from services.store.sqlite.file_watch import WalLimits
from tests.support.databases import make_database


@cache
def large_batch(number: int, count: int = 20_000) -> WriteBatch:
    return WriteBatch([Reading(f"s{i % 9}", i, float(number)) for i in range(count)])


def checkpoint(number: int) -> Checkpoint:
    return Checkpoint(Cursor("a", EntryId(number, 0)), number, number)


@contextmanager
def checkpointing_recorder(settings: Settings) -> Iterator[Recorder]:
    """Open a recorder whose log is copied into the database at nearly each commit."""
    limits = WalLimits(checkpoint_pages=10, truncate_bytes=100_000, warning_bytes=1_000_000)
    make_database(settings)
    engine = writing_engine(settings, limits)
    yield Recorder(engine, "readings:journal", lambda: 0)
    engine.dispose()


@pytest.fixture
def path(settings: Settings) -> Path:
    return database_path(settings)


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
def test_removed_file_is_noticed(recorder: Recorder, path: Path, suffix: str) -> None:
    recorder.commit(large_batch(1), checkpoint(1))
    path.with_name(f"{path.name}{suffix}").unlink()
    with pytest.raises(StoreReplacedError, match=rf"db{suffix} was removed"):
        recorder.commit(large_batch(2), checkpoint(2))


def test_committed_readings_survive_removal_of_log(
    writing: Engine, recorder: Recorder, settings: Settings, path: Path
) -> None:
    recorder.commit(large_batch(1), checkpoint(1))
    # While a reader is open, the writer's end does not copy the log into the database.
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as other:
        other.execute("SELECT count(*) FROM series").fetchone()
        path.with_name("readings.db-wal").unlink()
        with pytest.raises(StoreReplacedError):
            recorder.commit(large_batch(2), checkpoint(2))
        writing.dispose()
    engine = writing_engine(settings)
    assert Recorder(engine, "readings:journal", lambda: 0).checkpoint() == checkpoint(1)
    engine.dispose()


def test_replaced_file_is_noticed(recorder: Recorder, path: Path) -> None:
    recorder.commit(large_batch(1), checkpoint(1))
    shutil.copy(path, path.with_name("new.db"))
    path.with_name("new.db").rename(path)
    with pytest.raises(StoreReplacedError, match="was replaced"):
        recorder.commit(large_batch(2), checkpoint(2))


class TestLinks:
    """Links in place of the database, of its folder, or of a file beside it."""

    @pytest.fixture
    def linked(self, settings: Settings, tmp_path: Path) -> Settings:
        """A database that is reached over a link, as somebody has set it up."""
        make_database(settings)
        (tmp_path / "link.db").symlink_to(database_path(settings))
        return Settings.from_environ({"DATABASE_URL": f"sqlite:///{tmp_path}/link.db"})

    def test_link_that_was_there_before_is_followed(self, linked: Settings, path: Path) -> None:
        engine = writing_engine(linked)
        recorder = Recorder(engine, "readings:journal", lambda: 0)
        for number in (1, 2):
            recorder.commit(large_batch(number), checkpoint(number))
        assert path.with_name("readings.db-wal").exists()
        engine.dispose()

    def test_link_that_leads_elsewhere_is_noticed(
        self, linked: Settings, path: Path, tmp_path: Path
    ) -> None:
        engine = writing_engine(linked)
        recorder = Recorder(engine, "readings:journal", lambda: 0)
        recorder.commit(large_batch(1), checkpoint(1))
        reader = reading_engine(linked)
        shutil.copy(path, tmp_path / "other.db")
        (tmp_path / "link.db").unlink()
        (tmp_path / "link.db").symlink_to(tmp_path / "other.db")
        with pytest.raises(StoreReplacedError, match=rf"by a link to {tmp_path}/other\.db while"):
            recorder.commit(large_batch(2), checkpoint(2))
        engine.dispose()
        with reader.connect() as connection:
            names = connection.exec_driver_sql("PRAGMA database_list").all()
        assert names[0][2] == f"{tmp_path}/other.db"

    def test_link_to_the_moved_file_is_noticed_and_nothing_is_lost(
        self, recorder: Recorder, settings: Settings, path: Path, tmp_path: Path
    ) -> None:
        recorder.commit(large_batch(1), checkpoint(1))
        moved = path.rename(tmp_path / "moved.db")
        path.symlink_to(moved)
        with pytest.raises(StoreReplacedError, match="by a link to"):
            recorder.commit(large_batch(2), checkpoint(2))
        # A reader that comes over the link does not look at the log beside the link.
        with closing(sqlite3.connect(f"file:{moved}?immutable=1", uri=True)) as file:
            assert file.execute("SELECT count(*) FROM readings").fetchone() == (20_000,)
        assert database_path(settings) == moved

    def test_link_in_place_of_the_folder_is_noticed(self, recorder: Recorder, path: Path) -> None:
        recorder.commit(large_batch(1), checkpoint(1))
        moved = path.parent.rename(path.parent.with_name("moved"))
        path.parent.symlink_to(moved)
        with pytest.raises(StoreReplacedError, match="by a link to"):
            recorder.commit(large_batch(2), checkpoint(2))

    @pytest.mark.parametrize("suffix", ["-wal", "-shm"])
    def test_link_in_place_of_a_file_beside_it_is_noticed(
        self, recorder: Recorder, path: Path, suffix: str
    ) -> None:
        recorder.commit(large_batch(1), checkpoint(1))
        beside = path.with_name(f"{path.name}{suffix}")
        beside.symlink_to(beside.rename(path.with_name("moved")))
        with pytest.raises(StoreReplacedError, match=f"db{suffix} was removed"):
            recorder.commit(large_batch(2), checkpoint(2))


def test_replaced_file_is_refused_by_new_connections(
    writing: Engine, recorder: Recorder, path: Path
) -> None:
    recorder.commit(large_batch(1), checkpoint(1))
    shutil.copy(path, path.with_name("new.db"))
    path.with_name("new.db").rename(path)
    for _ in range(2):
        with pytest.raises(StoreReplacedError):
            recorder.commit(large_batch(2), checkpoint(2))
        writing.dispose()


def test_overwritten_file_is_noticed_and_keeps_its_content(
    writing: Engine, recorder: Recorder, path: Path
) -> None:
    recorder.commit(large_batch(1), checkpoint(1))
    with closing(sqlite3.connect(path)) as file:
        file.execute("VACUUM INTO ?", [str(path.with_name("copy.db"))])
    shutil.copyfile(path.with_name("copy.db"), path)
    with pytest.raises(StoreChangedError, match="another program has written into"):
        recorder.commit(large_batch(2), checkpoint(2))
    writing.dispose()
    # The old log was not copied into it.
    assert path.read_bytes() == path.with_name("copy.db").read_bytes()


def test_file_that_is_overwritten_during_a_commit_is_noticed(
    recorder: Recorder, writing: Engine, path: Path
) -> None:
    few = WriteBatch([Reading("a", 1, 1.0)])
    recorder.commit(few, checkpoint(1))

    def overwrite(*_arguments: object) -> None:
        with path.open("r+b") as file:
            file.write(b"text")

    event.listen(writing, "commit", overwrite)
    recorder.commit(few, checkpoint(2))
    event.remove(writing, "commit", overwrite)
    with pytest.raises(StoreChangedError):
        recorder.commit(few, checkpoint(3))


def test_own_checkpoints_are_not_reported(settings: Settings, path: Path) -> None:
    with checkpointing_recorder(settings) as recorder:
        times = set()
        for number in range(1, 9):
            recorder.commit(large_batch(number, 5_000), checkpoint(number))
            times.add(path.stat().st_mtime_ns)
            with reading_engine(settings).connect() as connection:
                connection.exec_driver_sql("SELECT count(*) FROM series")
    assert len(times) > 4


def test_large_log_is_logged_once_at_its_start_and_end(
    settings: Settings, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "writer")
    with checkpointing_recorder(settings) as recorder:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN")
            other.execute("SELECT count(*) FROM series").fetchone()
            for number in range(1, 6):
                recorder.commit(large_batch(number), checkpoint(number))
        assert len(caplog.records) == 1
        for number in range(10, 13):
            recorder.commit(WriteBatch([Reading("a", number, 1.0)]), checkpoint(number))
    began, ended = [record.getMessage() for record in caplog.records]
    assert began.startswith("write-ahead log of the database too large: 1.")
    assert ended.startswith("write-ahead log of the database small again after ")


def test_last_reader_leaves_log_unchanged(recorder: Recorder, path: Path, tmp_path: Path) -> None:
    recorder.commit(large_batch(1), checkpoint(1))
    copied = tmp_path / "copied" / "readings.db"
    copied.parent.mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(f"{path}{suffix}", f"{copied}{suffix}")
    before = copied.read_bytes()
    reading = reading_engine(Settings.from_environ({"DATA_DIR": str(copied.parent)}))
    with reading.connect() as connection:
        count = "SELECT count(*) FROM readings"
        assert connection.exec_driver_sql(count).scalar_one() == 20_000
    assert copied.read_bytes() == before
    assert copied.with_name("readings.db-wal").stat().st_size > 100_000
