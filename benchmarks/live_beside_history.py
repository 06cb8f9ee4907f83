"""Whether queries of history hold up the live stream."""

import sqlite3
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from typing import Final, NamedTuple

import click

from benchmarks.broadcast.load import Publisher, Received, audience, everybody_hears
from benchmarks.broadcast.servers import Server, redis_server, stripchart
from benchmarks.harness import machine
from benchmarks.harness.comparison import Contestant, Figures, Row, in_turns, table
from services.settings import Settings
from services.store import writing_engine
from services.store.migrations import upgrade

_SERIES: Final = 20
_SECOND: Final = 1_000_000
_ANSWER_SECONDS: Final = 60.0

_ROWS: Final = (
    Row("delivered", "delivered within a second, %"),
    Row("p50", "from publish to receive, p50, ms", 2),
    Row("p99", "the same, p99, ms", 2),
    Row("most", "the same, the slowest, ms", 2),
    Row("answers", "answers of /api/history a second"),
    Row("size", "the size of one, KiB"),
)


class Load(NamedTuple):
    """What the server is given to do. rate: messages a second; clients: who ask for history."""

    viewers: int
    rate: int
    seconds: float
    clients: int
    points: int


def fill(folder: Path, rows: int) -> None:
    """Make a database with so many readings of some series, up to now, a second apart."""
    engine = writing_engine(Settings.from_environ({"DATA_DIR": str(folder)}))
    upgrade(engine)
    engine.dispose()
    each = rows // _SERIES
    start = (int(time.time()) - each) * _SECOND
    with closing(sqlite3.connect(folder / "readings.db")) as file, file:
        for number in range(1, _SERIES + 1):
            file.execute(
                "INSERT INTO series (id, name, created_at) VALUES (?, ?, 0)",
                [number, f"old.{number}"],
            )
            file.executemany(
                "INSERT INTO readings (series_id, ts, value) VALUES (?, ?, ?)",
                ((number, start + i * _SECOND, float(i % 977)) for i in range(each)),
            )


@contextmanager
def asking(server: Server, load: Load, sizes: list[int]) -> Iterator[None]:
    """Clients who ask for all of history again and again. sizes: of the answers."""
    address = (
        f"http://127.0.0.1:{server.port}/api/history?series=old.*&from=-3650d&points={load.points}"
    )
    over = Event()

    def ask() -> None:
        while not over.is_set():
            try:
                with urllib.request.urlopen(address, timeout=_ANSWER_SECONDS) as answer:
                    sizes.append(len(answer.read()))
            except urllib.error.HTTPError as refused:
                # It took too long, and has done what harm it can.
                refused.close()

    with ThreadPoolExecutor(load.clients) as pool:
        asked = [pool.submit(ask) for _ in range(load.clients)]
        try:
            yield
        finally:
            over.set()
        for one in asked:
            one.result()


def measure(folder: Path, load: Load, *, history: bool) -> Figures:
    """Start a server with viewers, and measure it with or without queries beside."""
    sizes: list[int] = []
    with redis_server() as redis, stripchart(redis, str(folder)) as server:
        publisher = Publisher(redis)
        with audience(server, load.viewers) as watching:
            everybody_hears(publisher, watching, load.viewers, 1)
            messages = max(1, round(load.rate * load.seconds))

            def window() -> Received:
                publisher.run(load.rate, messages)
                return watching.take(messages * load.viewers)

            if history:
                with asking(server, load, sizes):
                    received = window()
            else:
                received = window()
        publisher.close()
    figures = {
        "delivered": 100 * received.in_time / (messages * load.viewers),
        "p50": 1e3 * received.p50,
        "p99": 1e3 * received.p99,
        "most": 1e3 * received.most,
    }
    if sizes:
        figures["answers"] = len(sizes) / load.seconds
        figures["size"] = sizes[0] / 1024
    return figures


@click.command()
@click.option("--viewers", type=click.IntRange(1), default=100, show_default=True)
@click.option("--rate", type=click.IntRange(1), default=50, show_default=True,
              help="Messages a second.")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(0.1), default=5.0, show_default=True,
              help="Length of each window of measurement.")  # fmt: skip
@click.option("--clients", type=click.IntRange(1), default=4, show_default=True,
              help="Clients who ask for history, without a pause.")  # fmt: skip
@click.option("--points", type=click.IntRange(1, 10_000), default=4_000, show_default=True,
              help="Points of each series in an answer.")  # fmt: skip
@click.option("--rows", type=click.IntRange(_SERIES), default=200_000, show_default=True,
              help="Readings in the database.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True,
              help="How often each of the two is measured.")  # fmt: skip
def run(
    *, viewers: int, rate: int, seconds: float, clients: int, points: int, rows: int, rounds: int
) -> None:
    """The live relay beside queries, against it alone."""
    click.echo(f"{machine.describe('gunicorn', 'gevent', 'sqlalchemy')}\n")
    load = Load(viewers, rate, seconds, clients, points)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        fill(folder, rows)
        title = f"{viewers} viewers, {rate} messages/s, {clients} clients of history"
        beside = Contestant("beside history", partial(measure, folder, load, history=True))
        alone = Contestant("alone", partial(measure, folder, load, history=False))
        comparison = in_turns(rounds, [beside, alone], title)
    click.echo("\n".join(table(title, _ROWS, comparison)) + "\n")
