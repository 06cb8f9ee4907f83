"""How soon the history of any range is answered over HTTP, small database and large, idle and busy.

The database is made by the recorder and rolled up by its maintenance, so it is the writer's own.
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

from benchmarks.harness import machine
from benchmarks.harness.fresh import call
from benchmarks.product.stack import BenchmarkStack, running_stack
from benchmarks.storage import made
from benchmarks.storage.database import settings_for
from benchmarks.storage.years import Past, fill
from services.broker import Broker, Journal, Message
from services.clock import now_microseconds
from services.errors import JournalFullError
from services.reading import MICROSECONDS, Reading

_HOUR: Final = 3_600
_RANGES: Final = {
    "1 h": _HOUR,
    "1 d": 24 * _HOUR,
    "7 d": 7 * 24 * _HOUR,
    "30 d": 30 * 24 * _HOUR,
    "1 year": 365 * 24 * _HOUR,
}
_WARM: Final = 3
_FLOOD: Final = 10_000
_FULL_SECONDS: Final = 0.05


def ask(running: BenchmarkStack, past: Past, seconds: int, times: int) -> list[float]:
    """Milliseconds of so many questions, each for one series and a range of its own."""
    random = Random(seconds)
    names = made.names(past.series)
    earliest = past.end / MICROSECONDS - 365 * 24 * _HOUR
    took = []
    for place in range(times + _WARM):
        latest = past.end / MICROSECONDS - seconds
        # Ranges end somewhere in the past: what was asked before is of no help.
        start = latest if place % 2 else random.uniform(min(earliest, latest), latest)
        query = {"series": random.choice(names), "from": start, "to": start + seconds}
        path = f"/api/history?{urlencode(query)}"
        begin = time.perf_counter()
        running.http.request("GET", path)
        took.append(1e3 * (time.perf_counter() - begin))
    return sorted(took[_WARM:])


@contextmanager
def flood(running: BenchmarkStack, past: Past) -> Iterator[list[int]]:
    """Publish as fast as the writer takes it, until the block ends. Yields what was published."""
    stop, sent = threading.Event(), [0]
    broker = Broker.connect(running.settings)
    journal = Journal(broker)
    batches = cycle(_batches(past))

    def publish() -> None:
        while not stop.is_set():
            try:
                journal.publish(next(batches))
                sent[0] += _FLOOD
            except JournalFullError:
                stop.wait(_FULL_SECONDS)

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        yield sent
    finally:
        stop.set()
        thread.join()
        broker.close()


def _batches(past: Past) -> list[list[Message]]:
    """Messages of 1,000 readings of series of their own, made once: the client must not be slow."""
    now = now_microseconds()
    names = [f"flood.{number}" for number in range(past.series)]
    readings = [
        Reading(names[place % past.series], now + place, float(place))
        for place in range(10 * _FLOOD)
    ]
    return [
        Message.of(readings[start : start + _FLOOD]) for start in range(0, len(readings), _FLOOD)
    ]


def quantile(took: list[float], percent: int) -> float:
    """Of sorted figures, the one that so many per cent do not exceed."""
    return took[(len(took) - 1) * percent // 100]


def measure(size: int, series: int, times: int, flood_seconds: float) -> dict[str, list[float]]:
    """The sorted milliseconds of each range, idle and under a flood."""
    with TemporaryDirectory() as folder:
        past = call(fill, settings_for(Path(folder)), size, series)
        click.echo(
            f"{size:,} readings of {series} series, one each {past.step / MICROSECONDS:.1f} s:"
            f" loaded in {past.load_seconds - past.maintain_seconds:.0f} s and rolled up in"
            f" {past.maintain_seconds:.0f} s, in at most {past.peak_memory / (1 << 20):.0f} MiB\n"
        )
        with running_stack(Path(folder)) as running:
            figures = {
                title: ask(running, past, seconds, times) for title, seconds in _RANGES.items()
            }
            with flood(running, past) as sent:
                time.sleep(flood_seconds)
                begin, before = time.perf_counter(), sent[0]
                for title, seconds in _RANGES.items():
                    figures[f"{title}, under ingest"] = ask(running, past, seconds, times)
                rate = (sent[0] - before) / (time.perf_counter() - begin)
            click.echo(f"Under ingest {rate:,.0f} readings/s were published.\n")
            return figures


@click.command()
@click.option("--size", multiple=True, type=click.IntRange(1), default=(10_000_000, 50_000_000),
              show_default=True, help="Readings; may be given several times.")  # fmt: skip
@click.option("--series", type=click.IntRange(1), default=4, show_default=True,
              help="Series that they belong to.")  # fmt: skip
@click.option("--times", type=click.IntRange(1), default=200, show_default=True,
              help="Questions for each range.")  # fmt: skip
@click.option("--flood-seconds", type=click.FloatRange(0), default=5.0, show_default=True,
              help="How long it is written before the questions under ingest.")  # fmt: skip
def run(size: tuple[int, ...], series: int, times: int, flood_seconds: float) -> None:
    """The history of any range over HTTP, idle and while everything is written."""
    click.echo(f"{machine.describe('sqlalchemy', 'gunicorn', 'msgspec')}\n")
    measured = {count: measure(count, series, times, flood_seconds) for count in size}
    least, most = min(size), max(size)
    heads = [f"p50 | p95 at {count:,}" for count in size]
    click.echo(f"| ms | {' | '.join(heads)} | p50, large / small |")
    click.echo("|---|" + "---:|" * (2 * len(size) + 1))
    for title in measured[least]:
        cells = [
            f"{quantile(figures[title], 50):.2f} | {quantile(figures[title], 95):.2f}"
            for figures in measured.values()
        ]
        ratio = median(measured[most][title]) / median(measured[least][title])
        click.echo(f"| {title} | {' | '.join(cells)} | {ratio:.2f} |")
    click.echo()
