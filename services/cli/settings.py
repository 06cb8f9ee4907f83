"""`stripchart settings`: prints every setting with its value, its meaning and its default."""

import click

from services.cli.supervise.redis_address import without_password
from services.settings import Settings, settings_table


@click.command()
def settings() -> None:
    """Print every setting with its value.

    Below it are its meaning and its default.
    """
    current = Settings.from_environ()
    for text, (name, default, help_text) in zip(current.to_texts(), settings_table(), strict=True):
        click.echo(f"{name}={without_password(text)}")
        click.echo(f"    {help_text}")
        click.echo(f"    Default: {default or 'empty'}")
