"""Databases that recovery leaves as they are: intact, in use, or of another kind."""

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from services.errors import StoreUnavailableError, StoreUnusableError
from services.settings import Settings
from services.store import database_path, writing_engine
from services.store.backup.recovery import recover
from services.store.migrations import upgrade
from tests.support.damaged_databases import DamagedDatabase


class TestUntouched:
    """Databases that are not damaged are not changed."""

    def test_intact_database_is_not_changed(self, database: DamagedDatabase) -> None:
        database.back_up()
        before = database.path.read_bytes()
        for damaged in (False, True):
            assert database.recover(damaged=damaged) is None
            assert database.recover(replaced=True) is None
        assert database.path.read_bytes() == before

    CHILD = """
import os, sqlite3, sys
file = sqlite3.connect(sys.argv[1])
file.execute("INSERT INTO gaps (reason, noted_at) VALUES ('x', 1)")
file.commit()
file.execute("INSERT INTO gaps (reason, noted_at) VALUES ('y', 1)")
os.kill(os.getpid(), 9)
"""

    def test_database_that_was_not_closed_is_not_changed(self, database: DamagedDatabase) -> None:
        database.back_up()
        subprocess.run([sys.executable, "-c", self.CHILD, str(database.path)], check=False)
        assert database.path.with_name("readings.db-wal").stat().st_size
        assert database.recover() is None
        assert database.recover(damaged=True) is None
        assert [gap[3] for gap in database.gaps()] == ["x"]

    def test_first_start_without_database_creates_none(self, settings: Settings) -> None:
        assert recover(settings) is None
        assert not database_path(settings).exists()

    def test_empty_file_of_first_start_is_kept(self, settings: Settings) -> None:
        path = database_path(settings)
        path.parent.mkdir()
        path.touch()
        assert recover(settings) is None
        assert path.exists()

    def test_database_of_newer_schema_is_not_changed(self, database: DamagedDatabase) -> None:
        database.back_up()
        with closing(sqlite3.connect(database.path)) as file, file:
            file.execute("UPDATE alembic_version SET version_num = '9999'")
        assert database.recover(damaged=True) is None
        engine = writing_engine(database.settings)
        with pytest.raises(StoreUnusableError, match="newer version of Stripchart"):
            upgrade(engine)
        engine.dispose()
        assert database.count() == 5_000
        assert not list(database.path.parent.glob("*.aside*"))

    def test_locked_database_gives_error(self, database: DamagedDatabase) -> None:
        database.back_up()
        with closing(sqlite3.connect(database.path, isolation_level=None)) as file:
            file.execute("PRAGMA journal_mode = DELETE")
            file.execute("BEGIN EXCLUSIVE")
            with pytest.raises(StoreUnavailableError, match="database is locked"):
                database.recover()
        assert not list(database.path.parent.glob("*.aside*"))

    def test_folder_in_place_of_database_gives_error(self, database: DamagedDatabase) -> None:
        database.back_up()
        database.path.rename(database.path.with_name("kept.db"))
        database.path.mkdir()
        with pytest.raises(StoreUnavailableError, match="is not a file"):
            database.recover()

    def test_unreadable_log_gives_error(self, database: DamagedDatabase) -> None:
        database.back_up()
        database.path.with_name("readings.db-wal").unlink()
        database.path.with_name("readings.db-wal").mkdir()
        with pytest.raises(StoreUnavailableError, match="check the permissions"):
            database.recover()
        assert not list(database.path.parent.glob("*.aside*"))
