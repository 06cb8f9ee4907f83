"""Connections to SQLite, and what each of them may do."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from services.errors import SettingError, StoreMissingError, StoreUnavailableError
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
from services.store.sqlite.engine import read_only
from services.store.sqlite.error_translation import translate_errors

CURSOR = Cursor("a", EntryId(1, 0))


def pragma(engine: Engine, name: str) -> object:
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


def test_commits_of_writer_are_written_to_disk(writing: Engine) -> None:
    assert pragma(writing, "journal_mode") == "wal"
    assert pragma(writing, "synchronous") == 2


def test_only_writer_makes_checkpoints(reading: Engine, writing: Engine) -> None:
    assert pragma(reading, "query_only") == 1
    assert pragma(reading, "wal_autocheckpoint") == 0
    assert pragma(writing, "wal_autocheckpoint") == 4_000


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO series (name, created_at) VALUES ('b', 1)",
        "DELETE FROM series",
        "UPDATE journal_position SET n = 0",
        "DROP TABLE readings",
        "CREATE TABLE mine (a)",
    ],
)
def test_reading_connections_cannot_write(
    recorder: Recorder, reading: Engine, statement: str
) -> None:
    recorder.commit(WriteBatch([Reading("a", 1, 1.0)]), Checkpoint(CURSOR, 1, 1))
    with reading.begin() as connection, pytest.raises(OperationalError, match="readonly"):
        connection.execute(text(statement))


def test_read_only_connection_cannot_write(recorder: Recorder, settings: Settings) -> None:
    recorder.commit(WriteBatch([Reading("a", 1, 1.0)]), Checkpoint(CURSOR, 1, 1))
    with closing(read_only(database_path(settings))) as connection:
        assert connection.execute("SELECT count(*) FROM readings").fetchone() == (1,)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("DELETE FROM readings")


def test_reading_creates_no_file(settings: Settings) -> None:
    with pytest.raises(StoreMissingError), translate_errors(), reading_engine(settings).begin():
        pass
    assert not database_path(settings).exists()


def test_selects_in_one_transaction_see_one_state(recorder: Recorder, reading: Engine) -> None:
    count = text("SELECT count(*) FROM readings")
    recorder.commit(WriteBatch([Reading("a", 1, 1.0)]), Checkpoint(CURSOR, 1, 1))
    with reading.begin() as connection:
        assert connection.execute(count).scalar_one() == 1
        recorder.commit(WriteBatch([Reading("a", 2, 2.0)]), Checkpoint(CURSOR, 2, 2))
        assert connection.execute(count).scalar_one() == 1
    with reading.begin() as connection:
        assert connection.execute(count).scalar_one() == 2


def test_slow_query_is_ended_and_next_one_succeeds(
    recorder: Recorder, settings: Settings, reader: Reader
) -> None:
    recorder.commit(
        WriteBatch([Reading("a", ts, 1.0) for ts in range(5_000)]), Checkpoint(CURSOR, 1, 1)
    )
    endless = text("SELECT count(*) FROM readings a, readings b, readings c")
    with (
        pytest.raises(StoreUnavailableError, match="ask for a shorter range"),
        translate_errors(),
        reading_engine(settings, query_seconds=0.05).begin() as connection,
    ):
        connection.execute(endless)
    assert reader.newest_reading() == Reading("a", 4_999, 1.0)


def test_folder_name_with_special_characters_is_escaped(settings: Settings) -> None:
    folder = settings.data_dir / "50% off? #1 'new'"
    named = Settings.from_environ({"DATA_DIR": str(folder)})
    engine = writing_engine(named)
    assert pragma(engine, "journal_mode") == "wal"
    engine.dispose()
    assert (folder / "readings.db").exists()


def test_other_database_than_sqlite_is_refused() -> None:
    settings = Settings.from_environ({"DATABASE_URL": "postgresql://localhost/readings"})
    with pytest.raises(SettingError, match="is no SQLite database"):
        writing_engine(settings)


def test_folder_that_cannot_be_created_gives_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = Settings.from_environ({"DATA_DIR": str(tmp_path / "file" / "data")})
    with pytest.raises(StoreUnavailableError, match="check DATA_DIR"):
        writing_engine(settings)
