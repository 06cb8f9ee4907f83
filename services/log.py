"""Logging at the edge of a process: one line for each event, on standard output.

`Outage` is for what fails again and again: it is said once when it begins and once when it ends.
"""

import logging
import sys
import time
from collections.abc import Callable

_FORMAT = "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s"


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


class Outage:
    """A fault that lasts: logged when it begins and when it is over, not every time it is met."""

    def __init__(
        self, logger: logging.Logger, what: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._logger = logger
        self._what = what
        self._monotonic = monotonic
        self._since: float | None = None

    @property
    def on(self) -> bool:
        """Whether the fault is there now."""
        return self._since is not None

    def begin(self, reason: object) -> None:
        """Note that the fault is there; says so if that is news."""
        if self._since is None:
            self._since = self._monotonic()
            self._logger.warning("%s: %s", self._what, reason)

    def end(self, note: str = "") -> None:
        """Note that the fault is gone; says so if that is news."""
        if self._since is not None:
            lasted = self._monotonic() - self._since
            self._since = None
            self._logger.info("%s is over after %.1f s%s", self._what, lasted, note and f", {note}")
