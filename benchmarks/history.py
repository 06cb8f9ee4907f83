"""Time of history queries over HTTP: any range, a small and a large database, idle and busy.

The recorder and its maintenance fill the database, so it equals one that the writer made.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import urlencode

import click

from benchmarks.harness.fresh_process import call_in_fresh_process
from benchmarks.harness.machine import describe_machine
from benchmarks.product.stack import BenchmarkStack, running_stack
from benchmarks.storage.database import settings_with_data_in
from benchmarks.storage.long_history import LongHistory, fill_database
from benchmarks.storage.synthetic_readings import series_names
from services.broker import Broker, Journal, Message
from services.clock import now_microseconds
from services.errors import JournalFullError
from services.reading import MICROSECONDS, Reading

_HOUR_SECONDS: Final = 3_600
_RANGE_SECONDS: Final = {
    "1 h": _HOUR_SECONDS,
    "1 d": 24 * _HOUR_SECONDS,
    "7 d": 7 * 24 * _HOUR_SECONDS,
    "30 d": 30 * 24 * _HOUR_SECONDS,
    "1 year": 365 * 24 * _HOUR_SECONDS,
}
_WARM_UP_COUNT: Final = 3
_CALL_READINGS: Final = 10_000
_FULL_JOURNAL_WAIT_SECONDS: Final = 0.05


def measure_queries(
    stack: BenchmarkStack, history: LongHistory, range_seconds: int, times: int
) -> list[float]:
    """Query one series and a different range each time, and return the sorted milliseconds."""
    random = Random(range_seconds)
    names = series_names(history.series_count)
    first = history.end / MICROSECONDS - 365 * 24 * _HOUR_SECONDS
    last = history.end / MICROSECONDS - range_seconds
    durations = []
    for number in range(times + _WARM_UP_COUNT):
        # Every other range has a random start, so that no cache has its data.
        start = last if number % 2 else random.uniform(min(first, last), last)
        query = {"series": random.choice(names), "from": start, "to": start + range_seconds}
        path = f"/api/history?{urlencode(query)}"
        begin = time.perf_counter()
        stack.http.request("GET", path)
        durations.append(1e3 * (time.perf_counter() - begin))
    return sorted(durations[_WARM_UP_COUNT:])


@contextmanager
def publishing_at_full_speed(stack: BenchmarkStack, history: LongHistory) -> Iterator[list[int]]:
    """Publish as fast as the writer stores, for the duration of a `with` block.

    Yields:
        A list whose only element is the number of published readings.
    """
    stop, published = threading.Event(), [0]
    broker = Broker.connect(stack.settings)
    journal = Journal(broker)
    calls = cycle(_prepare_calls(history.series_count))

    def publish() -> None:
        while not stop.is_set():
            try:
                journal.publish(next(calls))
                published[0] += _CALL_READINGS
            except JournalFullError:
                stop.wait(_FULL_JOURNAL_WAIT_SECONDS)

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        yield published
    finally:
        stop.set()
        thread.join()
        broker.close()


def _prepare_calls(series_count: int) -> list[list[Message]]:
    """Encode messages of new series once, so that the client is not the bottleneck."""
    now = now_microseconds()
    names = [f"flood.{number}" for number in range(series_count)]
    readings = [
        Reading(names[number % series_count], now + number, float(number))
        for number in range(10 * _CALL_READINGS)
    ]
    return [
        Message.of(readings[start : start + _CALL_READINGS])
        for start in range(0, len(readings), _CALL_READINGS)
    ]


def percentile(sorted_durations: list[float], percent: int) -> float:
    """Return a percentile of sorted durations."""
    return sorted_durations[(len(sorted_durations) - 1) * percent // 100]


def measure(
    reading_count: int, series_count: int, times: int, flood_seconds: float
) -> dict[str, list[float]]:
    """Return the sorted milliseconds of each range, idle and while readings are published."""
    with TemporaryDirectory() as folder:
        settings = settings_with_data_in(Path(folder))
        history = call_in_fresh_process(fill_database, settings, reading_count, series_count)
        click.echo(
            f"{reading_count:,} readings of {series_count} series,"
            f" one each {history.interval / MICROSECONDS:.1f} s:"
            f" loaded in {history.load_seconds - history.maintain_seconds:.0f} s"
            f" and rolled up in {history.maintain_seconds:.0f} s,"
            f" in at most {history.peak_memory_bytes / (1 << 20):.0f} MiB\n"
        )
        with running_stack(Path(folder)) as stack:
            durations = {
                title: measure_queries(stack, history, seconds, times)
                for title, seconds in _RANGE_SECONDS.items()
            }
            with publishing_at_full_speed(stack, history) as published:
                time.sleep(flood_seconds)
                begin, before = time.perf_counter(), published[0]
                for title, seconds in _RANGE_SECONDS.items():
                    durations[f"{title}, under ingest"] = measure_queries(
                        stack, history, seconds, times
                    )
                rate = (published[0] - before) / (time.perf_counter() - begin)
            click.echo(f"Under ingest {rate:,.0f} readings/s were published.\n")
            return durations


@click.command()
@click.option("--size", multiple=True, type=click.IntRange(1), default=(10_000_000, 50_000_000),
              show_default=True, help="Readings; may be given many times.")  # fmt: skip
@click.option("--series", type=click.IntRange(1), default=4, show_default=True,
              help="Series of these readings.")  # fmt: skip
@click.option("--times", type=click.IntRange(1), default=200, show_default=True,
              help="Queries of each range.")  # fmt: skip
@click.option("--flood-seconds", type=click.FloatRange(0), default=5.0, show_default=True,
              help="Seconds of publishing before the queries under ingest.")  # fmt: skip
def run(size: tuple[int, ...], series: int, times: int, flood_seconds: float) -> None:
    """The history of any range over HTTP, idle and while everything is written."""
    click.echo(f"{describe_machine('sqlalchemy', 'gunicorn', 'msgspec')}\n")
    durations = {count: measure(count, series, times, flood_seconds) for count in size}
    small, large = durations[min(size)], durations[max(size)]
    heads = [f"p50 | p95 at {count:,}" for count in size]
    click.echo(f"| ms | {' | '.join(heads)} | p50, large / small |")
    click.echo("|---|" + "---:|" * (2 * len(size) + 1))
    for title in small:
        cells = [
            f"{percentile(rows[title], 50):.2f} | {percentile(rows[title], 95):.2f}"
            for rows in durations.values()
        ]
        ratio = median(large[title]) / median(small[title])
        click.echo(f"| {title} | {' | '.join(cells)} | {ratio:.2f} |")
    click.echo()
