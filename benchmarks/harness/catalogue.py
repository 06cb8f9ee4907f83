"""The benchmarks by name: every module of the package is one."""

import pkgutil
from importlib import import_module

import click

import benchmarks


class Catalogue(click.Group):
    """The benchmark `some-thing` is the command `run` in `benchmarks/some_thing.py`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """All names."""
        return [
            module.name.replace("_", "-")
            for module in pkgutil.iter_modules(benchmarks.__path__)
            if not module.ispkg and not module.name.startswith("_")
        ]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The benchmark of this name; None when there is none."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = import_module(f"benchmarks.{cmd_name.replace('-', '_')}")
        command: click.Command = module.run
        return command


@click.group(
    cls=Catalogue,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.pass_context
def main(ctx: click.Context) -> None:
    """Run one benchmark, or all of them, one after the other, where none is named."""
    if ctx.invoked_subcommand is not None:
        return
    for name in main.list_commands(ctx):
        command = main.get_command(ctx, name)
        if command is not None:
            click.echo(f"# {name}\n")
            ctx.invoke(command)
