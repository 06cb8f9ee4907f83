"""The sender: publishes the readings of a text, and reports what happened to them."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from services.broker import Journal, Message
from services.cli.input.progress import Progress
from services.concurrency import Backoff, Retry, Shutdown
from services.formats.parsing.result import DecodeResult

_BATCH_MESSAGES: Final = 5
"""Messages in one call of the publish script."""

_MAX_PRINTED_FAULTS: Final = 20
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
        journal: Where to publish.
        progress: Where to print the first faults.
        before_publish: Called with the messages of each call before it; it may wait.
        report: Called with every fault.
        shutdown: Its `wait` is the delay between two attempts.

    Attributes:
        refused_count: Items that are not valid readings.
    """

    def __init__(
        self,
        journal: Journal,
        progress: Progress,
        *,
        before_publish: Callable[[Sequence[Message]], None] = lambda _messages: None,
        report: Callable[[str], None] = lambda _line: None,
        shutdown: Shutdown | None = None,
    ) -> None:
        self.refused_count = 0
        self._journal = journal
        self._progress = progress
        self._before_publish = before_publish
        self._report = report
        self._retry = Retry(shutdown or Shutdown(), OutageNotice(progress), Backoff(0.1, 2.0))
        self._sent_count = 0
        self._skipped_text_count = 0
        self._series: set[str] = set()

    def send(self, decoded: DecodeResult) -> None:
        """Publish the readings and report the faults of a decoded text.

        After the first successful call it retries while Redis is unavailable or the journal full.

        Raises:
            BrokerUnavailableError, JournalFullError: Nothing was published yet.
        """
        for fault in decoded.faults:
            self._refuse(f"line {fault.item_index + 1}: {fault.reason}")
        if decoded.omitted_fault_count:
            self._report(f"and {decoded.omitted_fault_count} more")
            self.refused_count += decoded.omitted_fault_count
        self._skipped_text_count += decoded.skipped_text_count
        messages = Message.of(decoded.readings, decoded.points)
        for start in range(0, len(messages), _BATCH_MESSAGES):
            batch = messages[start : start + _BATCH_MESSAGES]
            self._retry.until_stopped(
                partial(self._publish, batch), lambda error: error.transient and self._has_sent
            )
            self._sent_count += sum(message.reading_count for message in batch)
        self._series.update(reading.series for reading in decoded.readings)

    def summary(self, verb: str) -> str:
        """Return the counts in one line.

        Args:
            verb: The first word, such as "sent".
        """
        readings = _format_count(self._sent_count, "reading")
        text = f"{verb} {readings} of {len(self._series)} series"
        if self._skipped_text_count:
            text += f", skipped {_format_count(self._skipped_text_count, 'text value')}"
        return f"{text}, refused {self.refused_count}" if self.refused_count else text

    def close(self) -> None:
        """Print the number of faults that were not printed one by one."""
        self._progress.clear()
        if self.refused_count > _MAX_PRINTED_FAULTS:
            self._progress.print_line(f"and {self.refused_count - _MAX_PRINTED_FAULTS} more")

    @property
    def _has_sent(self) -> bool:
        return self._sent_count > 0

    def _publish(self, batch: Sequence[Message]) -> None:
        self._before_publish(batch)
        self._journal.publish(batch)

    def _refuse(self, reason: str) -> None:
        self.refused_count += 1
        self._report(reason)
        if self.refused_count <= _MAX_PRINTED_FAULTS:
            self._progress.print_line(reason)


def _format_count(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
