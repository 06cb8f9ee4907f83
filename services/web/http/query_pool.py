"""Threads for queries: a bounded number waits, none runs too long or for a client that is gone.

Queries run one after the other. Together they would not be faster, because most of a query holds
the interpreter's lock. Each further thread would also make the live stream wait longer for that
lock. Only a query that takes long lets others pass. Large queries have a lane of their own, so
that a small one never waits for them.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple, TypeVar

import gevent
from gevent.lock import BoundedSemaphore
from werkzeug.exceptions import ClientDisconnected, ServiceUnavailable

from services.concurrency import Interrupt
from services.web.http.clients import THIS_PROCESS, Client
from services.web.http.give_way import GiveWay
from services.web.http.threads import Threads

T = TypeVar("T")

_CHECK_SECONDS: Final = 0.25
"""Time between two checks whether the client still waits."""

_BUSY: Final = "too many questions at once: try again later"


class QueryLimits(NamedTuple):
    """Limits of a pool.

    Attributes:
        turn_seconds: Time after which a running query lets the next one of its lane start.
        max_waiting: Queries that may wait in a lane. A further one is refused.
        max_waiting_per_address: Queries of one client address that may wait in a lane.
        refuse_seconds: Time after which the refusal is sent. Those who try again at once would
            otherwise keep the process busy with refusals.
        wait_seconds: Time for which a query may wait.
        run_seconds: Time for which a query may run.
    """

    turn_seconds: float = 1.0
    max_waiting: int = 50
    max_waiting_per_address: int = 25
    refuse_seconds: float = 2.0
    wait_seconds: float = 5.0
    run_seconds: float = 10.0


class QueryPool:
    """Runs queries in two lanes, each with a few threads. A query has a connection of its own.

    Args:
        limits: Limits of each lane.
        is_congested: Returns True while requests wait. A running query gives way to them.
    """

    def __init__(
        self, limits: QueryLimits | None = None, is_congested: Callable[[], bool] = lambda: False
    ) -> None:
        limits = limits or QueryLimits()
        # A large query has no turns: the next one starts when it has ended.
        self._large = _Lane(limits._replace(turn_seconds=limits.run_seconds), 1, is_congested)
        self._small = _Lane(limits, 3, is_congested)

    @property
    def is_busy(self) -> bool:
        """True while a thread runs a query."""
        return self._large.threads.is_busy or self._small.threads.is_busy

    def run(
        self,
        query: Callable[[Interrupt], T],
        client: Client = THIS_PROCESS,
        *,
        is_large: bool = False,
    ) -> T:
        """Run a query in a thread, and wait for it. Other greenlets go on meanwhile.

        Args:
            query: The query. It must end soon after its interrupt is due.
            client: The client that waits for the result.
            is_large: True if the query may take long.

        Returns:
            The result of the query.

        Raises:
            ServiceUnavailable: Too many other queries wait, or this one has waited too long.
            ClientDisconnected: The client has disconnected.
            Exception: An error of the query.
        """
        return (self._large if is_large else self._small).run(query, client)


class _Lane:
    def __init__(self, limits: QueryLimits, threads: int, is_congested: Callable[[], bool]) -> None:
        self.threads = Threads(threads)
        self._limits = limits
        self._is_congested = is_congested
        self._turns = BoundedSemaphore(1)
        self._waiting: Counter[str] = Counter()

    def run(self, query: Callable[[Interrupt], T], client: Client) -> T:
        self._wait_for_turn(client)
        interrupt = Interrupt(self._limits.run_seconds, GiveWay(self._is_congested))

        def check_client() -> None:
            if client.is_gone():
                interrupt.request()

        with self._turn(), _timer(check_client, _CHECK_SECONDS, _CHECK_SECONDS):
            return self.threads.run(query, interrupt)

    def _wait_for_turn(self, client: Client) -> None:
        self._check_places(client)
        if not self._waiting and self._turns.acquire(blocking=False):
            return
        checks = max(1, round(self._limits.wait_seconds / _CHECK_SECONDS))
        self._waiting[client.address] += 1
        try:
            for _ in range(checks):
                has_turn = self._turns.acquire(timeout=self._limits.wait_seconds / checks)
                if client.is_gone():
                    if has_turn:
                        self._turns.release()
                    raise ClientDisconnected
                if has_turn:
                    return
        finally:
            self._waiting[client.address] -= 1
            self._waiting += Counter()  # Removes the addresses without a waiting query.
        raise ServiceUnavailable(_BUSY)

    def _check_places(self, client: Client) -> None:
        if (
            self._waiting.total() >= self._limits.max_waiting
            or self._waiting[client.address] >= self._limits.max_waiting_per_address
        ):
            _sleep(self._limits.refuse_seconds, client)
            raise ServiceUnavailable(_BUSY)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        is_over = False

        def end() -> None:
            nonlocal is_over
            if not is_over:
                is_over = True
                self._turns.release()

        try:
            with _timer(end, self._limits.turn_seconds):
                yield
        finally:
            end()


@contextmanager
def _timer(callback: Callable[[], None], seconds: float, repeat: float = 0.0) -> Iterator[None]:
    """Call a function in the event loop after a time, until the block ends.

    A greenlet for it would take ten times as long as the timer.
    """
    timer = gevent.get_hub().loop.timer(seconds, repeat)
    timer.start(callback)
    try:
        yield
    finally:
        timer.stop()
        timer.close()


def _sleep(seconds: float, client: Client) -> None:
    """Sleep. Raises ClientDisconnected if the client disconnects meanwhile."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        gevent.sleep(min(left, _CHECK_SECONDS))
        if client.is_gone():
            raise ClientDisconnected
