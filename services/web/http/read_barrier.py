"""The read barrier: a query waits until the database holds everything acknowledged before it."""

import logging

from services.broker.commit_requests import MAX_WAIT_SECONDS, CommitWaiter
from services.errors import BrokerRefusedError, BrokerUnavailableError, JournalFullError
from services.log import FaultLog
from services.web.http.shared_call import SharedCall

logger = logging.getLogger("web")


class ReadBarrier:
    """Asks the writer to commit, once for all requests that wait at the same time.

    Args:
        waiter: Asks the writer.
    """

    def __init__(self, waiter: CommitWaiter) -> None:
        self._waiter = waiter
        self._commit = SharedCall(self._wait_for_writer)
        self._fault = FaultLog(
            logger, "history may lack the newest readings", "history is complete again"
        )

    def wait(self) -> None:
        """Wait at most 1 s. Without Redis or a writer, the database answers as it is."""
        self._commit.wait(MAX_WAIT_SECONDS)

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
