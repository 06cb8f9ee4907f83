"""Readings a second from a full journal into the database, by the writer's own loop."""

import sqlite3
import time
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click

from benchmarks.harness import machine
from benchmarks.harness.comparison import Contestant, Figures, Row, in_turns, table
from benchmarks.harness.fresh import call
from benchmarks.product.redis import redis_server
from benchmarks.storage import made
from benchmarks.storage.database import JOURNAL, OVERWRITE, database, settings_for
from services.broker import Broker, Journal, Lease, Message
from services.clock import now_microseconds
from services.concurrency import Shutdown
from services.settings import Settings
from services.store import Recorder, writing_engine
from services.store.migrations import upgrade
from services.writer.channel_bridge import ChannelBridge
from services.writer.lease_holder import LeaseHolder
from services.writer.loop import WriterLoop
from services.writer.main import tune_gc
from tests.support.process_stats import status_bytes

_SERIES: Final = 20
_TRANSACTION: Final = 20_000
_CALL: Final = 500
_MEBIBYTE: Final = 1 << 20

_ROWS: Final = (
    Row("rate", "readings a second, rollups left out", 0),
    Row("all", "the same, with the time that rollups take", 0),
    Row("memory", "the writer's memory at its peak, MiB"),
)


def settings(folder: Path, url: str, size: int) -> Settings:
    """Settings with a journal that keeps all of these readings, also when they are stored."""
    room = {
        "STRIPCHART_JOURNAL_MAX_ENTRIES": str(4 * size),
        "STRIPCHART_JOURNAL_MAX_BYTES": str(max(4 << 20, 400 * size)),
    }
    return settings_for(folder, REDIS_URL=url, **room)


def fill(broker: Broker, size: int, in_message: int) -> None:
    """Put so many readings into an empty journal."""
    broker.client.flushdb()
    readings = made.readings(_SERIES, size)
    journal = Journal(broker)
    while some := list(islice(readings, _CALL)):
        parts = [some[start : start + in_message] for start in range(0, len(some), in_message)]
        journal.publish([message for part in parts for message in Message.of(part)])


def write(settings: Settings, size: int) -> Figures:
    """What the writer's process does once the database is ready, until the journal is empty."""
    tune_gc()
    engine = writing_engine(settings)
    upgrade(engine)
    broker = Broker.connect(settings)
    journal = Journal(broker)
    recorder = Recorder(engine, JOURNAL, now_microseconds)
    lease_holder = LeaseHolder(journal, Lease(broker, "benchmark"))
    shutdown = Shutdown()
    bridge = ChannelBridge(broker, journal, lease_holder, now_microseconds, shutdown)
    bridge.start()
    writer = WriterLoop(journal, recorder, lease_holder, now_microseconds)
    begin, maintaining, more = time.perf_counter(), 0.0, True
    while more:
        more = writer.write_batch()
        since = time.perf_counter()
        if recorder.maintenance_due:
            more = recorder.maintain() or more
        maintaining += time.perf_counter() - since
    seconds = time.perf_counter() - begin
    memory = status_bytes("self", "VmHWM") / _MEBIBYTE
    shutdown.request()
    bridge.join()
    engine.dispose()
    broker.close()
    return {"rate": size / (seconds - maintaining), "all": size / seconds, "memory": memory}


def ours(url: str, size: int) -> Figures:
    """Drain the journal into an empty database."""
    with TemporaryDirectory() as folder:
        return call(write, settings(Path(folder), url, size), size)


def bare(size: int) -> Figures:
    """The driver's executemany with the rows of the same readings, decoded beforehand."""
    rows = [(member + 1, ts, value) for member, ts, value in made.rows(_SERIES, size)]
    with TemporaryDirectory() as folder:
        with database(Path(folder), _SERIES) as opened:
            path, pages = opened.path, opened.checkpoint_pages()
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA wal_autocheckpoint = {pages}")
            begin = time.perf_counter()
            for start in range(0, size, _TRANSACTION):
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(OVERWRITE, rows[start : start + _TRANSACTION])
                connection.execute("COMMIT")
            rate = size / (time.perf_counter() - begin)
            return {"rate": rate, "all": rate}


@click.command()
@click.option("--size", type=click.IntRange(1), default=1_000_000, show_default=True,
              help="Readings in the journal.")  # fmt: skip
@click.option("--in-message", multiple=True, type=click.IntRange(1, 500), default=(1, 100),
              show_default=True,
              help="Readings in a message; may be given several times.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True,
              help="How often each of the two is measured.")  # fmt: skip
def run(size: int, in_message: tuple[int, ...], rounds: int) -> None:
    """The writer draining a journal, against bare executemany of the same rows."""
    click.echo(f"{machine.describe('redis', 'msgspec', 'sqlalchemy')}\n")
    with TemporaryDirectory() as folder, redis_server(Path(folder)) as server:
        broker = Broker.connect(settings(Path(folder), server.url, size))
        for count in in_message:
            fill(broker, size, count)
            contestants = [
                Contestant("the writer", partial(ours, server.url, size)),
                Contestant("executemany", partial(call, bare, size)),
            ]
            title = f"{size:,} readings in messages of {count}"
            comparison = in_turns(rounds, contestants, title)
            click.echo("\n".join(table(title, _ROWS, comparison)) + "\n")
        broker.close()
