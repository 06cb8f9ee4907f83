"""A journal, a database, and the writer between them."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Engine

from services.broker import Broker, Journal, Lease
from services.concurrency import Shutdown
from services.reading import MICROSECONDS
from services.store import Recorder, database_path, writing_engine
from services.store.migrations import upgrade
from services.writer.channel_bridge import ChannelBridge
from services.writer.loop import WriterLoop
from tests.support.journals import JOURNAL, STATE
from tests.support.waiting import TIMEOUT_SECONDS

NOW = 4_102_444_800 * MICROSECONDS
"""In 2100, which is later than the time of any entry."""


class Gap(NamedTuple):
    """A row of the table `gaps`."""

    start: int | None
    end: int | None
    lost_count: int | None
    reason: str


class Recording:
    """A journal and a database, and a writer between them that can be started anew."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.journal = Journal(broker)
        self.path = database_path(broker.settings)
        self._engine: Engine | None = None
        self.restart()

    def restart(self) -> None:
        """Have a writer that knows nothing but what the database holds."""
        self.close()
        self._engine = writing_engine(self.broker.settings)
        upgrade(self._engine)
        self._recorder = recorder = Recorder(self._engine, JOURNAL, lambda: NOW)
        lease = Lease(self.broker, "database")
        self.adoption = ChannelBridge(self.broker, self.journal, lease, lambda: NOW)
        self.writer = WriterLoop(self.journal, recorder, self.adoption, lambda: NOW)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run the writer in a thread, and adopt; at the end ask both to stop."""
        stop = Shutdown()
        self.adoption.start(stop)
        thread = threading.Thread(target=self.writer.run, args=[stop])
        thread.start()
        try:
            yield
        finally:
            stop.request()
            thread.join(TIMEOUT_SECONDS)
            self.adoption.join()
        assert not thread.is_alive()

    def write(self) -> None:
        """Let the writer take all that there is."""
        while self.writer.step():
            pass

    def maintain(self) -> None:
        """Let the writer do what it does between batches, until all is done."""
        while self._recorder.maintain():
            pass

    def rows(self, query: str) -> list[Any]:
        with closing(sqlite3.connect(self.path)) as file:
            return file.execute(query).fetchall()

    def stored(self) -> list[int]:
        """The times of all readings, in seconds."""
        rows = self.rows("SELECT ts FROM readings ORDER BY ts")
        return [ts // MICROSECONDS for (ts,) in rows]

    def gaps(self) -> list[Gap]:
        return [Gap(*row) for row in self.rows("SELECT from_ts, to_ts, count, reason FROM gaps")]

    def rejected(self) -> list[tuple[bytes, str, str]]:
        entries: Any = self.broker.client.execute_command("XRANGE", "readings:rejected", "-", "+")
        rows = [dict(zip(flat[::2], flat[1::2], strict=True)) for _, flat in entries]
        return [(r[b"m"], r[b"reason"].decode(), r[b"source"].decode()) for r in rows]

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()


def entries_of(recording: Recording) -> list[tuple[bytes, dict[bytes, bytes]]]:
    """The journal's entries as Redis holds them."""
    found: Any = recording.broker.client.execute_command("XRANGE", JOURNAL, "-", "+")
    return [(entry, dict(zip(flat[::2], flat[1::2], strict=True))) for entry, flat in found]


def lose_tail(recording: Recording, kept: int) -> None:
    """Put the journal back to when it had so many entries, as a power cut can do."""
    client: Any = recording.broker.client
    entries = entries_of(recording)[:kept]
    last = entries[-1][1]
    client.delete(JOURNAL)
    for entry, fields in entries:
        client.xadd(JOURNAL, fields, id=entry)
    client.hset(STATE, mapping={key: last[key] for key in (b"n", b"r", b"b")})
