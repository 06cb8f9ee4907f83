"""Translation of SQLite's errors, and connections after an error."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from services.errors import (
    StoreDamagedError,
    StoreMissingError,
    StoreUnavailableError,
    StripchartError,
)
from services.position import Checkpoint, Cursor, EntryId
from services.reading import Reading
from services.settings import Settings
from services.store import Recorder, WriteBatch, database_path, reading_engine, writing_engine
from services.store.sqlite.error_translation import translate_errors

CHECKPOINT = Checkpoint(Cursor("a", EntryId(1, 0)), 1, 1)

ERRORS: dict[str, type[StripchartError]] = {
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
# The module also has names of limits and actions, which are not result codes.
CODES = [
    (name, ERRORS[name.split("_")[1]])
    for name in dir(sqlite3)
    if name.startswith("SQLITE_") and name.split("_")[1] in ERRORS
]


@pytest.fixture
def path(settings: Settings) -> Path:
    return database_path(settings)


def large_batch() -> WriteBatch:
    return WriteBatch([Reading(f"s{i % 9}", i, 1.0) for i in range(20_000)])


def test_all_kinds_of_result_codes_are_tested() -> None:
    assert len(CODES) > 50
    assert {name for name, _ in CODES} >= {f"SQLITE_{base}" for base in ERRORS}


@pytest.mark.parametrize(("name", "expected"), CODES)
def test_result_code_tells_whether_error_is_transient(
    name: str, expected: type[StripchartError]
) -> None:
    kind = sqlite3.DatabaseError if expected is StoreDamagedError else sqlite3.OperationalError
    error = kind("something failed")
    error.sqlite_errorcode = getattr(sqlite3, name)
    with pytest.raises(StripchartError) as caught, translate_errors():
        raise error
    assert type(caught.value) is expected
    assert caught.value.transient is (expected is StoreUnavailableError)


def test_damaged_page_gives_error_when_read(
    writing: Engine, recorder: Recorder, settings: Settings, path: Path
) -> None:
    recorder.commit(large_batch(), CHECKPOINT)
    writing.dispose()
    with path.open("r+b") as file:
        file.seek(4_096)
        file.write(b"\xa5" * (path.stat().st_size - 4_096))
    engine = writing_engine(settings)
    with pytest.raises(StoreDamagedError, match="malformed"):
        Recorder(engine, "readings:journal", lambda: 0).commit(large_batch(), CHECKPOINT)
    engine.dispose()


def test_connection_is_discarded_after_damage(
    writing: Engine, recorder: Recorder, path: Path
) -> None:
    recorder.commit(large_batch(), CHECKPOINT)
    opened: list[object] = []
    writing.dispose()
    event.listen(writing, "connect", lambda connection, _record: opened.append(connection))
    kept = path.read_bytes()
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'journal_position'"
        ((page,),) = file.execute(query).fetchall()
    with path.open("r+b") as damaged:
        # The pages of the schema are read when a connection is opened, so that this is another one.
        damaged.seek((page - 1) * 4_096)
        damaged.write(b"\xa5" * 4_096)
    with pytest.raises(StoreDamagedError):
        recorder.checkpoint()
    path.write_bytes(kept)
    assert recorder.checkpoint() == CHECKPOINT
    assert len(opened) == 2
    assert opened[0] is not opened[1]


class TestOpening:
    """A file that exists is never reported as missing: readers would show an empty history."""

    def test_folder_in_place_of_database_is_unavailable(
        self, settings: Settings, path: Path
    ) -> None:
        path.mkdir(parents=True)
        self.check_unavailable(settings)

    def test_folder_in_place_of_log_is_unavailable(
        self, writing: Engine, settings: Settings, path: Path
    ) -> None:
        writing.dispose()
        path.with_name("readings.db-wal").mkdir()
        self.check_unavailable(settings)

    def check_unavailable(self, settings: Settings) -> None:
        for engine in (reading_engine(settings), writing_engine(settings)):
            with (
                pytest.raises(StoreUnavailableError, match="can't be used now") as caught,
                translate_errors(),
                engine.connect() as connection,
            ):
                connection.exec_driver_sql("SELECT * FROM series")
            assert not isinstance(caught.value, StoreMissingError)
