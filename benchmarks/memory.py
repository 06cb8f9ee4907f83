"""Memory of all processes of `stripchart up` at rest, and the time of its start."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click

from benchmarks.harness.machine import describe_machine
from tests.support.process_stats import child_pids, proportional_bytes
from tests.support.up_process import Up, environment

_MIB: Final = 2**20
_REDIS: Final = "redis"


def measure_at_rest(folder: Path, seconds: float) -> tuple[float, dict[str, int]]:
    """Start `stripchart up`, and measure it after a pause.

    Returns:
        The seconds until the page answered, and the memory of each process in bytes.
    """
    began = time.monotonic()
    with Up(environment(folder)) as up:
        up.wait_for_line(r"^up +\| the page: ")
        started_seconds = time.monotonic() - began
        time.sleep(seconds)
        pids = {"up": up.process.pid, **up.children()}
        for number, pid in enumerate(child_pids(pids["web"]), 1):
            pids[f"web, worker {number}"] = pid
        return started_seconds, {name: proportional_bytes(pid) for name, pid in pids.items()}


@click.command()
@click.option("--seconds", type=click.FloatRange(0), default=15.0, show_default=True,
              help="Pause before each measurement.")  # fmt: skip
def run(seconds: float) -> None:
    """Memory of `stripchart up` at rest, in a new folder and in one with a database."""
    click.echo(f"{describe_machine('gunicorn', 'redis', 'sqlalchemy')}\n")
    with TemporaryDirectory() as folder:
        starts = [measure_at_rest(Path(folder), seconds) for _ in range(2)]
    memory = [bytes_of for _started_seconds, bytes_of in starts]
    ours = [sum(bytes_of.values()) - bytes_of[_REDIS] for bytes_of in memory]
    rows = {name: [bytes_of[name] for bytes_of in memory] for name in sorted(memory[0])}
    click.echo("| MiB | first start | second start |\n|---|---:|---:|")
    for name, sizes in [*rows.items(), ("all but redis", ours)]:
        cells = " | ".join(f"{size / _MIB:.1f}" for size in sizes)
        click.echo(f"| {name} | {cells} |")
    cells = " | ".join(f"{started_seconds:.2f}" for started_seconds, _bytes_of in starts)
    click.echo(f"| s until the page answers | {cells} |\n")
