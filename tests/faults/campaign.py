"""A campaign: publishers and a fault injector against the whole product, checked at the end."""

import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.faults.checker import Findings, check_database, check_rejected
from tests.faults.fault_injector import FaultInjector
from tests.faults.fault_stack import CATCH_UP_SECONDS, FaultStack
from tests.faults.http_client import HttpClient
from tests.faults.publishers import ExternalPublisher, HttpPublisher, Publisher
from tests.faults.report import Report
from tests.faults.scenario import MICROSECONDS
from tests.faults.send_log import TIMED, Item, Outcome, SendLog
from tests.support.waiting import wait_until

_EXTERNAL_RATE: Final = 20.0
_KILLS_BETWEEN_RECOVERIES: Final = 25
_RECOVERY_TIMEOUT_SECONDS: Final = 30.0
_MAX_RECOVERY_SECONDS: Final = 15.0
_SETTINGS: Final = {
    # Small enough that the journal is trimmed, and sometimes full.
    "STRIPCHART_JOURNAL_MAX_ENTRIES": "2000",
    "STRIPCHART_JOURNAL_MAX_BYTES": "8000000",
    "STRIPCHART_BACKUP_HOURS": "1",
    "STRIPCHART_PRODUCER_RATE": "5",
}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The size of a campaign, which ends when both minimums or the time limit are reached.

    Attributes:
        kills: The minimum number of kills.
        readings: The minimum number of acknowledged readings.
        seconds: The time limit of the faults.
        seed: The seed of all random numbers.
        publishers: The number of HTTP publishers.
        rate: The messages a second of each publisher.
        batch: The maximum number of readings in a message.
        pause: The maximum number of seconds between two faults.
        appendfsync: Redis' setting of this name.
        flush: The setting STRIPCHART_FLUSH_SECONDS.
        processes: The services that run.
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
    flush: float = 10.0
    processes: tuple[str, ...] = ("writer", "web", "jobs", "producer")


@dataclass
class Campaign:
    """One run of a plan in a folder.

    Attributes:
        plan: The size of the campaign.
        folder: The folder of all files.
        log: The log of all sent readings.
        recovery_seconds: The time of each recovery.
        slow_recoveries: The recoveries that took too long, in words.
    """

    plan: Plan
    folder: Path
    log: SendLog = field(default_factory=SendLog)
    recovery_seconds: list[float] = field(default_factory=list)
    slow_recoveries: list[str] = field(default_factory=list)

    def run(self) -> Report:
        """Carry out the plan, and compare the stored readings with the sent ones."""
        plan, start = self.plan, time.monotonic()
        settings = _SETTINGS | {"STRIPCHART_FLUSH_SECONDS": str(plan.flush)}
        with FaultStack(self.folder, plan.appendfsync, **settings) as stack:
            for name in plan.processes:
                stack.add(name)
            injector = FaultInjector(stack, plan.seed)
            injector.start_all()
            wait_until("the web service answers", stack.answers)
            publishers = self._publishers(stack)
            for publisher in publishers:
                publisher.start()
            self._inject_faults(stack, injector)
            injector.finish()
            for publisher in publishers:
                publisher.stop()
            findings = self._check(stack)
            findings.others += injector.unexpected_exits + self.slow_recoveries
            if not self._is_complete(injector):
                findings.others.append("the time limit came before the minimums of the plan")
            return Report(
                plan.seed,
                injector.kills,
                injector.faults,
                self.log,
                findings,
                max(self.recovery_seconds, default=0.0),
                time.monotonic() - start,
            )

    def _publishers(self, stack: FaultStack) -> list[Publisher]:
        plan = self.plan
        publishers: list[Publisher] = [
            HttpPublisher(
                f"http{number}",
                plan.seed,
                self.log,
                plan.rate,
                port=stack.port,
                batch=plan.batch,
            )
            for number in range(plan.publishers)
        ]
        external = ExternalPublisher(plan.seed, self.log, _EXTERNAL_RATE, stack.redis.port)
        return [*publishers, external]

    def _inject_faults(self, stack: FaultStack, injector: FaultInjector) -> None:
        pauses = random.Random(self.plan.seed)
        next_recovery = _KILLS_BETWEEN_RECOVERIES
        end = time.monotonic() + self.plan.seconds
        while time.monotonic() < end and not self._is_complete(injector):
            injector.inject()
            injector.keep_running(pauses.uniform(0, self.plan.pause))
            if injector.kills.total() >= next_recovery:
                next_recovery = injector.kills.total() + _KILLS_BETWEEN_RECOVERIES
                injector.heal()
                self._measure_recovery(stack, injector)

    def _is_complete(self, injector: FaultInjector) -> bool:
        plan = self.plan
        return injector.kills.total() >= plan.kills and self.log.acknowledged_count >= plan.readings

    def _measure_recovery(self, stack: FaultStack, injector: FaultInjector) -> None:
        """Measure the time from the end of all faults until a new reading is stored.

        Only processes that have ended are restarted.
        """
        start = time.monotonic()
        client = HttpClient(stack.port, self.log)
        ts = int(time.time() * MICROSECONDS)
        item = Item(f"{TIMED}recovery", ts, float(len(self.recovery_seconds)))

        def is_stored() -> bool:
            injector.keep_running(0)
            response = client.send([item])
            if response.outcomes != [Outcome.ACKNOWLEDGED]:
                return False
            stack.read()
            return stack.holds(item)

        try:
            wait_until("a reading is stored", is_stored, _RECOVERY_TIMEOUT_SECONDS)
        except AssertionError as error:
            self.slow_recoveries.append(f"{error}, after the end of the faults")
        client.close()
        seconds = time.monotonic() - start
        self.recovery_seconds.append(seconds)
        if seconds > _MAX_RECOVERY_SECONDS:
            self.slow_recoveries.append(f"it took {seconds:.1f} s until a reading was stored")

    def _check(self, stack: FaultStack) -> Findings:
        timeouts = []
        for description, condition in (
            ("the writer has caught up", stack.has_caught_up),
            ("/readyz reports that all is well", stack.is_ready),
        ):
            try:
                wait_until(description, condition, CATCH_UP_SECONDS)
            except AssertionError as error:
                timeouts.append(str(error))
        findings = check_database(stack.database, self.log)
        check_rejected(stack.rejected(), self.log, findings)
        findings.others += timeouts
        return findings
