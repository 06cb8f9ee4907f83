"""`stripchart settings`: every setting, what it is now, and what it is for."""

from dataclasses import fields

import click

from services.cli.redis_address import without_password
from services.settings import Settings, table


@click.command()
def settings() -> None:
    """Show every setting: its value now, its default and what it is for."""
    current = Settings.from_environ()
    for field, (name, default, help_text) in zip(fields(Settings), table(), strict=True):
        value = _text(getattr(current, field.name))
        click.echo(f"{name}={without_password(value)}")
        click.echo(f"    {help_text}")
        click.echo(f"    Default: {default or 'empty'}")


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value)
