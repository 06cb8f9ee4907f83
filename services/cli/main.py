"""The command `stripchart`: its subcommands are imported when they are called."""

import sys
from importlib import import_module
from keyword import iskeyword
from typing import Any, Final

import click

from services import __version__
from services.errors import StripchartError

_COMMANDS: Final = (
    "up",
    "demo",
    "producer",
    "writer",
    "web",
    "jobs",
    "send",
    "tail",
    "import",
    "series",
    "views",
    "token",
    "user",
    "share",
    "backup",
    "doctor",
    "settings",
    "redis-users",
)
_STATUS_INTERRUPTED: Final = 130


class Commands(click.Group):
    """The subcommands.

    The command `a-b` is the object `a_b` in the module `services.cli.a_b`. If the name is a keyword
    of Python, both have a `_` at their end.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """Return all names, in the order of `--help`."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return a command, or return None for an unknown name."""
        if cmd_name not in _COMMANDS:
            return None
        name = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name.replace("-", "_")
        command: click.Command = getattr(import_module(f"services.cli.{name}"), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command. A StripchartError ends it with one sentence, Ctrl-C without any."""
        try:
            return super().invoke(ctx)
        except StripchartError as error:
            click.echo(f"stripchart: {error}", err=True)
            sys.exit(error.exit_status)
        except KeyboardInterrupt:
            sys.exit(_STATUS_INTERRUPTED)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="stripchart")
def main() -> None:
    """Record live readings and show them on a chart."""
