"""A journal, a database, and the writer between them."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Engine

from services.broker import Broker, Journal, Lease
from services.concurrency import Shutdown
from services.reading import MICROSECONDS
from services.store import Recorder, database_path
from services.writer.channel_bridge import ChannelBridge
from services.writer.channel_losses import ChannelLosses
from services.writer.commit_schedule import CommitSchedule
from services.writer.lease_holder import LeaseHolder
from services.writer.loop import WriterLoop
from tests.support.databases import migrated_engine
from tests.support.journals import JOURNAL, STATE, dead_letters
from tests.support.waiting import TIMEOUT_SECONDS

NOW = 4_102_444_800 * MICROSECONDS
"""In 2100, which is later than the time of any entry."""


class GapRow(NamedTuple):
    """A row of the table `gaps`."""

    start: int | None
    end: int | None
    lost_count: int | None
    reason: str


class Recording:
    """A journal, a database, and a writer that can be restarted."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.journal = Journal(broker)
        self.path = database_path(broker.settings)
        # Its clock is fast, so that a loss is over after 0.1 s.
        self.losses = ChannelLosses(lambda: 20 * time.monotonic())
        self._engine: Engine | None = None
        self.restart()

    def restart(self) -> None:
        """Create a writer that knows only what the database holds."""
        self.close()
        self._engine = migrated_engine(self.broker.settings)
        self._recorder = Recorder(self._engine, JOURNAL, lambda: NOW)
        self.lease_holder = LeaseHolder(self.journal, Lease(self.broker, "database"))
        self.writer = WriterLoop(
            self.journal,
            self._recorder,
            self.lease_holder,
            lambda: NOW,
            schedule=CommitSchedule(self.broker),
            losses=self.losses,
        )

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run the writer and the channel bridge in threads, and stop both at the end."""
        shutdown = Shutdown()
        bridge = ChannelBridge(
            self.broker,
            self.journal,
            self.lease_holder,
            lambda: NOW,
            shutdown,
            losses=self.losses,
        )
        bridge.start()
        thread = threading.Thread(target=self.writer.run, args=[shutdown])
        thread.start()
        try:
            yield
        finally:
            shutdown.request()
            thread.join(TIMEOUT_SECONDS)
            bridge.join()
        assert not thread.is_alive()

    def write(self) -> None:
        """Write everything that the journal has."""
        while self.writer.write_batch():
            pass

    def maintain(self) -> None:
        """Do all maintenance that is due."""
        while self._recorder.maintain():
            pass

    def rows(self, query: str) -> list[Any]:
        """Query the database."""
        with closing(sqlite3.connect(self.path)) as file:
            return file.execute(query).fetchall()

    def stored(self) -> list[int]:
        """Return the times of all stored readings in seconds, in their order."""
        rows = self.rows("SELECT ts FROM readings ORDER BY ts")
        return [ts // MICROSECONDS for (ts,) in rows]

    def stored_by_series(self) -> dict[str, list[int]]:
        """Return the times of the readings of each series in seconds, in their order."""
        query = "SELECT name, ts FROM readings JOIN series ON id = series_id ORDER BY ts"
        found: dict[str, list[int]] = {}
        for name, ts in self.rows(query):
            found.setdefault(name, []).append(ts // MICROSECONDS)
        return found

    def gaps(self) -> list[GapRow]:
        """Return the rows of the table `gaps`."""
        rows = self.rows("SELECT from_ts, to_ts, count, reason FROM gaps")
        return [GapRow(*row) for row in rows]

    def dead_letters(self) -> list[tuple[bytes, str, str]]:
        """Return text, reason and source of each dead letter."""
        return dead_letters(self.broker)

    def close(self) -> None:
        """Close the database."""
        if self._engine is not None:
            self._engine.dispose()


class WaitingRecording(Recording):
    """A recording whose writer collects readings, and is stopped before a look at its database."""

    def committed(self) -> list[int]:
        """Return the times of all committed readings in seconds, while others wait."""
        return [ts // MICROSECONDS for (ts,) in super().rows("SELECT ts FROM readings ORDER BY ts")]

    def stop(self) -> None:
        """Stop the writer as SIGTERM does."""
        shutdown = Shutdown()
        shutdown.request()
        self.writer.run(shutdown)

    def rows(self, query: str) -> list[Any]:
        """Stop the writer and query the database."""
        self.stop()
        return super().rows(query)

    def kill(self) -> None:
        """Create a writer, after the one before it was killed."""
        super().restart()

    def restart(self) -> None:
        """Create a writer, after the one before it was stopped."""
        if self._engine is not None:
            self.stop()
        super().restart()


def raw_entries(recording: Recording) -> list[tuple[bytes, dict[bytes, bytes]]]:
    """Return id and fields of each entry, as Redis holds them."""
    entries: Any = recording.broker.client.execute_command("XRANGE", JOURNAL, "-", "+")
    return [(entry, dict(zip(flat[::2], flat[1::2], strict=True))) for entry, flat in entries]


def lose_newest_entries(recording: Recording, kept: int) -> None:
    """Restore the journal to its first `kept` entries, as a power failure can do."""
    client: Any = recording.broker.client
    entries = raw_entries(recording)[:kept]
    last_fields = entries[-1][1]
    client.delete(JOURNAL)
    for entry, fields in entries:
        client.xadd(JOURNAL, fields, id=entry)
    client.hset(STATE, mapping={key: last_fields[key] for key in (b"n", b"r", b"b")})
