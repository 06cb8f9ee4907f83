"""The database as a command reads it: with everything that was acknowledged before."""

from contextlib import suppress

from services.broker.commit_requests import wait_for_commit
from services.broker.keys import Keys
from services.errors import SettingError
from services.redis_address import with_redis
from services.settings import Settings
from services.store import Reader, reading_engine


def settings_of_fresh_database() -> Settings:
    """Return the settings, once the writer has committed what it has.

    Without Redis or a writer the database is read as it is; this waits at most 1 s for them.

    Raises:
        SettingError: A setting is invalid.
    """
    settings = Settings.from_environ()
    # What is left of a killed `stripchart up` is no reason not to read its database.
    with suppress(SettingError):
        wait_for_commit(with_redis(settings))
    return settings


def open_fresh_reader() -> Reader:
    """Open a reader of the database after it has what the journal had."""
    settings = settings_of_fresh_database()
    return Reader(reading_engine(settings), Keys.of(settings.channel).journal)
