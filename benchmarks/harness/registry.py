"""Registry of the benchmarks: every module of the package `benchmarks` is one."""

import pkgutil
from importlib import import_module

import click

import benchmarks


class BenchmarkRegistry(click.Group):
    """Commands for all benchmarks: `some-thing` is the command `run` in `some_thing.py`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """Return the names of all benchmarks."""
        return [
            module.name.replace("_", "-")
            for module in pkgutil.iter_modules(benchmarks.__path__)
            if not module.ispkg and not module.name.startswith("_")
        ]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the benchmark of a name, or None if there is no such benchmark."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = import_module(f"benchmarks.{cmd_name.replace('-', '_')}")
        command: click.Command = module.run
        return command


@click.group(
    cls=BenchmarkRegistry,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.pass_context
def main(ctx: click.Context) -> None:
    """Run one benchmark, or all of them one after the other if none is named."""
    if ctx.invoked_subcommand is not None:
        return
    for name in main.list_commands(ctx):
        command = main.get_command(ctx, name)
        if command is not None:
            click.echo(f"# {name}\n")
            ctx.invoke(command)
