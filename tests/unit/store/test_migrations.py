"""Upgrades of databases of every schema, and databases that can't be upgraded."""

import sqlite3
from contextlib import closing

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from services.command import SetSettings
from services.errors import StoreMissingError, StoreUnavailableError, StoreUnusableError
from services.position import Checkpoint, Cursor, EntryId
from services.reading import Reading
from services.series_settings import SeriesSettings
from services.settings import Settings
from services.store import (
    Reader,
    Recorder,
    TimeRange,
    WriteBatch,
    database_path,
    reading_engine,
    writing_engine,
)
from services.store.backup.backups import Backups
from services.store.migrations import NEWEST_REVISION, upgrade
from tests.support.old_databases import FIXTURES, MIGRATIONS, load_schema, revisions

NOW = 1_795_342_272_000_000


def test_newest_revision_is_the_head_of_all() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == NEWEST_REVISION


def test_every_schema_has_a_fixture() -> None:
    assert [path.stem for path in sorted(FIXTURES.glob("schema_*.sql"))] == [
        f"schema_{revision}" for revision in revisions()
    ]


@pytest.mark.parametrize("revision", revisions())
def test_database_of_every_schema_is_upgraded_and_continued(
    settings: Settings, revision: str
) -> None:
    load_schema(settings, revision)
    writing = writing_engine(settings)
    upgrade(writing, Backups(settings).create_before_upgrade)
    reader = Reader(reading_engine(settings), "readings:journal")
    assert reader.cursor() == Cursor("5f2c9a", EntryId(1_795_342_272_123, 0))
    assert reader.newest_reading() == Reading("kitchen", 1_795_342_262_000_005, 22.0, "°C")
    series = {info.name: info.unit for info in reader.list_series()}
    assert series == {"cellar": None, "kitchen": "°C"}
    history = reader.history([], TimeRange(0, None), 100, 100)
    sizes = {name: len(columns.t) for name, columns in history.series.items()}
    assert sizes == {"cellar": 2, "kitchen": 6}
    recorder = Recorder(writing, "readings:journal", lambda: NOW)
    assert recorder.checkpoint() == (Cursor("5f2c9a", EntryId(1_795_342_272_123, 0)), 7, 21)
    cursor = Cursor("5f2c9a", EntryId(1_795_342_272_124, 0))
    recorder.commit(WriteBatch([Reading("kitchen", NOW, 23.0)]), Checkpoint(cursor, 8, 22))
    assert reader.cursor() == cursor
    settings_command = SetSettings("cellar", {"label": "Cellar", "decimals": 2})
    recorder.commit(
        WriteBatch(command=settings_command),
        Checkpoint(cursor._replace(entry=EntryId(1_795_342_272_125, 0)), 9, 22),
    )
    cellar, kitchen = reader.list_series()
    assert cellar.settings == SeriesSettings("Cellar", decimals=2)
    kept = SeriesSettings("Kitchen", "measure", 1, "#0b7285")
    assert kitchen.settings == (kept if revision >= "0004" else SeriesSettings())
    writing.dispose()
    with closing(sqlite3.connect(database_path(settings))) as file:
        assert file.execute("SELECT count(*), sum(count) FROM gaps").fetchone() == (2, 12)
        assert file.execute("SELECT count(*) FROM refused").fetchone() == (1,)
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_older_schema_is_unavailable_to_readers_and_not_empty(settings: Settings) -> None:
    load_schema(settings, "0003")
    reader = Reader(reading_engine(settings), "readings:journal")
    with pytest.raises(StoreUnavailableError, match="schema of an older version") as caught:
        reader.list_series()
    assert not isinstance(caught.value, StoreMissingError)


def test_second_upgrade_changes_nothing(
    recorder: Recorder, writing: Engine, file: sqlite3.Connection
) -> None:
    recorder.commit(
        WriteBatch([Reading("a", 1, 1.0)]), Checkpoint(Cursor("a", EntryId(1, 0)), 1, 1)
    )
    before = list(file.iterdump())
    upgrade(writing)
    assert list(file.iterdump()) == before


def test_newer_schema_is_refused_and_not_changed(writing: Engine, file: sqlite3.Connection) -> None:
    file.execute("UPDATE alembic_version SET version_num = '9999'")
    file.commit()
    before = list(file.iterdump())
    with pytest.raises(StoreUnusableError, match="newer version of Stripchart"):
        upgrade(writing)
    assert list(file.iterdump()) == before


def test_failed_migration_changes_nothing(settings: Settings) -> None:
    engine = writing_engine(settings)
    with closing(sqlite3.connect(database_path(settings))) as file:
        file.execute("CREATE TABLE gaps (something)")
        with pytest.raises(StoreUnavailableError, match="gaps already exists"):
            upgrade(engine)
        assert file.execute("SELECT name FROM sqlite_master").fetchall() == [("gaps",)]
    engine.dispose()


def test_file_that_is_not_a_database_is_damaged(settings: Settings) -> None:
    engine = writing_engine(settings)
    database_path(settings).write_bytes(b"this is a letter to my aunt" * 100)
    with pytest.raises(StoreUnusableError, match="damaged"):
        upgrade(engine)
