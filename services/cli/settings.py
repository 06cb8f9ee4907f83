"""`stripchart settings`: every setting, what it is now, and what it is for."""

import click

from services.cli.supervise.redis_address import without_password
from services.settings import Settings, settings_table


@click.command()
def settings() -> None:
    """Show every setting: its value now, its default and what it is for."""
    current = Settings.from_environ()
    for text, (name, default, help_text) in zip(current.to_texts(), settings_table(), strict=True):
        click.echo(f"{name}={without_password(text)}")
        click.echo(f"    {help_text}")
        click.echo(f"    Default: {default or 'empty'}")
