"""Delay of the live stream while clients query the history."""

import sqlite3
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from threading import Event
from typing import Final, NamedTuple

import click

from benchmarks.broadcast.load import Publisher, connect_viewers, publish_until_all_receive
from benchmarks.broadcast.servers import LiveServer, run_redis, run_stripchart
from benchmarks.harness.comparison import (
    Contestant,
    Figures,
    TableRow,
    format_table,
    measure_in_turns,
)
from benchmarks.harness.machine import describe_machine
from services.reading import MICROSECONDS
from services.settings import Settings
from services.store import writing_engine
from services.store.migrations import upgrade

_SERIES_COUNT: Final = 20
_QUERY_TIMEOUT_SECONDS: Final = 60.0

_ROWS: Final = (
    TableRow("delivered", "delivered within a second, %"),
    TableRow("p50", "from publish to receive, p50, ms", 2),
    TableRow("p99", "the same, p99, ms", 2),
    TableRow("max", "the same, the slowest, ms", 2),
    TableRow("answers", "answers of /api/history a second"),
    TableRow("size", "the size of one, KiB"),
)


class MixedLoad(NamedTuple):
    """Load of the web service.

    Attributes:
        viewers: Number of live viewers.
        rate: Messages per second.
        seconds: Duration of the measurement.
        clients: Number of clients that query the history all the time.
        points: Points of each series in a response.
    """

    viewers: int
    rate: int
    seconds: float
    clients: int
    points: int


def create_database(folder: Path, reading_count: int) -> None:
    """Create a database with readings of some series, one per second up to now."""
    engine = writing_engine(Settings.from_environ({"DATA_DIR": str(folder)}))
    upgrade(engine)
    engine.dispose()
    readings_per_series = reading_count // _SERIES_COUNT
    start = (int(time.time()) - readings_per_series) * MICROSECONDS
    with closing(sqlite3.connect(folder / "readings.db")) as file, file:
        for number in range(1, _SERIES_COUNT + 1):
            file.execute(
                "INSERT INTO series (id, name, created_at) VALUES (?, ?, 0)",
                [number, f"old.{number}"],
            )
            file.executemany(
                "INSERT INTO readings (series_id, ts, value) VALUES (?, ?, ?)",
                (
                    (number, start + i * MICROSECONDS, float(i % 977))
                    for i in range(readings_per_series)
                ),
            )


@contextmanager
def history_clients(
    server: LiveServer, load: MixedLoad, response_sizes: list[int]
) -> Iterator[None]:
    """Query the whole history again and again for the duration of a `with` block.

    Args:
        server: The web service.
        load: Number of clients and of points.
        response_sizes: Receives the size of each response, in bytes.
    """
    url = (
        f"http://127.0.0.1:{server.port}/api/history?series=old.*&from=-3650d&points={load.points}"
    )
    stop = Event()

    def query_repeatedly() -> None:
        while not stop.is_set():
            try:
                with urllib.request.urlopen(url, timeout=_QUERY_TIMEOUT_SECONDS) as response:
                    response_sizes.append(len(response.read()))
            except urllib.error.HTTPError as error:
                # The query took too long. It was a load for the server nevertheless.
                error.close()

    with ThreadPoolExecutor(load.clients) as pool:
        futures = [pool.submit(query_repeatedly) for _ in range(load.clients)]
        try:
            yield
        finally:
            stop.set()
        for future in futures:
            future.result()


def measure(folder: Path, load: MixedLoad, *, history: bool) -> Figures:
    """Start the web service with viewers, and measure it with or without history queries."""
    response_sizes: list[int] = []
    with run_redis() as redis_port, run_stripchart(redis_port, str(folder)) as server:
        publisher = Publisher(redis_port)
        with connect_viewers(server, load.viewers) as viewers:
            publish_until_all_receive(publisher, viewers, load.viewers)
            message_count = max(1, round(load.rate * load.seconds))
            with history_clients(server, load, response_sizes) if history else nullcontext():
                publisher.publish(load.rate, message_count)
                stats = viewers.receive(message_count * load.viewers)
        publisher.close()
    figures = {
        "delivered": 100 * stats.in_time / (message_count * load.viewers),
        "p50": 1e3 * stats.p50,
        "p99": 1e3 * stats.p99,
        "max": 1e3 * stats.max,
    }
    if response_sizes:
        figures["answers"] = len(response_sizes) / load.seconds
        figures["size"] = response_sizes[0] / 1024
    return figures


@click.command()
@click.option("--viewers", type=click.IntRange(1), default=100, show_default=True,
              help="Live viewers.")  # fmt: skip
@click.option("--rate", type=click.IntRange(1), default=50, show_default=True,
              help="Messages per second.")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(0.1), default=5.0, show_default=True,
              help="Duration of each measurement.")  # fmt: skip
@click.option("--clients", type=click.IntRange(1), default=4, show_default=True,
              help="Clients that query the history without a pause.")  # fmt: skip
@click.option("--points", type=click.IntRange(1, 10_000), default=4_000, show_default=True,
              help="Points of each series in a response.")  # fmt: skip
@click.option("--rows", type=click.IntRange(_SERIES_COUNT), default=200_000, show_default=True,
              help="Readings in the database.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True,
              help="Rounds in which both are measured once.")  # fmt: skip
def run(
    *, viewers: int, rate: int, seconds: float, clients: int, points: int, rows: int, rounds: int
) -> None:
    """The live relay beside history queries, against the relay alone."""
    click.echo(f"{describe_machine('gunicorn', 'gevent', 'sqlalchemy')}\n")
    load = MixedLoad(viewers, rate, seconds, clients, points)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        create_database(folder, rows)
        title = f"{viewers} viewers, {rate} messages/s, {clients} clients of history"
        beside = Contestant("beside history", partial(measure, folder, load, history=True))
        alone = Contestant("alone", partial(measure, folder, load, history=False))
        comparison = measure_in_turns(rounds, [beside, alone], title)
    click.echo("\n".join(format_table(title, _ROWS, comparison)) + "\n")
