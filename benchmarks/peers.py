"""Stripchart beside InfluxDB and VictoriaMetrics: writes, queries, memory, time to visible."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from itertools import count, islice
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

import click

from benchmarks.harness.comparison import (
    Contestant,
    Figures,
    TableRow,
    format_table,
    measure_in_turns,
)
from benchmarks.harness.machine import describe_machine
from benchmarks.peer_databases.influxdb import run_influxdb
from benchmarks.peer_databases.peer_database import RANGE_SECONDS, PeerDatabase
from benchmarks.peer_databases.stripchart import run_stripchart
from benchmarks.peer_databases.victoria_metrics import run_victoria_metrics
from benchmarks.storage.synthetic_readings import generate_readings, series_names
from services.clock import now_microseconds
from services.reading import MICROSECONDS, Reading

_PEERS: Final[dict[str, Callable[[Path], AbstractContextManager[PeerDatabase]]]] = {
    "Stripchart": run_stripchart,
    "InfluxDB": run_influxdb,
    "VictoriaMetrics": run_victoria_metrics,
}
_REQUEST_COUNTS: Final = {1: 300, 100: 100, 5_000: 20}
"""Number of requests to measure, by the number of readings in a request."""

_SERIES_COUNT: Final = 20
_MILLISECOND: Final = MICROSECONDS // 1000
_BATCH_READINGS: Final = 5_000
_TIMEOUT_SECONDS: Final = 60.0

# Longer than the writer waits after a commit for more readings, so that it commits each alone.
_IDLE_SECONDS: Final = 0.08

_ROWS: Final = (
    *(
        TableRow(f"write {reading_count}", f"readings/s by HTTP, {reading_count:,} a request", 0)
        for reading_count in _REQUEST_COUNTS
    ),
    TableRow("store 1", "until a message of 1 is stored, p50, ms", 2),
    TableRow("store 100", "until a message of 100 is stored, p50, ms", 2),
    *(TableRow(f"query {title}", f"{title} of one series, p50, ms", 2) for title in RANGE_SECONDS),
    TableRow("visible", "from write to visible, p50, ms", 2),
    TableRow("memory", "memory, MiB"),
)


class PastReadings:
    """Readings of 30 days, up to two hours ago, that every database has before the measurement.

    Attributes:
        reading_count: Number of readings.
        series_count: Number of series.
        start: Time of the first reading, in microseconds.
        end: Time after the last reading, in microseconds.
    """

    def __init__(self, reading_count: int, series_count: int) -> None:
        self.reading_count, self.series_count = reading_count, series_count
        self._interval = RANGE_SECONDS["30 d"] * MICROSECONDS * series_count // reading_count
        self.end = now_microseconds() - 7_200 * MICROSECONDS
        self.start = self.end - self._interval * (reading_count // series_count)

    def write_to(self, peer: PeerDatabase) -> None:
        """Write all readings to a database, and wait until they are stored."""
        readings = generate_readings(
            self.series_count, self.reading_count, self.start, self._interval
        )
        while batch := list(islice(readings, _BATCH_READINGS)):
            peer.write(batch)
        peer.flush()


class PeerMeasurement:
    """Measures one database many times. It never writes a reading twice."""

    def __init__(self, peer: PeerDatabase, past: PastReadings, times: int) -> None:
        self._peer = peer
        self._past = past
        self._times = times
        self._next_millisecond = count(now_microseconds() // _MILLISECOND - 3_600_000)
        self._next_single = count()
        self._random = Random(past.reading_count)

    def measure(self) -> Figures:
        """Return all figures of one round."""
        figures: Figures = {
            f"write {reading_count}": self._write_rate(reading_count)
            for reading_count in _REQUEST_COUNTS
        }
        for reading_count in (1, 100):
            figures[f"store {reading_count}"] = self._median_ms(
                partial(self._store_seconds, reading_count)
            )
        for title in RANGE_SECONDS:
            figures[f"query {title}"] = self._median_ms(partial(self._query_seconds, title))
        figures["visible"] = self._median_ms(self._visible_seconds)
        figures["memory"] = self._peer.memory_bytes() / (1 << 20)
        return figures

    def _median_ms(self, measure_seconds: Callable[[], float]) -> float:
        return 1e3 * median(measure_seconds() for _ in range(self._times))

    def _new_readings(self, reading_count: int) -> list[Reading]:
        return [
            Reading(
                f"new.sensor{number % _SERIES_COUNT}",
                next(self._next_millisecond) * _MILLISECOND,
                number * 0.5,
            )
            for number in range(reading_count)
        ]

    def _write_rate(self, reading_count: int) -> float:
        requests = [
            self._new_readings(reading_count) for _ in range(_REQUEST_COUNTS[reading_count])
        ]
        begin = time.perf_counter()
        for readings in requests:
            self._peer.write(readings)
        self._peer.flush()
        return reading_count * len(requests) / (time.perf_counter() - begin)

    def _store_seconds(self, reading_count: int) -> float:
        time.sleep(_IDLE_SECONDS)
        readings = self._new_readings(reading_count)
        begin = time.perf_counter()
        self._peer.store(readings)
        return time.perf_counter() - begin

    def _query_seconds(self, title: str) -> float:
        series = self._random.choice(series_names(self._past.series_count))
        first = self._past.start // MICROSECONDS
        last = self._past.end // MICROSECONDS - RANGE_SECONDS[title]
        start = self._random.randint(min(first, last), last)
        begin = time.perf_counter()
        if not self._peer.query(series, start, title):
            raise RuntimeError(f"the query for {title} found nothing")
        return time.perf_counter() - begin

    def _visible_seconds(self) -> float:
        time.sleep(_IDLE_SECONDS)
        reading = Reading(f"lone.{next(self._next_single)}", now_microseconds(), 1.5)
        begin = time.perf_counter()
        self._peer.write([reading])
        while not self._peer.has(reading):
            if time.perf_counter() - begin > _TIMEOUT_SECONDS:
                raise RuntimeError(f"the reading is not visible after {_TIMEOUT_SECONDS:.0f} s")
        return time.perf_counter() - begin


@click.command()
@click.option("--size", type=click.IntRange(1), default=2_000_000, show_default=True,
              help="Readings of the last 30 days that each database has before.")  # fmt: skip
@click.option("--series", type=click.IntRange(1), default=4, show_default=True,
              help="Series of these readings.")  # fmt: skip
@click.option("--times", type=click.IntRange(1), default=20, show_default=True,
              help="Queries and writes of each kind in a round.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True,
              help="Rounds in which each database is measured once.")  # fmt: skip
def run(size: int, series: int, times: int, rounds: int) -> None:
    """Writes and queries over HTTP, against InfluxDB and VictoriaMetrics."""
    click.echo(f"{describe_machine('redis', 'sqlalchemy', 'gunicorn')}\n")
    past = PastReadings(size, series)
    with ExitStack() as stack:
        contestants = []
        for name, run_database in _PEERS.items():
            folder = Path(stack.enter_context(TemporaryDirectory()))
            try:
                peer = stack.enter_context(run_database(folder))
            except (AssertionError, RuntimeError) as error:
                click.echo(f"Without {name}: {error}\n")
                continue
            past.write_to(peer)
            contestants.append(Contestant(name, PeerMeasurement(peer, past, times).measure))
        title = f"{size:,} readings of {series} series there"
        comparison = measure_in_turns(rounds, contestants, title)
        click.echo("\n".join(format_table(title, _ROWS, comparison)) + "\n")
