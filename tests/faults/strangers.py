"""Short stories of strangers' bare messages, and of the lease of whoever adopts them."""

from pathlib import Path

from tests.faults.audit import Findings
from tests.faults.process import Process
from tests.faults.scenario import Scenario
from tests.faults.stack import LEASE
from tests.support.servers import wait_until


def said_by_strangers(folder: Path, mutant: str | None = None) -> Findings:
    """Another tool publishes readings without a time, and the adopter is killed in between."""
    scenario = Scenario(folder, mutant)
    with scenario.stack:
        scenario.start_writer("--at", "after_adopt", "--after", "3")
        scenario.wait_for_listeners(1)
        for value in range(3):
            scenario.say(float(value))
        scenario.writer.wait_dead()
        scenario.wait_for_listeners(0)
        scenario.start_writer()
        scenario.wait_for_listeners(1)
        scenario.say(3.0)
        return scenario.findings_after_marker()


def lease_ends_in_an_adoption(folder: Path, mutant: str | None = None) -> Findings:
    """The adopter stands still, the lease passes to another one, and it goes on.

    What is published meanwhile reaches both: each has it on its connection.
    """
    scenario = Scenario(folder, mutant)
    stack = scenario.stack
    other = stack.process("writer", "other", DATA_DIR=str(folder / "other"))
    with stack:
        scenario.start_writer()
        scenario.wait_for_listeners(1)
        scenario.say(1.0)
        stack.drain()
        scenario.writer.freeze()
        stack.client.delete(LEASE)
        other.start()
        scenario.wait_for_listeners(2)
        for value in range(2, 12):
            scenario.say(float(value))
        stack.drain(folder / "other" / "readings.db")
        scenario.writer.thaw()
        _give_back(scenario, other)
        return scenario.findings_after_marker()


def frozen_in_an_adoption(folder: Path, mutant: str | None = None) -> Findings:
    """The same, but the adopter stands still in the middle of the adoption itself."""
    scenario = Scenario(folder, mutant)
    stack = scenario.stack
    other = stack.process("writer", "other", DATA_DIR=str(folder / "other"))
    with stack:
        scenario.start_writer("--at", "before_adopt", "--after", "2", "--freeze")
        scenario.wait_for_listeners(1)
        scenario.say(1.0)
        scenario.say(2.0)
        scenario.writer.wait_frozen()
        stack.client.delete(LEASE)
        other.start()
        scenario.wait_for_listeners(2)
        scenario.say(3.0)
        stack.drain(folder / "other" / "readings.db")
        scenario.writer.thaw()
        _give_back(scenario, other)
        return scenario.findings_after_marker()


def _give_back(scenario: Scenario, other: Process) -> None:
    """The writer finds its lease gone and lets go of the channel; then the other one dies."""
    said = "another writer holds the lease"
    wait_until("the writer lets go", lambda: said in scenario.writer.text())
    other.kill()
    # Redis takes the dead one for a listener until its connection is closed.
    scenario.wait_for_listeners(0)
    scenario.stack.client.delete(LEASE)
    scenario.wait_for_listeners(1)
