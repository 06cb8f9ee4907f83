"""A small stack for one story: a writer, a web service, and a client that writes to it."""

import time
from pathlib import Path
from typing import Final

from tests.faults.audit import Findings, audit, audit_rejected
from tests.faults.client import Client, Sent
from tests.faults.ledger import KEYED, TIMELESS, Item, Ledger, Outcome
from tests.faults.stack import CHANNEL, JOURNAL, Stack
from tests.support.servers import wait_until

SECOND: Final = 1_000_000


class Scenario:
    """A stack with a writer and a web service, and a client that writes readings one by one."""

    def __init__(self, folder: Path, mutant: str | None, **environment: str) -> None:
        self.ledger = Ledger()
        self.stack = Stack(folder, environment)
        self.mutation = ["--mutant", mutant] if mutant else []
        self.writer = self.stack.process("writer")
        self.web = self.stack.process("web")
        self.client = Client(self.stack.port, self.ledger)
        self.stack.closing(self.client.close)
        self._base = int(time.time()) * SECOND
        self._sent = 0

    def send(self, count: int = 1, outcome: Outcome | None = Outcome.ACKNOWLEDGED) -> list[Sent]:
        """Send readings, each with a request of its own; all have this outcome."""
        answers = []
        for _ in range(count):
            self._sent += 1
            item = Item(f"{KEYED}a", self._base + self._sent, float(self._sent))
            answers.append(self.client.send([item]))
            assert outcome is None or answers[-1].outcomes == [outcome], answers[-1]
        return answers

    def send_at_last(self, count: int) -> None:
        """Send readings to a Redis that has just come back."""
        wait_until(
            "a reading is taken",
            lambda: self.send(outcome=None)[0].outcomes == [Outcome.ACKNOWLEDGED],
        )
        self.send(count - 1)

    def say(self, value: float) -> None:
        """Publish a reading without a time, as another tool does."""
        item = Item(f"{TIMELESS}a", None, value)
        self.ledger.note([item], Outcome.UNKNOWN)
        self.stack.client.publish(CHANNEL, f'{{"series":"{item.series}","value":{value}}}')

    def start_writer(self, *options: str) -> None:
        """Start the writer, whole or as the mutant."""
        self.writer.start(*self.mutation, *options)

    def start_web(self) -> None:
        """Start the web service, whole or as the mutant."""
        self.client.close()
        self.stack.start_web(*self.mutation)

    def findings(self) -> Findings:
        """What is wrong, once the writer has caught up."""
        self.stack.drain()
        findings = audit(self.stack.database, self.ledger)
        audit_rejected(self.stack.rejected(), self.ledger, findings)
        return findings

    def wait_for_listeners(self, count: int) -> None:
        """Wait until so many subscribe to the channel."""
        wait_until(f"{count} listen", lambda: self.stack.listeners() == count)

    def findings_after_marker(self) -> Findings:
        """What is wrong once everything that was said before now has been adopted."""
        before = self.stack.client.xlen(JOURNAL)
        self.say(1e9)
        wait_until("the marker is adopted", lambda: self.stack.client.xlen(JOURNAL) > before)
        return self.findings()
