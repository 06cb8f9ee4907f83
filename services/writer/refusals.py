"""What the database refuses, said in the log: at once, then once a minute, with a number."""

import logging
import time
from collections.abc import Callable
from typing import Final

_PAUSE_SECONDS: Final = 60.0


class RefusalLog:
    """Counts refused readings and says how many they are; the numbers that are said add up."""

    def __init__(
        self, logger: logging.Logger, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._logger = logger
        self._monotonic = monotonic
        self._total = self._said = 0
        self._next = monotonic()

    def take(self, total: int) -> None:
        """Take in how many were refused so far."""
        self._total = total
        if self._monotonic() >= self._next:
            self.say()

    def say(self) -> None:
        """Say now what has not been said yet."""
        if self._total > self._said:
            self._logger.error(
                "readings are refused: %d more; the newest stand in the table refused, with why",
                self._total - self._said,
            )
            self._said = self._total
            self._next = self._monotonic() + _PAUSE_SECONDS
