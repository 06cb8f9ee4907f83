"""Reading connections that stay open: when they are used again, and when they are not."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine, event

from services.concurrency import Interrupt
from services.errors import QueryInterruptedError, StoreMissingError
from services.position import Checkpoint, Cursor, EntryId
from services.reading import Reading
from services.settings import Settings
from services.store import (
    Reader,
    Recorder,
    WriteBatch,
    database_path,
    reading_engine,
    writing_engine,
)
from services.store.sqlite.direct_queries import fetch_value

MAX_KEPT = 2


def commit(recorder: Recorder, number: int) -> Reading:
    """Store one reading, and return it."""
    reading = Reading("a", number, float(number))
    cursor = Cursor("epoch", EntryId(number, 0))
    recorder.commit(WriteBatch([reading]), Checkpoint(cursor, number, number))
    return reading


@pytest.fixture
def path(settings: Settings) -> Path:
    return database_path(settings)


@pytest.fixture
def pooled(settings: Settings) -> Iterator[Engine]:
    engine = reading_engine(settings, max_kept=MAX_KEPT)
    yield engine
    engine.dispose()


@pytest.fixture
def reader(pooled: Engine) -> Reader:
    return Reader(pooled, "readings:journal")


@pytest.fixture
def opened(pooled: Engine) -> list[object]:
    """Return a list of all connections that were opened."""
    connections: list[object] = []
    event.listen(pooled, "connect", lambda connection, _record: connections.append(connection))
    return connections


def test_connection_is_used_again(recorder: Recorder, reader: Reader, opened: list[object]) -> None:
    for number in range(1, 4):
        assert commit(recorder, number) == reader.newest_reading()
    assert len(opened) == 1


def test_only_as_many_connections_are_kept_as_allowed(
    recorder: Recorder, pooled: Engine, opened: list[object]
) -> None:
    commit(recorder, 1)
    for _ in range(2):
        with ExitStack() as stack:
            for _ in range(MAX_KEPT + 1):
                stack.enter_context(pooled.begin())
    assert len(opened) == MAX_KEPT + 2


def test_no_connection_is_kept_by_default(recorder: Recorder, settings: Settings) -> None:
    commit(recorder, 1)
    engine = reading_engine(settings)
    opened: list[object] = []
    event.listen(engine, "connect", lambda connection, _record: opened.append(connection))
    reader = Reader(engine, "readings:journal")
    for _ in range(2):
        reader.newest_reading()
    assert len(opened) == 2


class TestChangedFiles:
    """A file that is removed, replaced or written by another program between two queries."""

    @pytest.fixture(autouse=True)
    def used_before(self, recorder: Recorder, reader: Reader) -> None:
        assert commit(recorder, 1) == reader.newest_reading()

    @pytest.fixture
    def other(self, path: Path, tmp_path: Path) -> Path:
        """A database with another reading, as a backup is one."""
        other = tmp_path / "other.db"
        with closing(sqlite3.connect(path)) as file:
            file.execute("VACUUM INTO ?", [str(other)])
        with closing(sqlite3.connect(other)) as file, file:
            file.execute("UPDATE readings SET ts = 77, value = 7.5")
        return other

    def test_replaced_database_is_read(self, reader: Reader, other: Path, path: Path) -> None:
        for suffix in ("-wal", "-shm"):
            path.with_name(f"{path.name}{suffix}").unlink()
        other.rename(path)
        assert reader.newest_reading() == Reading("a", 77, 7.5)

    def test_overwritten_database_is_read(
        self, reader: Reader, writing: Engine, other: Path, path: Path
    ) -> None:
        writing.dispose()
        for suffix in ("-wal", "-shm"):
            path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(other, path)
        assert reader.newest_reading() == Reading("a", 77, 7.5)

    def test_removed_database_is_missing(self, reader: Reader, pooled: Engine, path: Path) -> None:
        path.unlink()
        assert reader.newest_reading() is None
        with pytest.raises(StoreMissingError), pooled.begin():
            pass

    @pytest.mark.parametrize("suffixes", [["-wal"], ["-shm"], ["-wal", "-shm"]])
    def test_commits_to_a_new_log_are_read(
        self, reader: Reader, settings: Settings, writing: Engine, path: Path, suffixes: list[str]
    ) -> None:
        for suffix in suffixes:
            path.with_name(f"{path.name}{suffix}").unlink()
        writing.dispose()
        self.check_commits_are_read(reader, settings)

    def test_link_in_place_of_database_is_followed(
        self, reader: Reader, settings: Settings, writing: Engine, path: Path, tmp_path: Path
    ) -> None:
        # The writer would use a log beside the end of the link from now on.
        writing.dispose()
        path.symlink_to(path.rename(tmp_path / "moved.db"))
        self.check_commits_are_read(reader, settings)

    def check_commits_are_read(self, reader: Reader, settings: Settings) -> None:
        # The connections of one process share what SQLite knows of a log. The writer is another
        # process, so here the reader must let go of the old log first.
        reader.newest_reading()
        engine = writing_engine(settings)
        assert commit(Recorder(engine, "readings:journal", lambda: 0), 2) == reader.newest_reading()
        engine.dispose()

    def test_connection_beside_one_to_older_files_is_not_kept(
        self, pooled: Engine, opened: list[object], path: Path
    ) -> None:
        with pooled.begin():
            path.touch()
            with pooled.begin():
                pass
        # Neither of the two, but the third.
        for _ in range(2):
            with pooled.begin():
                pass
        assert len(opened) == 2

    def test_link_that_leads_elsewhere_is_followed(
        self, recorder: Recorder, other: Path, path: Path, tmp_path: Path
    ) -> None:
        link = tmp_path / "link.db"
        link.symlink_to(path)
        settings = Settings.from_environ({"DATABASE_URL": f"sqlite:///{link}"})
        engine = reading_engine(settings, max_kept=1)
        reader = Reader(engine, "readings:journal")
        assert commit(recorder, 2) == reader.newest_reading()
        link.unlink()
        link.symlink_to(other)
        assert reader.newest_reading() == Reading("a", 77, 7.5)
        engine.dispose()


class TestAfterError:
    """A failed query must not affect the next one."""

    def test_connection_is_closed_after_an_error(
        self, recorder: Recorder, pooled: Engine, opened: list[object]
    ) -> None:
        commit(recorder, 1)
        for _ in range(2):
            with pytest.raises(ValueError, match="broken"), pooled.begin():
                raise ValueError("broken")
        assert len(opened) == 2

    def test_interrupt_ends_no_later_query(self, recorder: Recorder, reader: Reader) -> None:
        commit(recorder, 1)
        interrupt = Interrupt(60.0)
        reader.list_series(interrupt)
        interrupt.request()
        assert count_far(reader) > 0

    def test_time_limit_begins_with_each_transaction(
        self, recorder: Recorder, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        commit(recorder, 1)
        now = [0.0]
        clock = SimpleNamespace(monotonic=lambda: now[0])
        monkeypatch.setattr("services.store.sqlite.engine.time", clock)
        engine = reading_engine(settings, query_seconds=1.0, max_kept=1)
        for _ in range(3):
            with engine.begin() as connection:
                now[0] += 0.9
                assert fetch_value(connection, LONG_QUERY) > 0
        with engine.begin() as connection:
            now[0] += 1.1
            with pytest.raises(sqlite3.OperationalError, match="interrupted"):
                fetch_value(connection, LONG_QUERY)
        engine.dispose()


LONG_QUERY = "SELECT count(*) FROM steps a, steps b"
"""A million rows: SQLite checks the time limit and the interrupt meanwhile."""


def count_far(reader: Reader) -> int:
    """Run a long query on a connection of a reader, without an interrupt of its own."""
    run: Callable[..., int] = reader._transactions.run
    return run(lambda connection: fetch_value(connection, LONG_QUERY), 0)


def test_interrupted_query_is_reported(recorder: Recorder, reader: Reader) -> None:
    commit(recorder, 1)
    interrupt = Interrupt(60.0)
    interrupt.request()
    run: Callable[..., int] = reader._transactions.run
    with pytest.raises(QueryInterruptedError):
        run(lambda connection: fetch_value(connection, LONG_QUERY), 0, interrupt)
