"""Scenarios of external messages, and of the lease of the writer that bridges them.

Each function runs one scenario in a folder, on a mutant or on the real product (None), and returns
what the checker found.
"""

from pathlib import Path

from tests.faults.checker import Findings
from tests.faults.failpoint_process import FailpointProcess
from tests.faults.fault_stack import JOURNAL, LEASE
from tests.faults.scenario import Scenario
from tests.support.waiting import wait_until


def bridge_killed_between_messages(folder: Path, mutant: str | None = None) -> Findings:
    """Publish readings without a time, and kill the bridge after it has appended the third one."""
    scenario = Scenario(folder, mutant)
    with scenario.stack:
        scenario.start_writer("--at", "after_bridge", "--on-call", "3")
        scenario.wait_for_subscribers(1)
        for value in range(2):
            _bridge(scenario, float(value))
        scenario.publish_external(2.0)
        scenario.writer.wait()
        scenario.wait_for_subscribers(0)
        scenario.start_writer()
        scenario.wait_for_subscribers(1)
        scenario.publish_external(3.0)
        return scenario.check_after_marker()


def bridge_frozen_while_lease_moves(folder: Path, mutant: str | None = None) -> Findings:
    """Freeze the bridge, give the lease to another one, and let the first continue.

    Messages that are published meanwhile reach both, each on its own connection.
    """
    scenario = Scenario(folder, mutant)
    stack = scenario.stack
    other = stack.add("writer", "other", DATA_DIR=str(folder / "other"))
    with stack:
        scenario.start_writer()
        scenario.wait_for_subscribers(1)
        scenario.publish_external(1.0)
        stack.wait_until_caught_up()
        scenario.writer.freeze()
        stack.client.delete(LEASE)
        other.start()
        scenario.wait_for_subscribers(2)
        for value in range(2, 12):
            scenario.publish_external(float(value))
        stack.wait_until_caught_up(folder / "other" / "readings.db")
        scenario.writer.thaw()
        _return_lease(scenario, other)
        return scenario.check_after_marker()


def bridge_frozen_before_append(folder: Path, mutant: str | None = None) -> Findings:
    """Freeze the bridge just before it appends a message, and give the lease to another one."""
    scenario = Scenario(folder, mutant)
    stack = scenario.stack
    other = stack.add("writer", "other", DATA_DIR=str(folder / "other"))
    with stack:
        scenario.start_writer("--at", "before_bridge", "--on-call", "2", "--freeze")
        scenario.wait_for_subscribers(1)
        _bridge(scenario, 1.0)
        scenario.publish_external(2.0)
        scenario.writer.wait_until_frozen()
        stack.client.delete(LEASE)
        other.start()
        scenario.wait_for_subscribers(2)
        scenario.publish_external(3.0)
        stack.wait_until_caught_up(folder / "other" / "readings.db")
        scenario.writer.thaw()
        _return_lease(scenario, other)
        return scenario.check_after_marker()


def _bridge(scenario: Scenario, value: float) -> None:
    """Publish a reading and wait until the journal has it: the bridge appends several at once."""
    entries = scenario.stack.client.xlen(JOURNAL)
    scenario.publish_external(value)
    wait_until("it is bridged", lambda: scenario.stack.client.xlen(JOURNAL) > entries)


def _return_lease(scenario: Scenario, other: FailpointProcess) -> None:
    """Wait until the writer has noticed that its lease is gone; then give the lease back to it."""
    message = "waiting for the lease: another writer holds it"
    wait_until("the writer has unsubscribed", lambda: message in scenario.writer.log_text())
    other.kill()
    # Redis counts the killed one as a subscriber until its connection is closed.
    scenario.wait_for_subscribers(0)
    scenario.stack.client.delete(LEASE)
    scenario.wait_for_subscribers(1)
