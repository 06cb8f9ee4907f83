"""Databases as programs with older schemas have left them."""

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic.script import ScriptDirectory

from services.settings import Settings
from services.store import database_path
from tests.support.paths import ROOT

MIGRATIONS = ROOT / "services" / "store" / "migrations"
FIXTURES = ROOT / "tests" / "fixtures"


def revisions() -> list[str]:
    """Return all revisions of the schema, the oldest first."""
    scripts = ScriptDirectory(str(MIGRATIONS))
    return sorted(revision.revision for revision in scripts.walk_revisions())


def load_schema(settings: Settings, revision: str) -> Path:
    """Create the database as a program with this schema has left it."""
    path = database_path(settings)
    path.parent.mkdir(parents=True)
    script = (FIXTURES / f"schema_{revision}.sql").read_text(encoding="utf-8")
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA journal_mode = WAL")
        file.executescript(script)
    return path
