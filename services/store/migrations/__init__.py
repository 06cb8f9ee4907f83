"""The schema's history. The writer brings a database up to date when it starts."""

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Engine

from services.errors import StoreUnusableError
from services.store.engine import translated


def upgrade(engine: Engine) -> None:
    """Bring the schema up to the newest revision, in one transaction.

    Raises StoreUnusableError when a newer program has made it, StoreUnavailableError.
    """
    config = Config()
    config.set_main_option("script_location", "services.store:migrations")
    with translated(), engine.begin() as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise StoreUnusableError(
                f"the database's schema is not known here: {error}",
                "it was made by a newer version of Stripchart: install that one",
            ) from error
