"""Bytes written to the disk in a day, by how often Redis syncs and the writer commits."""

import subprocess
import threading
import time
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click

from benchmarks.harness.machine import describe_machine
from tests.support.process_stats import device_written_bytes, written_bytes
from tests.support.up_process import Up, environment

_DAY_SECONDS: Final = 86_400
_MEGABYTE: Final = 1_000_000
_START_SECONDS: Final = 10
_COLUMNS: Final = ("writer", "redis", "others", "device")


def measure_written_bytes(
    folder: Path, seconds: float, settings: dict[str, str]
) -> dict[str, float]:
    """Run `stripchart up` with its random source.

    Args:
        folder: The folder of its data.
        seconds: Duration of the measurement.
        settings: Its settings.

    Returns:
        The bytes of a day for each column.
    """
    with Up(environment(folder, **settings)) as up:
        up.wait_for_line(r"the page: ")
        # Let the first commits pass: they create the tables and their first pages.
        threading.Event().wait(_START_SECONDS)
        processes = up.children() | {"up": up.process.pid}
        _sync(folder)
        begin, before = time.monotonic(), _written(processes, folder)
        threading.Event().wait(seconds)
        _sync(folder)
        duration, after = time.monotonic() - begin, _written(processes, folder)
    return {name: (after[name] - before[name]) * _DAY_SECONDS / duration for name in _COLUMNS}


def _sync(folder: Path) -> None:
    """Let the system write what it holds back, on this file system alone."""
    subprocess.run(["sync", "--file-system", str(folder)], check=True)


def _written(processes: dict[str, int], folder: Path) -> dict[str, int]:
    written = {name: written_bytes(pid) for name, pid in processes.items()}
    columns = {name: written.pop(name) for name in ("writer", "redis")}
    return columns | {"others": sum(written.values()), "device": device_written_bytes(folder)}


@click.command()
@click.option("--seconds", type=click.FloatRange(0.1), default=120.0, show_default=True,
              help="Duration of each measurement.")  # fmt: skip
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), default=1.0,
              show_default=True, help="Readings per second, of one series.")  # fmt: skip
@click.option("--appendfsync", multiple=True, default=("everysec", "no", "always"),
              show_default=True, help="STRIPCHART_APPENDFSYNC; may be repeated.")  # fmt: skip
@click.option("--flush", multiple=True, type=click.FloatRange(0), default=(0, 10, 60, 300),
              show_default=True, help="STRIPCHART_FLUSH_SECONDS; may be repeated.")  # fmt: skip
def run(
    seconds: float, rate: float, appendfsync: tuple[str, ...], flush: tuple[float, ...]
) -> None:
    """Bytes written in a day by `stripchart up`, and by all programs to the device."""
    click.echo(f"{describe_machine('redis')}\n")
    click.echo(f"| written in a day, MB, from {seconds:.0f} s | {' | '.join(_COLUMNS)} |")
    click.echo("|---|" + "---:|" * len(_COLUMNS))
    for sync, flush_seconds in product(appendfsync, flush):
        settings = {
            "STRIPCHART_APPENDFSYNC": sync,
            "STRIPCHART_FLUSH_SECONDS": f"{flush_seconds:g}",
            "STRIPCHART_PRODUCER_RATE": str(rate),
        }
        with TemporaryDirectory() as folder:
            written = measure_written_bytes(Path(folder), seconds, settings)
        cells = " | ".join(f"{written[name] / _MEGABYTE:,.0f}" for name in _COLUMNS)
        click.echo(f"| Redis syncs {sync}, the writer after {flush_seconds:g} s | {cells} |")
    click.echo()
