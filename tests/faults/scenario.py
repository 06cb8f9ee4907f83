"""The stack of one scenario: a writer, a web service, and a client that writes to it."""

import time
from pathlib import Path
from typing import Final

from tests.faults.checker import Findings, check_database, check_rejected
from tests.faults.fault_stack import CHANNEL, JOURNAL, FaultStack
from tests.faults.http_client import HttpClient, Response
from tests.faults.send_log import TIMED, UNTIMED, Item, Outcome, SendLog
from tests.support.waiting import wait_until

MICROSECONDS: Final = 1_000_000


class Scenario:
    """A stack with a writer and a web service, and a client that sends readings one by one.

    Attributes:
        log: The log of all sent readings.
        stack: The stack, which the scenario uses as a context manager.
        writer: The writer, not started yet.
        web: The web service, not started yet.
        client: A client of the web service.
    """

    def __init__(self, folder: Path, mutant: str | None, **settings: str) -> None:
        """Prepare the stack without starting it.

        Args:
            folder: The folder of all files.
            mutant: The mutation of the writer and the web service; None for the real product.
            settings: Settings of all processes.
        """
        self.log = SendLog()
        self.stack = FaultStack(folder, **settings)
        self._mutation = ["--mutant", mutant] if mutant else []
        self.writer = self.stack.add("writer")
        self.web = self.stack.add("web")
        self.client = HttpClient(self.stack.port, self.log)
        self.stack.on_close(self.client.close)
        self._base_ts = int(time.time()) * MICROSECONDS
        self._sent = 0

    def send(
        self, count: int = 1, expected: Outcome | None = Outcome.ACKNOWLEDGED
    ) -> list[Response]:
        """Send readings over HTTP, one in each request.

        Args:
            count: The number of readings.
            expected: The outcome that each must have; None for any.
        """
        responses = []
        for _ in range(count):
            self._sent += 1
            item = Item(f"{TIMED}a", self._base_ts + self._sent, float(self._sent))
            responses.append(self.client.send([item]))
            assert expected is None or responses[-1].outcomes == [expected], responses[-1]
        return responses

    def send_when_redis_is_back(self, count: int) -> None:
        """Send readings, the first one repeatedly until it is acknowledged."""
        wait_until(
            "a reading is acknowledged",
            lambda: self.send(expected=None)[0].outcomes == [Outcome.ACKNOWLEDGED],
        )
        self.send(count - 1)

    def publish_external(self, value: float) -> None:
        """Publish a bare message with one reading without a time, as another tool does."""
        item = Item(f"{UNTIMED}a", None, value)
        self.log.record([item], Outcome.UNKNOWN)
        self.stack.client.publish(CHANNEL, f'{{"series":"{item.series}","value":{value}}}')

    def start_writer(self, *options: str) -> None:
        """Start the writer, mutated if this scenario is for a mutant.

        Args:
            options: Options of `tests.faults.failpoints`.
        """
        self.writer.start_with(*self._mutation, *options)

    def start_web(self) -> None:
        """Start the web service, mutated if this scenario is for a mutant."""
        self.client.close()
        self.stack.start_web(*self._mutation)

    def check(self) -> Findings:
        """Wait until the writer has caught up, and check the database."""
        self.stack.wait_until_caught_up()
        findings = check_database(self.stack.database, self.log)
        check_rejected(self.stack.rejected(), self.log, findings)
        return findings

    def wait_for_subscribers(self, count: int) -> None:
        """Wait until the channel has this number of subscribers."""
        wait_until(f"{count} subscribers", lambda: self.stack.subscriber_count() == count)

    def check_after_marker(self) -> Findings:
        """Wait until every external message so far is handled, and check the database."""
        before = self.stack.client.xlen(JOURNAL)
        self.publish_external(1e9)
        wait_until("the marker is in the journal", lambda: self.stack.client.xlen(JOURNAL) > before)
        return self.check()
