"""Readings per second from a full journal into the database, by the writer's own loop."""

import sqlite3
import time
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
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
from benchmarks.harness.fresh_process import call_in_fresh_process
from benchmarks.harness.machine import describe_machine
from benchmarks.product.redis import redis_server
from benchmarks.storage.database import JOURNAL, UPSERT, open_database, settings_with_data_in
from benchmarks.storage.synthetic_readings import generate_readings, generate_rows
from services.broker import Broker, Journal, Lease, Message
from services.clock import now_microseconds
from services.concurrency import Shutdown
from services.settings import Settings
from services.store import Recorder, writing_engine
from services.store.migrations import upgrade
from services.writer.channel_bridge import ChannelBridge
from services.writer.channel_losses import ChannelLosses
from services.writer.commit_schedule import CommitSchedule
from services.writer.lease_holder import LeaseHolder
from services.writer.loop import WriterLoop
from services.writer.main import tune_gc
from tests.support.process_stats import status_bytes

_SERIES_COUNT: Final = 20
_TRANSACTION_READINGS: Final = 20_000
_CALL_READINGS: Final = 500
_MEBIBYTE: Final = 1 << 20

_ROWS: Final = (
    TableRow("rate", "readings a second, rollups left out", 0),
    TableRow("all", "the same, with the time that rollups take", 0),
    TableRow("memory", "the writer's memory at its peak, MiB"),
)


def settings_with_large_journal(folder: Path, url: str, reading_count: int) -> Settings:
    """Return settings with a journal that keeps all readings, even after they are stored."""
    bounds = {
        "STRIPCHART_JOURNAL_MAX_ENTRIES": str(4 * reading_count),
        "STRIPCHART_JOURNAL_MAX_BYTES": str(max(4 << 20, 400 * reading_count)),
    }
    return settings_with_data_in(folder, REDIS_URL=url, **bounds)


def fill_journal(broker: Broker, reading_count: int, readings_per_message: int) -> None:
    """Delete everything in Redis, and publish readings to the journal."""
    broker.client.flushdb()
    readings = generate_readings(_SERIES_COUNT, reading_count)
    journal = Journal(broker)
    while call := list(islice(readings, _CALL_READINGS)):
        parts = [
            call[start : start + readings_per_message]
            for start in range(0, len(call), readings_per_message)
        ]
        journal.publish([message for part in parts for message in Message.of(part)])


def drain_journal(settings: Settings, reading_count: int) -> Figures:
    """Run the writer's loop in this process until the journal is empty, and measure it."""
    tune_gc()
    engine = writing_engine(settings)
    upgrade(engine)
    broker = Broker.connect(settings)
    journal = Journal(broker)
    recorder = Recorder(engine, JOURNAL, now_microseconds)
    lease_holder = LeaseHolder(journal, Lease(broker, "benchmark"))
    shutdown = Shutdown()
    bridge = ChannelBridge(
        broker, journal, lease_holder, now_microseconds, shutdown, losses=ChannelLosses()
    )
    bridge.start()
    writer = WriterLoop(
        journal, recorder, lease_holder, now_microseconds, schedule=CommitSchedule(broker)
    )
    begin, maintain_seconds, more = time.perf_counter(), 0.0, True
    while more:
        more = writer.write_batch()
        maintain_begin = time.perf_counter()
        if recorder.maintenance_due:
            more = recorder.maintain() or more
        maintain_seconds += time.perf_counter() - maintain_begin
    seconds = time.perf_counter() - begin
    memory = status_bytes("self", "VmHWM") / _MEBIBYTE
    shutdown.request()
    bridge.join()
    engine.dispose()
    broker.close()
    return {
        "rate": reading_count / (seconds - maintain_seconds),
        "all": reading_count / seconds,
        "memory": memory,
    }


def measure_writer(url: str, reading_count: int) -> Figures:
    """Drain the journal into an empty database, in a fresh process."""
    with TemporaryDirectory() as folder:
        settings = settings_with_large_journal(Path(folder), url, reading_count)
        return call_in_fresh_process(drain_journal, settings, reading_count)


def measure_executemany(reading_count: int) -> Figures:
    """Insert the same rows, already decoded, with the driver's `executemany`."""
    rows = [
        (series_index + 1, ts, value)
        for series_index, ts, value in generate_rows(_SERIES_COUNT, reading_count)
    ]
    with TemporaryDirectory() as folder:
        with open_database(Path(folder), _SERIES_COUNT) as database:
            path, checkpoint_pages = database.path, database.checkpoint_pages()
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA wal_autocheckpoint = {checkpoint_pages}")
            begin = time.perf_counter()
            for start in range(0, reading_count, _TRANSACTION_READINGS):
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(UPSERT, rows[start : start + _TRANSACTION_READINGS])
                connection.execute("COMMIT")
            rate = reading_count / (time.perf_counter() - begin)
            return {"rate": rate, "all": rate}


@click.command()
@click.option("--size", type=click.IntRange(1), default=1_000_000, show_default=True,
              help="Readings in the journal.")  # fmt: skip
@click.option("--in-message", multiple=True, type=click.IntRange(1, 500), default=(1, 100),
              show_default=True,
              help="Readings in a message; may be given many times.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True,
              help="Rounds in which both are measured once.")  # fmt: skip
def run(size: int, in_message: tuple[int, ...], rounds: int) -> None:
    """The writer draining a journal, against bare executemany of the same rows."""
    click.echo(f"{describe_machine('redis', 'msgspec', 'sqlalchemy')}\n")
    with TemporaryDirectory() as folder, redis_server(Path(folder)) as server:
        broker = Broker.connect(settings_with_large_journal(Path(folder), server.url, size))
        for count in in_message:
            fill_journal(broker, size, count)
            contestants = [
                Contestant("the writer", partial(measure_writer, server.url, size)),
                Contestant(
                    "executemany", partial(call_in_fresh_process, measure_executemany, size)
                ),
            ]
            title = f"{size:,} readings in messages of {count}"
            comparison = measure_in_turns(rounds, contestants, title)
            click.echo("\n".join(format_table(title, _ROWS, comparison)) + "\n")
        broker.close()
