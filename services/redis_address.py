"""The address of Redis: from the settings, or from the file that `stripchart up` writes.

`up` saves the address of its own Redis in a file in DATA_DIR, so that the other commands find it
without a setting.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from services.errors import SettingError
from services.filelock import is_locked
from services.private_files import replace_private_file
from services.setting_fields import is_setting_given
from services.settings import Settings

UP_LOCK_NAME: Final = "up.lock"
"""A file in DATA_DIR. `stripchart up` and its Redis hold its lock as long as they run."""

_FILE_NAME: Final = "redis.url"
_SECRETS = re.compile(r"(?<=://)([^/@:]*):.*(?=@)|(?<=[?&]password=)[^&]*")


def settings_with_redis() -> Settings:
    """Return the settings of the environment, with the saved address if REDIS_URL is not set.

    Raises:
        SettingError: A setting has an invalid value, or the saved address can't be used.
    """
    return with_redis(Settings.from_environ())


def with_redis(settings: Settings) -> Settings:
    """Return the settings with the saved address if REDIS_URL is not set.

    Raises:
        SettingError: The saved address belongs to another user, or was left behind by a
            `stripchart up` that was killed.
    """
    if is_setting_given("REDIS_URL"):
        return settings
    path = settings.data_dir / _FILE_NAME
    try:
        url = path.read_text(encoding="utf-8").strip()
        is_running = is_locked(settings.data_dir / UP_LOCK_NAME)
    except PermissionError as error:
        raise SettingError(
            f"the address of Redis can't be read: {error}",
            "run this as the user who runs `stripchart up`, or set REDIS_URL",
        ) from error
    except OSError:
        return settings
    if not is_running:
        # Another program may have taken its port.
        raise SettingError(
            f"`stripchart up` does not run: {path} was left behind when it was killed",
            "start it, or set REDIS_URL",
        )
    return replace(settings, redis_url=url)


@contextmanager
def saved(data_dir: Path, url: str) -> Iterator[None]:
    """Save an address in DATA_DIR for the other commands, and remove it at the end.

    The address holds the operator's password, so only our own user can read it.
    """
    path = data_dir / _FILE_NAME
    replace_private_file(path, f"{url}\n")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def without_password(url: str) -> str:
    """Return an address with its password hidden. A text without a password is not changed."""
    return _SECRETS.sub(lambda match: f"{match[1]}:***" if match[1] is not None else "***", url)
