"""The read barrier: a query waits until the database holds everything acknowledged before it."""

import logging

import gevent
from gevent.event import AsyncResult

from services.broker.commit_requests import MAX_WAIT_SECONDS, CommitWaiter
from services.errors import BrokerRefusedError, BrokerUnavailableError, JournalFullError
from services.log import FaultLog
from services.web.http.clients import take_turn

logger = logging.getLogger("web")


class ReadBarrier:
    """Asks the writer to commit, once for all requests that wait at the same time.

    A request that arrives while the writer is being asked waits for the next time, because its
    readings may be too new for this one.

    Args:
        waiter: Asks the writer.
    """

    def __init__(self, waiter: CommitWaiter) -> None:
        self._waiter = waiter
        self._next: AsyncResult | None = None
        self._running = False
        self._fault = FaultLog(
            logger, "history may lack the newest readings", "history is complete again"
        )

    def wait(self) -> None:
        """Wait at most 1 s. Without Redis or a writer, the database answers as it is."""
        shared = self._next
        if shared is None:
            shared = self._next = AsyncResult()
            if not self._running:
                self._running = True
                gevent.spawn(self._run)
        shared.wait(MAX_WAIT_SECONDS)
        take_turn()

    def _run(self) -> None:
        try:
            while self._next is not None:
                shared, self._next = self._next, None
                try:
                    self._wait_for_writer()
                finally:
                    shared.set(None)
        finally:
            self._running = False

    def _wait_for_writer(self) -> None:
        try:
            self._waiter.wait()
        except BrokerRefusedError as error:
            self._fault.begin(error)
        except (BrokerUnavailableError, JournalFullError):
            # The relay reports it, and `/readyz` too.
            return
        else:
            self._fault.end()
