"""Migrations of the schema. The writer upgrades a database when it starts."""

from collections.abc import Callable
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine

from services.errors import StoreUnusableError
from services.store.sqlite.error_translation import translate_errors

_SCRIPTS: Final = "services.store:migrations"


def upgrade(
    engine: Engine,
    backup: Callable[[str], object] | None = None,
    scripts: str = _SCRIPTS,
) -> None:
    """Upgrade the schema to the newest revision, in one transaction.

    Args:
        engine: An engine that can write.
        backup: Called with the newest revision before a database of an older one is changed. If it
            raises an error, the database stays as it is.
        scripts: Location of the revisions.

    Raises:
        StoreUnusableError: The schema was made by a newer version of the program.
        StoreUnavailableError: The database can't be used now.
    """
    config = _make_config(scripts)
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


def newest_revision() -> str:
    """Return the revision of an up-to-date database."""
    return str(ScriptDirectory.from_config(_make_config(_SCRIPTS)).get_current_head())


def _make_config(scripts: str) -> Config:
    config = Config()
    config.set_main_option("script_location", scripts)
    return config


def _newest_if_outdated(engine: Engine, config: Config) -> str | None:
    """Return the newest revision if the database has an older one; None for a new database."""
    revisions = ScriptDirectory.from_config(config)
    with translate_errors(), engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    newest = revisions.get_current_head()
    if current is None or current == newest:
        return None
    # Raises an error if the revision is unknown.
    revisions.get_revision(current)
    return newest
