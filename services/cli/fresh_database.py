"""The database as a command reads it: with everything that was acknowledged before."""

from contextlib import suppress

from services.broker.commit_requests import wait_for_commit
from services.errors import SettingError
from services.redis_address import with_redis
from services.settings import Settings


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
