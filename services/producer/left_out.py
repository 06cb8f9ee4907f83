"""Count of the inputs of a source that gave no reading, for each rule of the source."""

import logging
import time
from collections.abc import Callable
from typing import Final

logger = logging.getLogger("producer")

_LOG_SECONDS: Final = 86_400.0


class LeftOutInputs:
    """Logs the first input of each rule that gave no reading, and counts the others.

    The count of a rule is logged once a day if it grew, and at the end. It survives a restart of
    the source after a failure.
    """

    def __init__(self, source: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._monotonic = monotonic
        self._counts: dict[str, int] = {}
        self._examples: dict[str, str] = {}
        self._next = 0.0

    def add(self, rule: str, example: str) -> None:
        """Count an input.

        Args:
            rule: The rule that found no reading in it.
            example: The input and the reason, for the log.
        """
        if rule not in self._counts:
            self._counts[rule] = 0
            self._next = self._next or self._monotonic() + _LOG_SECONDS
            logger.warning(
                "source %s: rule %r found no number: %s (logged once; more of them are counted)",
                self._source, rule, example,
            )  # fmt: skip
            return
        self._counts[rule] += 1
        self._examples[rule] = example
        if self._monotonic() >= self._next:
            self.flush()

    def flush(self) -> None:
        """Log the counts that have grown since they were last logged."""
        self._next = self._monotonic() + _LOG_SECONDS
        for rule, count in self._counts.items():
            if count:
                logger.warning(
                    "source %s: rule %r found no number in %d more messages, in the last: %s",
                    self._source, rule, count, self._examples[rule],
                )  # fmt: skip
                self._counts[rule] = 0
