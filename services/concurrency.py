"""Building blocks for processes and threads that wait, retry, and end on request.

All waits use the monotonic clock, and end at once when the shutdown is requested.
"""

import os
import random
import select
import signal
import threading
import time
import weakref
from collections.abc import Callable
from types import FrameType
from typing import Protocol, TypeVar

from services.errors import StripchartError

T = TypeVar("T")


class Shutdown:
    """The request to end a process, made by SIGTERM, SIGINT or the process itself."""

    def __init__(self) -> None:
        # A pipe instead of a threading.Event: a signal handler may run while the main thread
        # holds the lock of the Event, and would then wait for it forever.
        self._read, self._write = os.pipe()
        self._requested = False
        weakref.finalize(self, _close, self._read, self._write)

    @property
    def requested(self) -> bool:
        """True once the shutdown was requested."""
        return self._requested

    def request(self) -> None:
        """Request the shutdown, and wake everything that waits in `wait`."""
        if not self._requested:
            self._requested = True
            os.write(self._write, b"!")

    def fileno(self) -> int:
        """Return the file descriptor that is readable once the shutdown was requested."""
        return self._read

    def wait(self, seconds: float) -> bool:
        """Wait for the given seconds or until the shutdown is requested.

        Returns:
            True if the shutdown was requested.
        """
        if not self._requested:
            waiting = select.poll()
            waiting.register(self._read, select.POLLIN)
            waiting.poll(max(0.0, seconds) * 1000)
        return self._requested

    def install_signal_handlers(self) -> None:
        """Let SIGTERM and SIGINT request the shutdown."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.request()


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


class Backoff:
    """Growing delays between attempts: doubled each time up to a maximum, with jitter.

    Args:
        first_seconds: The first delay.
        max_seconds: The longest delay.
    """

    def __init__(self, first_seconds: float, max_seconds: float) -> None:
        self._first_seconds = first_seconds
        self._max_seconds = max_seconds
        self._next_seconds = first_seconds

    def next_delay(self) -> float:
        """Return the seconds to wait before the next attempt."""
        seconds = self._next_seconds
        self._next_seconds = min(self._max_seconds, seconds * 2)
        return seconds * random.uniform(0.8, 1.0)  # noqa: S311 (jitter is no secret)

    def reset(self) -> None:
        """Start again with the first delay, because an attempt succeeded."""
        self._next_seconds = self._first_seconds


class TokenBucket:
    """Token bucket that limits how often something happens.

    Args:
        rate: Tokens that are added in a second.
        burst: Tokens that the bucket holds at most, and at the start.
        monotonic: Clock in seconds that is never set back.
    """

    def __init__(
        self, rate: float, burst: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._burst = burst
        self._monotonic = monotonic
        self._tokens = burst
        self._filled_at = monotonic()

    def take(self) -> None:
        """Remove one token. An empty bucket stays empty."""
        self._refill()
        self._tokens = max(self._tokens - 1.0, 0.0)

    def delay(self) -> float:
        """Return the seconds until the bucket holds a token, 0 if it holds one now."""
        self._refill()
        return max(0.0, (1.0 - self._tokens) / self._rate)

    def _refill(self) -> None:
        now = self._monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now


class Ticker:
    """Timer that is due once in each period, and at once at the start.

    Args:
        seconds: Length of a period.
        monotonic: Clock in seconds that is never set back.
    """

    def __init__(self, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._monotonic = monotonic
        self._next = monotonic()

    def is_due(self) -> bool:
        """Return True if the period is over, and start the next one."""
        now = self._monotonic()
        if now < self._next:
            return False
        self._next = now + self._seconds
        return True


class Interrupt:
    """The request to end a piece of work before it has a result.

    Args:
        seconds: Time after which it is due in any case.
        give_way: Lets more urgent work go first, if there is any.
        monotonic: Clock in seconds that is never set back.
    """

    def __init__(
        self,
        seconds: float,
        give_way: Callable[[], object] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._give_way = give_way
        self._monotonic = monotonic
        self._deadline = monotonic() + seconds
        self._requested = False

    def request(self) -> None:
        """Make it due now. Any thread may call this."""
        self._requested = True

    def check(self) -> bool:
        """Let more urgent work go first, then return True if the work should end.

        The work calls it every few milliseconds.
        """
        self._give_way()
        return self._requested or self._monotonic() > self._deadline


class ServiceThread:
    """A daemon thread whose failure ends its process.

    An exception of the target requests the shutdown, and `join` raises it again.

    Args:
        name: Name of the thread.
        target: Function that runs until the shutdown is requested.
        shutdown: Requested when the target fails.
    """

    def __init__(self, name: str, target: Callable[[Shutdown], None], shutdown: Shutdown) -> None:
        self._target = target
        self._shutdown = shutdown
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def running(self) -> bool:
        """True from the start until the target has returned or failed."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def join(self, seconds: float) -> None:
        """Wait up to `seconds` for the end of the thread. Raises an exception of the target."""
        if self._thread.ident is not None:
            self._thread.join(seconds)
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            self._target(self._shutdown)
        except BaseException as error:  # noqa: BLE001 (join raises it again)
            self._failure = error
            self._shutdown.request()


class FaultReporter(Protocol):
    """Reports a lasting fault; `services.log.FaultLog` is one."""

    def begin(self, reason: object) -> None:
        """Report the fault, unless it was reported before."""

    def end(self) -> None:
        """Report the recovery, if there was a fault."""


class Retry:
    """A loop that retries after a fault, with growing delays and one log line for the fault.

    Args:
        shutdown: Ends a delay early.
        fault: Reports the start and the end of the fault.
        backoff: Delays between attempts.
    """

    def __init__(self, shutdown: Shutdown, fault: FaultReporter, backoff: Backoff) -> None:
        self._shutdown = shutdown
        self._fault = fault
        self._backoff = backoff

    def failed(self, reason: object) -> None:
        """Log the fault if it is new, then wait for the next delay or for the shutdown."""
        self._fault.begin(reason)
        self._shutdown.wait(self._backoff.next_delay())

    def succeeded(self) -> None:
        """Log the recovery if there was a fault, and start again with the shortest delay."""
        self._fault.end()
        self._backoff.reset()

    def until_stopped(
        self, attempt: Callable[[], T], transient: Callable[[StripchartError], bool]
    ) -> T | None:
        """Repeat an attempt until it returns.

        Args:
            attempt: The function to call.
            transient: Returns True for an error after which another attempt makes sense.

        Returns:
            What the attempt returned, or None if the shutdown was requested before.

        Raises:
            StripchartError: An error of the attempt that is not transient.
        """
        while not self._shutdown.requested:
            try:
                result = attempt()
            except StripchartError as error:
                if not transient(error):
                    raise
                self.failed(error)
            else:
                self.succeeded()
                return result
        return None
