"""Ours beside InfluxDB and VictoriaMetrics: writing, asking, memory, and how soon it shows."""

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

from benchmarks.harness import machine
from benchmarks.harness.comparison import Contestant, Figures, Row, in_turns, table
from benchmarks.others.influx import influx
from benchmarks.others.peer import RANGES, Peer
from benchmarks.others.stripchart import stripchart
from benchmarks.others.victoria import victoria
from benchmarks.storage import made
from services.clock import now_microseconds
from services.reading import MICROSECONDS, Reading

_PEERS: Final[dict[str, Callable[[Path], AbstractContextManager[Peer]]]] = {
    "Stripchart": stripchart,
    "InfluxDB": influx,
    "VictoriaMetrics": victoria,
}
_REQUESTS: Final = {1: 300, 100: 100, 5_000: 20}
_SERIES: Final = 20
_MILLISECOND: Final = MICROSECONDS // 1000
_LOAD: Final = 5_000
_ALONE_SECONDS: Final = 0.08
_PATIENCE: Final = 60.0

_ROWS: Final = (
    *(Row(f"write {size}", f"readings/s by HTTP, {size:,} a request", 0) for size in _REQUESTS),
    Row("store 1", "until a message of 1 is stored, p50, ms", 2),
    Row("store 100", "until a message of 100 is stored, p50, ms", 2),
    *(Row(f"ask {title}", f"{title} of one series, p50, ms", 2) for title in RANGES),
    Row("visible", "from write to visible, p50, ms", 2),
    Row("memory", "memory, MiB"),
)


class Past:
    """Readings of 30 days up to now, which everyone is given first."""

    def __init__(self, size: int, series: int) -> None:
        self.size, self.series = size, series
        self.step = RANGES["30 d"] * MICROSECONDS * series // size
        self.end = now_microseconds() - 7_200 * MICROSECONDS
        self.start = self.end - self.step * (size // series)

    def give(self, peer: Peer) -> None:
        """Write all of it."""
        readings = made.readings(self.series, self.size, self.start, self.step)
        while batch := list(islice(readings, _LOAD)):
            peer.write(batch)
        peer.settle()


class Run:
    """One program, measured again and again. Nothing is written twice."""

    def __init__(self, peer: Peer, past: Past, times: int) -> None:
        self._peer = peer
        self._past = past
        self._times = times
        self._next = count(now_microseconds() // _MILLISECOND - 3_600_000)
        self._lone = count()
        self._random = Random(past.size)

    def measure(self) -> Figures:
        """All figures."""
        figures: Figures = {f"write {size}": self._rate(size) for size in _REQUESTS}
        for size in (1, 100):
            figures[f"store {size}"] = self._median(partial(self._store, size))
        for title in RANGES:
            figures[f"ask {title}"] = self._median(partial(self._ask, title))
        figures["visible"] = self._median(self._show)
        figures["memory"] = self._peer.memory() / (1 << 20)
        return figures

    def _median(self, seconds: Callable[[], float]) -> float:
        return 1e3 * median(seconds() for _ in range(self._times))

    def _readings(self, size: int) -> list[Reading]:
        return [
            Reading(f"new.sensor{place % _SERIES}", next(self._next) * _MILLISECOND, place * 0.5)
            for place in range(size)
        ]

    def _rate(self, size: int) -> float:
        requests = [self._readings(size) for _ in range(_REQUESTS[size])]
        begin = time.perf_counter()
        for readings in requests:
            self._peer.write(readings)
        self._peer.settle()
        return size * len(requests) / (time.perf_counter() - begin)

    def _store(self, size: int) -> float:
        time.sleep(_ALONE_SECONDS)
        readings = self._readings(size)
        begin = time.perf_counter()
        self._peer.store(readings)
        return time.perf_counter() - begin

    def _ask(self, title: str) -> float:
        series = self._random.choice(made.names(self._past.series))
        first = self._past.start // MICROSECONDS
        last = self._past.end // MICROSECONDS - RANGES[title]
        start = self._random.randint(min(first, last), last)
        begin = time.perf_counter()
        if not self._peer.ask(series, start, title):
            raise RuntimeError(f"nothing was found in {title}")
        return time.perf_counter() - begin

    def _show(self) -> float:
        time.sleep(_ALONE_SECONDS)
        reading = Reading(f"lone.{next(self._lone)}", now_microseconds(), 1.5)
        begin = time.perf_counter()
        self._peer.write([reading])
        while not self._peer.sees(reading):
            if time.perf_counter() - begin > _PATIENCE:
                raise RuntimeError("what was written was never visible")
        return time.perf_counter() - begin


@click.command()
@click.option("--size", type=click.IntRange(1), default=2_000_000, show_default=True,
              help="Readings of the last 30 days that everyone has.")  # fmt: skip
@click.option("--series", type=click.IntRange(1), default=4, show_default=True,
              help="Series that they belong to.")  # fmt: skip
@click.option("--times", type=click.IntRange(1), default=20, show_default=True,
              help="How often a thing is asked or stored in a round.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True,
              help="How often each of them is measured.")  # fmt: skip
def run(size: int, series: int, times: int, rounds: int) -> None:
    """Writing and asking over HTTP, against InfluxDB and VictoriaMetrics."""
    click.echo(f"{machine.describe('redis', 'sqlalchemy', 'gunicorn')}\n")
    past = Past(size, series)
    with ExitStack() as running:
        contestants = []
        for name, start in _PEERS.items():
            folder = Path(running.enter_context(TemporaryDirectory()))
            try:
                peer = running.enter_context(start(folder))
            except (AssertionError, RuntimeError) as error:
                click.echo(f"Without {name}: {error}\n")
                continue
            past.give(peer)
            contestants.append(Contestant(name, Run(peer, past, times).measure))
        title = f"{size:,} readings of {series} series there"
        comparison = in_turns(rounds, contestants, title)
        click.echo("\n".join(table(title, _ROWS, comparison)) + "\n")
