"""The schema's history. The writer brings a database up to date when it starts."""

from collections.abc import Callable
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine

from services.errors import StoreUnusableError
from services.store.sqlite.engine import translate_errors

_SCRIPTS: Final = "services.store:migrations"


def upgrade(
    engine: Engine,
    backup: Callable[[str], object] | None = None,
    scripts: str = _SCRIPTS,
) -> None:
    """Bring the schema up to the newest revision, in one transaction.

    backup: called with that revision before a database of an older one is changed; what it raises
    leaves the database as it was. scripts: where the revisions are. Raises StoreUnusableError
    when a newer program has made the schema, StoreUnavailableError.
    """
    config = _configured(scripts)
    try:
        newest = _newest_if_older(engine, config)
        if newest is not None and backup is not None:
            backup(newest)
        with translate_errors(), engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise StoreUnusableError(
            f"the database's schema is not known here: {error}",
            "it was made by a newer version of Stripchart: install that one",
        ) from error


def newest_revision() -> str:
    """The revision that a database has when it is up to date."""
    return str(ScriptDirectory.from_config(_configured(_SCRIPTS)).get_current_head())


def _configured(scripts: str) -> Config:
    config = Config()
    config.set_main_option("script_location", scripts)
    return config


def _newest_if_older(engine: Engine, config: Config) -> str | None:
    """The newest revision, when the database has an older one; None if it has that one or none."""
    known = ScriptDirectory.from_config(config)
    with translate_errors(), engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    newest = known.get_current_head()
    if current is None or current == newest:
        return None
    known.get_revision(current)
    return newest
