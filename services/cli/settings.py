"""`stripchart settings`: prints every setting with its value, its meaning and its default."""

from contextlib import suppress

import click

from services.errors import SettingError
from services.redis_address import with_redis, without_password
from services.settings import Settings


@click.command()
def settings() -> None:
    """Print every setting with its value.

    Below it are its meaning and its default. While `stripchart up` runs with the same DATA_DIR,
    REDIS_URL is the address of its Redis.
    """
    current = Settings.from_environ()
    with suppress(SettingError):
        current = with_redis(current)
    for text, (name, default, help_text) in zip(current.to_texts(), Settings.rows(), strict=True):
        secret = text and name.endswith("_PASSWORD")
        click.echo(f"{name}={'***' if secret else without_password(text)}")
        click.echo(f"    {help_text}")
        click.echo(f"    Default: {default or 'empty'}")
