"""How soon what was published is in the database, and visible in the history."""

import time
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

import click

from benchmarks.harness import machine
from benchmarks.product.stack import BenchmarkStack, running_stack
from services.broker import Message
from services.clock import now_microseconds
from services.reading import MICROSECONDS, Reading

_PATIENCE: Final = 30.0
_WARM: Final = 5

# Longer than the writer waits after a commit for more to come: each of these comes alone.
_ALONE_SECONDS: Final = 0.08


def visible_ms(running: BenchmarkStack, value: float) -> float:
    """Publish one reading and ask for it until the history has it."""
    time.sleep(_ALONE_SECONDS)
    ts = now_microseconds()
    start = ts / MICROSECONDS - 1
    begin = time.perf_counter()
    running.journal.publish(Message.of([Reading("lone", ts, value)]))

    def seen() -> bool:
        found = running.history(series="lone", **{"from": start})["series"].get("lone", {})
        return value in found.get("value", found.get("max", []))

    while not seen():
        if time.perf_counter() - begin > _PATIENCE:
            raise RuntimeError("the reading was never visible")
    return 1e3 * (time.perf_counter() - begin)


def committed_ms(running: BenchmarkStack, size: int) -> float:
    """Publish one message of so many readings, until the writer has told that it is stored."""
    time.sleep(_ALONE_SECONDS)
    now = now_microseconds()
    readings = [Reading(f"many.{place % 20}", now + place, float(place)) for place in range(size)]
    begin = time.perf_counter()
    running.journal.publish(Message.of(readings))
    running.wait_until_committed(_PATIENCE)
    return 1e3 * (time.perf_counter() - begin)


def quantiles(took: list[float]) -> str:
    """Median and 95th percentile."""
    took = sorted(took)
    return f"{median(took):.2f} | {took[(len(took) - 1) * 95 // 100]:.2f}"


@click.command()
@click.option("--times", type=click.IntRange(1), default=200, show_default=True,
              help="How often each is measured.")  # fmt: skip
def run(times: int) -> None:
    """The time from publish to visible in the history, and to committed."""
    click.echo(f"{machine.describe('redis', 'sqlalchemy', 'gunicorn')}\n")
    values = count(1)
    with TemporaryDirectory() as folder, running_stack(Path(folder)) as running:
        for _ in range(_WARM):
            visible_ms(running, float(next(values)))
        rows = {
            "visible in /api/history": [
                visible_ms(running, float(next(values))) for _ in range(times)
            ],
            "a message of 1 is committed": [committed_ms(running, 1) for _ in range(times)],
            "a message of 100 is committed": [committed_ms(running, 100) for _ in range(times)],
        }
    click.echo("| from publish until, ms | p50 | p95 |\n|---|---:|---:|")
    for title, took in rows.items():
        click.echo(f"| {title} | {quantiles(took)} |")
    click.echo()
