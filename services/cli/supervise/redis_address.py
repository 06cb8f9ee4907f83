"""Where Redis is: as the settings say, or else where `stripchart up` has put one.

`up` writes the address of the server that it brought into a file in DATA_DIR, so that the other
commands find it without a setting.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from services.setting_fields import is_setting_given
from services.settings import Settings

_FILE: Final = "redis.url"
_SECRETS = re.compile(r"(?<=://)([^/@:]*):.*(?=@)|(?<=[?&]password=)[^&]*")


def settings_with_redis() -> Settings:
    """The settings, with the address of the Redis that `up` runs where they name none.

    Raises SettingError.
    """
    return with_redis(Settings.from_environ())


def with_redis(settings: Settings) -> Settings:
    """These settings, with the address of the Redis that `up` runs where none is named."""
    if is_setting_given("REDIS_URL"):
        return settings
    try:
        url = (settings.data_dir / _FILE).read_text(encoding="utf-8").strip()
    except OSError:
        return settings
    return replace(settings, redis_url=url)


@contextmanager
def announced(data_dir: Path, url: str) -> Iterator[None]:
    """Keep the address in DATA_DIR for the other commands."""
    path = data_dir / _FILE
    new = path.with_suffix(".new")
    new.write_text(f"{url}\n", encoding="utf-8")
    new.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def without_password(url: str) -> str:
    """The address as it may be shown. What holds no password comes back as it is."""
    return _SECRETS.sub(lambda match: f"{match[1]}:***" if match[1] is not None else "***", url)
