"""Logging at the edge of a process: one line for each event, on standard output.

`FaultLog` logs a lasting fault once when it begins and once when it ends.
"""

import logging
import sys
import time
from collections.abc import Callable

_FORMAT = "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s"
_WHOLE_SECONDS = 10.0  # From this duration on, tenths say nothing.


def configure(level: str) -> None:
    """Send the log of this process to standard output, from `level` on."""
    formatter = logging.Formatter(_FORMAT, datefmt="%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Alembic and RQ narrate what they do at INFO; an operator wants to know what went wrong.
    for chatty in ("alembic", "rq", "rq.worker"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))


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
