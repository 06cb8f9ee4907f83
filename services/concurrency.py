"""How a process starts, waits and ends.

A process runs step after step until `Stop` is set, which SIGTERM and SIGINT do. Whatever waits,
waits on `Stop`, so that it ends at once; all waits are on the monotonic clock.
"""

import logging
import os
import random
import select
import signal
import sys
import weakref
from collections.abc import Callable
from types import FrameType

from services import log
from services.errors import StripchartError
from services.settings import Settings

logger = logging.getLogger(__name__)


class Shutdown:
    """The request to end, and the only thing to wait on."""

    def __init__(self) -> None:
        # A pipe and not a threading.Event, whose lock a signal handler can meet half taken.
        self._read, self._write = os.pipe()
        self._requested = False
        weakref.finalize(self, _close, self._read, self._write)

    @property
    def requested(self) -> bool:
        """Whether the process shall end."""
        return self._requested

    def request(self) -> None:
        """Ask the process to end."""
        if not self._requested:
            self._requested = True
            os.write(self._write, b"!")

    def wait(self, seconds: float) -> bool:
        """Wait this long or until the process shall end; tells which."""
        if not self._requested:
            waiting = select.poll()
            waiting.register(self._read, select.POLLIN)
            waiting.poll(max(0.0, seconds) * 1000)
        return self._requested

    def install_signal_handlers(self) -> None:
        """Let SIGTERM and SIGINT ask the process to end."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.request()


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


class Backoff:
    """Growing pauses between attempts: doubled each time up to a most, with jitter.

    first, most: seconds.
    """

    def __init__(self, first: float, most: float) -> None:
        self._first = first
        self._most = most
        self._next = first

    def next_delay(self) -> float:
        """The seconds to wait before the next attempt."""
        seconds = self._next
        self._next = min(self._most, self._next * 2)
        return seconds * random.uniform(0.8, 1.0)  # noqa: S311 (jitter is no secret)

    def reset(self) -> None:
        """Start anew: an attempt succeeded."""
        self._next = self._first


def run(name: str, body: Callable[[Settings, Shutdown], None]) -> None:
    """Run one process from its settings to its exit status. Does not return.

    Errors of ours end it with a sentence and their exit status, others with a traceback and 1.
    """
    stop = Shutdown()
    stop.install_signal_handlers()
    try:
        settings = Settings.from_environ()
        log.configure(settings.log_level)
        body(settings, stop)
    except StripchartError as error:
        if not logging.getLogger().handlers:
            log.configure("INFO")
        logging.getLogger(name).error("%s", error)  # noqa: TRY400 (a sentence, not a traceback)
        sys.exit(error.exit_status)
    sys.exit(0)
