"""Time until a published reading is committed to the database, and visible in the history."""

import time
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

import click

from benchmarks.harness.machine import describe_machine
from benchmarks.product.stack import BenchmarkStack, running_stack
from services.broker import Message
from services.clock import now_microseconds
from services.reading import MICROSECONDS, Reading

_TIMEOUT_SECONDS: Final = 30.0
_WARM_UP_COUNT: Final = 5

# Longer than the writer waits after a commit for more readings, so that it commits each alone.
_IDLE_SECONDS: Final = 0.08


def measure_visible_ms(stack: BenchmarkStack, value: float) -> float:
    """Publish one reading, and return the milliseconds until the history has it."""
    time.sleep(_IDLE_SECONDS)
    ts = now_microseconds()
    start = ts / MICROSECONDS - 1
    begin = time.perf_counter()
    stack.journal.publish(Message.of([Reading("lone", ts, value)]))

    def is_visible() -> bool:
        columns = stack.history(series="lone", **{"from": start})["series"].get("lone", {})
        return value in columns.get("value", columns.get("max", []))

    while not is_visible():
        if time.perf_counter() - begin > _TIMEOUT_SECONDS:
            raise RuntimeError(f"the reading is not visible after {_TIMEOUT_SECONDS:.0f} s")
    return 1e3 * (time.perf_counter() - begin)


def measure_committed_ms(stack: BenchmarkStack, reading_count: int) -> float:
    """Publish one message, and return the milliseconds until the writer has committed it."""
    time.sleep(_IDLE_SECONDS)
    now = now_microseconds()
    readings = [
        Reading(f"many.{number % 20}", now + number, float(number))
        for number in range(reading_count)
    ]
    begin = time.perf_counter()
    stack.journal.publish(Message.of(readings))
    stack.wait_until_committed(_TIMEOUT_SECONDS)
    return 1e3 * (time.perf_counter() - begin)


def format_quantiles(durations: list[float]) -> str:
    """Return the median and the 95th percentile as cells of a table."""
    durations = sorted(durations)
    return f"{median(durations):.2f} | {durations[(len(durations) - 1) * 95 // 100]:.2f}"


@click.command()
@click.option("--times", type=click.IntRange(1), default=200, show_default=True,
              help="Measurements of each kind.")  # fmt: skip
def run(times: int) -> None:
    """The time from publish to visible in the history, and to committed."""
    click.echo(f"{describe_machine('redis', 'sqlalchemy', 'gunicorn')}\n")
    values = count(1)
    with TemporaryDirectory() as folder, running_stack(Path(folder)) as stack:
        for _ in range(_WARM_UP_COUNT):
            measure_visible_ms(stack, float(next(values)))
        rows = {
            "visible in /api/history": [
                measure_visible_ms(stack, float(next(values))) for _ in range(times)
            ],
            "a message of 1 is committed": [measure_committed_ms(stack, 1) for _ in range(times)],
            "a message of 100 is committed": [
                measure_committed_ms(stack, 100) for _ in range(times)
            ],
        }
    click.echo("| from publish until, ms | p50 | p95 |\n|---|---:|---:|")
    for title, durations in rows.items():
        click.echo(f"| {title} | {format_quantiles(durations)} |")
    click.echo()
