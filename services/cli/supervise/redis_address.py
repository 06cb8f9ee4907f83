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

from services.setting_fields import is_setting_given
from services.settings import Settings

_FILE_NAME: Final = "redis.url"
_SECRETS = re.compile(r"(?<=://)([^/@:]*):.*(?=@)|(?<=[?&]password=)[^&]*")


def settings_with_redis() -> Settings:
    """Return the settings of the environment, with the saved address if REDIS_URL is not set.

    Raises:
        SettingError: A setting has an invalid value.
    """
    return with_redis(Settings.from_environ())


def with_redis(settings: Settings) -> Settings:
    """Return the settings with the saved address if REDIS_URL is not set."""
    if is_setting_given("REDIS_URL"):
        return settings
    try:
        url = (settings.data_dir / _FILE_NAME).read_text(encoding="utf-8").strip()
    except OSError:
        return settings
    return replace(settings, redis_url=url)


@contextmanager
def saved(data_dir: Path, url: str) -> Iterator[None]:
    """Save an address in DATA_DIR for the other commands, and remove it at the end."""
    path = data_dir / _FILE_NAME
    new = path.with_suffix(".new")
    new.write_text(f"{url}\n", encoding="utf-8")
    new.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def without_password(url: str) -> str:
    """Return an address with its password hidden. A text without a password is not changed."""
    return _SECRETS.sub(lambda match: f"{match[1]}:***" if match[1] is not None else "***", url)
