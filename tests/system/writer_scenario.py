"""A running writer, and a publisher that counts its readings."""

import sqlite3
from pathlib import Path
from typing import Any

from services.broker import Broker, Journal, Message
from services.reading import MICROSECONDS, Reading
from services.settings import Settings
from services.store.backup.backups import Backups
from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS, wait_until

START = 1_700_000_000


class WriterScenario:
    """A running writer, and a publisher that counts its readings.

    Attributes:
        stack: The stack of the writer.
        settings: The settings of the stack.
        writer: The process of the writer.
        published: The number of published readings, all of the series "a".
    """

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.settings = Settings.from_environ(
            {"REDIS_URL": stack.redis.url, "DATA_DIR": str(stack.database.parent)}
        )
        self._broker = Broker.connect(self.settings)
        self._journal = Journal(self._broker)
        self.published = 0
        self.writer = stack.start("writer")
        wait_until("the writer has a position", lambda: self.position() is not None)

    def publish(self, count: int, times: int = 1) -> None:
        """Publish messages.

        Args:
            count: The readings in each message.
            times: The number of messages.
        """
        for _ in range(times):
            first = self.published
            self.published += count
            self._journal.publish(
                Message.of(
                    Reading("a", (START + i) * MICROSECONDS, float(i))
                    for i in range(first, self.published)
                )
            )

    def position(self) -> int | None:
        rows = self.rows("SELECT n FROM journal_position")
        return int(rows[0][0]) if rows else None

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows that a query finds; none while the database is damaged."""
        try:
            return self.stack.rows(query)
        except sqlite3.DatabaseError:
            return []

    def stored(self) -> list[float]:
        return [value for (value,) in self.rows("SELECT value FROM readings ORDER BY ts")]

    def wait_until_stored(self, timeout_seconds: float = 30.0 + TIMEOUT_SECONDS) -> None:
        expected = [float(i) for i in range(self.published)]
        wait_until(
            f"{self.published} readings are stored",
            lambda: self.stored() == expected,
            timeout_seconds,
        )
        assert self.rows("PRAGMA integrity_check") == [("ok",)]

    def wait_for_log(self, sentence: str, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        wait_until(
            f"the log has {sentence!r}", lambda: sentence in self.writer.log_text(), timeout_seconds
        )

    def back_up(self) -> Path:
        return Backups(self.settings).create().path

    def gaps(self) -> list[tuple[object, ...]]:
        return self.rows("SELECT count, reason FROM gaps")

    def set_aside(self) -> list[str]:
        return sorted(path.name for path in self.stack.database.parent.glob("*.aside-*Z"))

    def close(self) -> None:
        self._broker.close()
