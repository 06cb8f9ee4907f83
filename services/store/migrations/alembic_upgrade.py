"""Runs the revisions that a database lacks, with Alembic."""

from collections.abc import Callable

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine

from services.errors import StoreUnusableError
from services.store.migrations import read_revision
from services.store.sqlite.error_translation import translate_errors


def run_upgrade(engine: Engine, backup: Callable[[str], object] | None, scripts: str) -> None:
    """Upgrade the schema. The arguments and errors are those of `migrations.upgrade`."""
    config = Config()
    config.set_main_option("script_location", scripts)
    try:
        newest = _newest_if_outdated(engine, config)
        if newest is not None and backup is not None:
            backup(newest)
        with translate_errors(), engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise StoreUnusableError(
            f"the schema of the database is unknown: {error}",
            "it was made by a newer version of Stripchart: install that one",
        ) from error


def _newest_if_outdated(engine: Engine, config: Config) -> str | None:
    """Return the newest revision if the database has an older one; None for a new database."""
    revisions = ScriptDirectory.from_config(config)
    current = read_revision(engine)
    newest = revisions.get_current_head()
    if current is None or current == newest:
        return None
    # Raises an error if the revision is unknown.
    revisions.get_revision(current)
    return newest
