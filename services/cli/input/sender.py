"""Readings of a text on their way to the journal, and what is told about them."""

import time
from collections.abc import Callable, Sequence
from typing import Final

from services.broker import Journal, Message
from services.cli.input.progress import Progress
from services.concurrency import Backoff
from services.errors import BrokerUnavailableError, JournalFullError
from services.formats.parsing.result import DecodeResult

_MESSAGES: Final = 5
"""In one call of the publish script."""

_MOST_TOLD: Final = 20
_TELL_SECONDS: Final = 3.0


class Sender:
    """Publishes, and counts what was taken and what was not.

    room: is called with the messages of each call before it, and may wait.
    report: is told every fault; on the terminal only the first ones are said.
    """

    def __init__(
        self,
        journal: Journal,
        progress: Progress,
        *,
        room: Callable[[Sequence[Message]], None] = lambda _messages: None,
        report: Callable[[str], None] = lambda _line: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.sent = 0
        self.refused = 0
        self.texts = 0
        self.series: set[str] = set()
        self._journal = journal
        self._progress = progress
        self._room = room
        self._report = report
        self._sleep = sleep
        self._begun = False

    def send(self, decoded: DecodeResult) -> None:
        """Publish what is good and tell what is not. Once begun it waits while Redis is away.

        Raises BrokerUnavailableError, JournalFullError where nothing was published yet.
        """
        for fault in decoded.faults:
            self._refuse(f"line {fault.item_index + 1}: {fault.reason}")
        if decoded.omitted_fault_count:
            self._report(f"and {decoded.omitted_fault_count} more")
            self.refused += decoded.omitted_fault_count
        self.texts += decoded.skipped_text_count
        messages = Message.of(decoded.readings)
        for start in range(0, len(messages), _MESSAGES):
            part = messages[start : start + _MESSAGES]
            self._publish(part)
            self.sent += sum(message.reading_count for message in part)
        self.series.update(reading.series for reading in decoded.readings)

    def summary(self, done: str) -> str:
        """What became of it, in one line. done: "sent", for one."""
        text = f"{done} {self.sent} readings of {len(self.series)} series"
        if self.texts:
            text += f", left out {self.texts} texts"
        return f"{text}, refused {self.refused}" if self.refused else text

    def close(self) -> None:
        """Tell what was not told one by one."""
        self._progress.clear()
        if self.refused > _MOST_TOLD:
            self._progress.print_line(f"and {self.refused - _MOST_TOLD} more")

    def _publish(self, messages: Sequence[Message]) -> None:
        pause, since, told = Backoff(0.1, 2.0), time.monotonic(), False
        while True:
            try:
                self._room(messages)
                self._journal.publish(messages)
            except (BrokerUnavailableError, JournalFullError) as error:
                if not self._begun:
                    raise
                if not told and time.monotonic() - since > _TELL_SECONDS:
                    self._progress.print_line(f"{error}; waiting for it")
                    told = True
                self._sleep(pause.next_delay())
            else:
                self._begun = True
                return

    def _refuse(self, why: str) -> None:
        self.refused += 1
        self._report(why)
        if self.refused <= _MOST_TOLD:
            self._progress.print_line(why)
