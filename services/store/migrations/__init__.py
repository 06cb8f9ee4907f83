"""Migrations of the schema. The writer upgrades a database when it starts."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import Engine, inspect

from services.store.migrations.new_schema import create_schema, is_new
from services.store.sqlite.error_translation import translate_errors

NEWEST_REVISION: Final = "0007"
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
    if scripts == _SCRIPTS and (_create_if_new(engine) or _is_newest(engine)):
        return
    # Alembic takes 17 MiB, which the writer would hold until its end.
    from services.store.migrations.alembic_upgrade import run_upgrade  # noqa: PLC0415

    run_upgrade(engine, backup, scripts)


def _create_if_new(engine: Engine) -> bool:
    """Create the newest schema in a database without tables. Returns False for any other."""
    with translate_errors(), engine.begin() as connection:
        if not is_new(connection):
            return False
        create_schema(connection, NEWEST_REVISION)
        return True


def _is_newest(engine: Engine) -> bool:
    return read_revision(engine) == NEWEST_REVISION


def read_revision(engine: Engine) -> str | None:
    """Return the revision of a database, None if it has none.

    Raises:
        StoreUnavailableError: The database can't be read now.
        StoreDamagedError: The database is damaged.
    """
    with translate_errors(), engine.begin() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if revision is None else str(revision)
