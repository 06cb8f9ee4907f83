"""Logging at the edge of a process: one line for each event, on standard output.

`FaultLog` logs a lasting fault once when it begins and once when it ends.
"""

import logging
import sys
import time
from collections.abc import Callable
from typing import TextIO

from services.json_log import JsonFormatter
from services.log_secrets import MaskingFormatter

_FORMAT = "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s"
_WHOLE_SECONDS = 10.0  # From this duration on, tenths of a second are noise.


def configure(level: str, log_format: str = "text", process: str = "") -> None:
    """Log to standard output in UTC.

    Args:
        level: Name of the lowest level that is logged.
        log_format: "text" for lines for people, "json" for one JSON object in each line.
        process: Name of this process, which JSON contains.
    """
    handler = _CountingHandler(sys.stdout)
    formatter = JsonFormatter(process) if log_format == "json" else _text_formatter()
    handler.setFormatter(MaskingFormatter(formatter))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Alembic and RQ log every step at INFO. An operator needs only their warnings.
    for chatty in ("alembic", "rq", "rq.worker"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))


class _CountingHandler(logging.StreamHandler[TextIO]):
    """Writes messages, and counts those that are warnings or worse."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self.counts = dict.fromkeys(("WARNING", "ERROR", "CRITICAL"), 0)

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelname in self.counts:
            self.counts[record.levelname] += 1
        super().emit(record)


def message_counts() -> dict[str, int]:
    """Return how many messages were logged since `configure`, by level from WARNING on."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, _CountingHandler):
            return handler.counts
    return {}


def _text_formatter() -> logging.Formatter:
    formatter = logging.Formatter(_FORMAT, datefmt="%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    return formatter


class FaultLog:
    """Log a lasting fault once when it begins and once when it ends.

    Logs "database unavailable: disk full", then "database available again after 60 s".
    """

    def __init__(
        self,
        logger: logging.Logger,
        fault: str,
        recovery: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Set both sentences.

        Args:
            logger: Receives the messages.
            fault: The state while the fault lasts, such as "database unavailable".
            recovery: The state after it, such as "database available again".
            monotonic: The clock, in seconds.
        """
        self._logger = logger
        self._fault = fault
        self._recovery = recovery
        self._monotonic = monotonic
        self._since: float | None = None

    @property
    def active(self) -> bool:
        """True from `begin` to `end`."""
        return self._since is not None

    def begin(self, reason: object) -> None:
        """Log the fault with its reason, unless it has begun already."""
        if self._since is None:
            self._since = self._monotonic()
            self._logger.warning("%s: %s", self._fault, reason)

    def end(self, note: str = "") -> None:
        """Log the recovery, the fault's duration and a note, unless there is no fault."""
        if self._since is not None:
            lasted = self._monotonic() - self._since
            self._since = None
            duration = f"{lasted:.1f}" if lasted < _WHOLE_SECONDS else f"{lasted:.0f}"
            self._logger.info("%s after %s s%s", self._recovery, duration, note and f": {note}")


class ChangeLog:
    """Log a sentence about a subject only if it differs from the previous one about it."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._last: dict[str, str] = {}

    def log(self, level: int, subject: str, sentence: str) -> None:
        """Log the sentence if it is new for the subject. An empty one only resets the subject."""
        if self._last.get(subject, "") != sentence:
            self._last[subject] = sentence
            if sentence:
                self._logger.log(level, "%s", sentence)


class RateLimitedCount:
    """Log a growing count: its first increase at once, later ones at most once in a while.

    The numbers in the log add up to the count.
    """

    def __init__(
        self,
        logger: logging.Logger,
        sentence: str,
        seconds: float = 60.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Set the sentence.

        Args:
            logger: Receives the messages, as errors.
            sentence: Format with one `%d` for the increase.
            seconds: Time between two messages.
            monotonic: The clock, in seconds.
        """
        self._logger = logger
        self._sentence = sentence
        self._seconds = seconds
        self._monotonic = monotonic
        self._count = self._logged = 0
        self._next = monotonic()

    def update(self, count: int) -> None:
        """Set the count, and log its increase if enough time has passed."""
        self._count = count
        if self._monotonic() >= self._next:
            self.flush()

    def flush(self) -> None:
        """Log the increase that has not been logged yet, if there is one."""
        if self._count > self._logged:
            self._logger.error(self._sentence, self._count - self._logged)
            self._logged = self._count
            self._next = self._monotonic() + self._seconds
