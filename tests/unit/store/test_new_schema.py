"""The schema of a new database, which is created without Alembic."""

import sqlite3
import subprocess
import sys
from contextlib import closing

from services.settings import Settings
from services.store import database_path, writing_engine
from services.store.migrations import upgrade
from services.store.migrations.alembic_upgrade import run_upgrade
from tests.support.paths import ROOT

CREATE = """
import sys
from services.settings import Settings
from services.store import writing_engine
from services.store.migrations import upgrade

upgrade(writing_engine(Settings.from_environ({"DATA_DIR": sys.argv[1]})))
assert "alembic" not in sys.modules
"""


def dump(settings: Settings) -> list[str]:
    """Return all statements of the database, without differences in white space."""
    with closing(sqlite3.connect(database_path(settings))) as file:
        return [" ".join(statement.split()) for statement in file.iterdump()]


def test_new_schema_is_that_of_all_revisions(settings: Settings) -> None:
    engine = writing_engine(settings)
    upgrade(engine)
    engine.dispose()
    created = dump(settings)
    database_path(settings).unlink()
    engine = writing_engine(settings)
    run_upgrade(engine, None, "services.store:migrations")
    engine.dispose()
    assert len(created) > 1_000
    assert created == dump(settings)


def test_new_schema_is_created_without_alembic(settings: Settings) -> None:
    command = [sys.executable, "-c", CREATE, str(settings.data_dir)]
    subprocess.run(command, cwd=ROOT, check=True)
    assert len(dump(settings)) > 1_000
