"""The sender: publishes the readings of a text, and reports what happened to them."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from services.broker import Journal, Message
from services.cli.input.progress import Progress
from services.cli.input.report import MAX_FAULTS_SHOWN, TextReport
from services.concurrency import Backoff, Retry, Shutdown
from services.formats.parsing.result import DecodeResult

_BATCH_MESSAGES: Final = 5
"""Messages in one call of the publish script."""

_NOTICE_SECONDS: Final = 3.0


class OutageNotice:
    """Prints the reason of an outage once it has lasted three seconds."""

    def __init__(self, progress: Progress, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._progress = progress
        self._monotonic = monotonic
        self._since: float | None = None
        self._printed = False

    def begin(self, reason: object) -> None:
        """Print the reason if the outage is long enough, once."""
        now = self._monotonic()
        if self._since is None:
            self._since = now
        if not self._printed and now - self._since > _NOTICE_SECONDS:
            self._progress.print_line(f"{reason}; retrying")
            self._printed = True

    def end(self) -> None:
        """End the outage."""
        self._since, self._printed = None, False


class Sender:
    """Publishes readings, and counts sent readings and refused items.

    Args:
        journal: Where to publish, None for a dry run.
        progress: Where to print the first faults.
        before_publish: Called with the messages of each call before it; it may wait.
        write_fault: Called with every fault.
        shutdown: Its `wait` is the delay between two attempts.

    Attributes:
        report: The report about the text.
        sent_count: Readings that were published, or would be in a dry run.
    """

    def __init__(
        self,
        journal: Journal | None,
        progress: Progress,
        *,
        before_publish: Callable[[Sequence[Message]], None] = lambda _messages: None,
        write_fault: Callable[[str], None] = lambda _line: None,
        shutdown: Shutdown | None = None,
    ) -> None:
        self.report = TextReport()
        self.sent_count = 0
        self._journal = journal
        self._progress = progress
        self._before_publish = before_publish
        self._write_fault = write_fault
        self._retry = Retry(shutdown or Shutdown(), OutageNotice(progress), Backoff(0.1, 2.0))

    def send(self, decoded: DecodeResult) -> None:
        """Publish the readings and report the faults of a decoded text.

        After the first successful call it retries while Redis is unavailable or the journal full.

        Raises:
            BrokerUnavailableError, JournalFullError: Nothing was published yet.
        """
        for fault in decoded.faults:
            self._refuse(f"line {fault.item_index + 1}: {fault.reason}")
        if decoded.omitted_fault_count:
            self._write_fault(f"and {decoded.omitted_fault_count} more")
            self.report.refused_count += decoded.omitted_fault_count
        messages = Message.of(decoded.readings, decoded.points)
        for start in range(0, len(messages), _BATCH_MESSAGES):
            batch = messages[start : start + _BATCH_MESSAGES]
            self._retry.until_stopped(
                partial(self._publish, batch), lambda error: error.transient and self._has_sent
            )
            self.sent_count += sum(message.reading_count for message in batch)
        self.report.add(decoded)

    def summary(self, verb: str) -> str:
        """Return the counts in one line.

        Args:
            verb: The first word, such as "sent".
        """
        return self.report.summary(verb, self.sent_count)

    def close(self) -> None:
        """Print the number of faults that were not printed one by one."""
        self._progress.clear()
        if self.report.refused_count > MAX_FAULTS_SHOWN:
            self._progress.print_line(f"and {self.report.refused_count - MAX_FAULTS_SHOWN} more")

    @property
    def _has_sent(self) -> bool:
        return self.sent_count > 0

    def _publish(self, batch: Sequence[Message]) -> None:
        if self._journal is not None:
            self._before_publish(batch)
            self._journal.publish(batch)

    def _refuse(self, reason: str) -> None:
        self._write_fault(reason)
        if self.report.add_fault(reason):
            self._progress.print_line(reason)
