"""A campaign: senders and a killer against the whole product, and the account at the end."""

import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.faults.audit import Findings, audit, audit_rejected
from tests.faults.client import Client
from tests.faults.killer import Killer
from tests.faults.ledger import KEYED, Item, Ledger, Outcome
from tests.faults.report import Report
from tests.faults.senders import HttpSender, Sender, Stranger
from tests.faults.stack import DRAIN_SECONDS, Stack
from tests.support.servers import wait_until

_STRANGERS_RATE: Final = 20.0
_CALM_EVERY: Final = 25
_CALM_PATIENCE: Final = 30.0
_SLOWEST_RECOVERY: Final = 15.0
_SETTINGS: Final = {
    # Small enough that the journal is trimmed and also refuses.
    "STRIPCHART_JOURNAL_MAX_ENTRIES": "2000",
    "STRIPCHART_JOURNAL_MAX_BYTES": "8000000",
    "STRIPCHART_BACKUP_HOURS": "1",
    "STRIPCHART_PRODUCER_RATE": "5",
}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long and how hard. kills: at least so many; readings: acknowledged, at least so many.

    seconds: the longest that the faults may last. rate: messages a second of each publisher;
    batch: most readings in one of them. pause: the longest time between two faults, in seconds.
    """

    kills: int = 100
    readings: int = 0
    seconds: float = 3_600.0
    seed: int = 0
    publishers: int = 3
    rate: float = 20.0
    batch: int = 100
    pause: float = 1.0
    appendfsync: str = "everysec"
    processes: tuple[str, ...] = ("writer", "web", "jobs", "producer")


@dataclass
class Campaign:
    """One run of a plan in a folder of its own."""

    plan: Plan
    folder: Path
    ledger: Ledger = field(default_factory=Ledger)
    recoveries: list[float] = field(default_factory=list)
    late: list[str] = field(default_factory=list)

    def run(self) -> Report:
        """Carry the plan out and compare what is left with what was sent."""
        plan, began = self.plan, time.monotonic()
        with Stack(self.folder, _SETTINGS, plan.appendfsync) as stack:
            for name in plan.processes:
                stack.process(name)
            killer = Killer(stack, plan.seed)
            killer.start_all()
            wait_until("the web service answers", stack.answers)
            senders = self._senders(stack)
            for sender in senders:
                sender.start()
            self._harm(stack, killer)
            killer.finish()
            for sender in senders:
                sender.stop()
            findings = self._findings(stack)
            findings.others += killer.strange + self.late
            if not self._enough(killer):
                findings.others.append("the plan was not fulfilled in its time")
            return Report(
                plan.seed,
                killer.kills,
                killer.faults,
                self.ledger,
                findings,
                max(self.recoveries, default=0.0),
                time.monotonic() - began,
            )

    def _senders(self, stack: Stack) -> list[Sender]:
        plan = self.plan
        writers: list[Sender] = [
            HttpSender(
                f"http{number}",
                plan.seed,
                self.ledger,
                plan.rate,
                port=stack.port,
                batch=plan.batch,
            )
            for number in range(plan.publishers)
        ]
        return [*writers, Stranger(plan.seed, self.ledger, _STRANGERS_RATE, stack.redis.port)]

    def _harm(self, stack: Stack, killer: Killer) -> None:
        pauses, calm = random.Random(self.plan.seed), _CALM_EVERY
        end = time.monotonic() + self.plan.seconds
        while time.monotonic() < end and not self._enough(killer):
            killer.strike()
            killer.keep_running(pauses.uniform(0, self.plan.pause))
            if killer.kills.total() >= calm:
                calm = killer.kills.total() + _CALM_EVERY
                killer.heal()
                self._time_recovery(stack, killer)

    def _enough(self, killer: Killer) -> bool:
        plan = self.plan
        return killer.kills.total() >= plan.kills and self.ledger.taken >= plan.readings

    def _time_recovery(self, stack: Stack, killer: Killer) -> None:
        """Measure how long it takes from the end of the faults until a reading is stored.

        Nothing is restarted for it but what is dead.
        """
        began = time.monotonic()
        client = Client(stack.port, self.ledger)
        item = Item(f"{KEYED}calm", int(time.time() * 1_000_000), float(len(self.recoveries)))

        def stored() -> bool:
            killer.keep_running(0)
            sent = client.send([item])
            return sent.outcomes == [Outcome.ACKNOWLEDGED] and stack.holds(item)

        try:
            wait_until("a reading is stored", stored, _CALM_PATIENCE)
        except AssertionError as error:
            self.late.append(f"{error}, after the faults had ended")
        client.close()
        self.recoveries.append(time.monotonic() - began)
        if self.recoveries[-1] > _SLOWEST_RECOVERY:
            self.late.append(f"it took {self.recoveries[-1]:.1f} s until a reading was stored")

    def _findings(self, stack: Stack) -> Findings:
        others = []
        for what, happened in (
            ("the writer has caught up", stack.drained),
            ("/readyz says that all is well", stack.ready),
        ):
            try:
                wait_until(what, happened, DRAIN_SECONDS)
            except AssertionError as error:
                others.append(str(error))
        findings = audit(stack.database, self.ledger)
        audit_rejected(stack.rejected(), self.ledger, findings)
        findings.others += others
        return findings
