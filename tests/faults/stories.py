"""Short stories of acknowledged readings, each with a fault that a mutant does not survive."""

import shutil
import threading
import time
from pathlib import Path
from typing import Final

from tests.faults.audit import Findings
from tests.faults.client import Client
from tests.faults.ledger import KEYED, TIMELESS, Item, Outcome
from tests.faults.scenario import SECOND, Scenario
from tests.faults.stack import JOURNAL
from tests.support.servers import wait_until

_BOUND: Final = 50
_SMALL: Final = 15
"""Entries of a journal that the writer takes in one batch."""

_LARGE: Final = 20_000


def killed_before_the_rows(folder: Path, mutant: str | None = None) -> Findings:
    """The writer is killed between the position and the rows, wherever they are."""
    scenario = Scenario(folder, mutant)
    with scenario.stack:
        scenario.start_web()
        scenario.send(30)
        # The first batch only makes the position, and each has two lists of readings.
        scenario.start_writer("--at", "before_rows", "--after", "4")
        scenario.writer.wait_dead()
        scenario.start_writer()
        return scenario.findings()


def sent_while_the_writer_was_dead(folder: Path, mutant: str | None = None) -> Findings:
    """The writer is killed, readings are acknowledged, and another writer starts."""
    scenario = Scenario(folder, mutant)
    with scenario.stack:
        scenario.start_web()
        scenario.start_writer()
        scenario.send(5)
        scenario.stack.drain()
        scenario.writer.kill()
        scenario.send(5)
        scenario.start_writer()
        return scenario.findings()


def more_than_the_bound(folder: Path, mutant: str | None = None) -> Findings:
    """More is sent than the journal may hold while no writer takes any of it."""
    scenario = Scenario(folder, mutant, STRIPCHART_JOURNAL_MAX_ENTRIES=str(_BOUND))
    with scenario.stack:
        scenario.start_web()
        scenario.start_writer()
        scenario.send(5)
        scenario.stack.drain()
        scenario.writer.kill()
        answers = scenario.send(2 * _BOUND, outcome=None)
        findings = Findings()
        if mutant is None and answers[-1].outcomes != [Outcome.REFUSED]:
            findings.others.append("a journal that is full has refused nothing")
        scenario.start_writer()
        found = scenario.findings()
        found.others += findings.others
        return found


def full_of_what_is_stored(folder: Path, mutant: str | None = None) -> Findings:
    """The journal is full, and the writer is killed between storing it and telling Redis so."""
    scenario = Scenario(folder, mutant, STRIPCHART_JOURNAL_MAX_ENTRIES=str(_SMALL))
    with scenario.stack as stack:
        scenario.start_web()
        scenario.start_writer()
        scenario.send(1)
        stack.drain()
        scenario.writer.kill()
        scenario.send(_SMALL, outcome=None)
        scenario.start_writer("--at", "before_trim")
        scenario.writer.wait_dead()
        scenario.start_writer()
        stack.drain()
        scenario.send_at_last(5)
        return scenario.findings()


def web_killed_after_its_answer(folder: Path, mutant: str | None = None) -> Findings:
    """The web service is killed as soon as it has acknowledged a reading."""
    scenario = Scenario(folder, mutant)
    with scenario.stack:
        scenario.start_writer()
        scenario.start_web()
        scenario.send(1)
        scenario.web.kill()
        scenario.start_web()
        scenario.send(1)
        wait_until(
            "the last reading is in the journal", lambda: scenario.stack.client.xlen(JOURNAL)
        )
        return scenario.findings()


def many_before_the_first_trim(folder: Path, mutant: str | None = None) -> Findings:
    """The journal holds more than one batch of the writer when it trims for the first time."""
    scenario = Scenario(folder, mutant)
    with scenario.stack:
        scenario.start_web()
        scenario.send(120)
        scenario.start_writer()
        return scenario.findings()


def overwritten(folder: Path, mutant: str | None = None) -> Findings:
    """A reading is sent again with another value once it is stored."""
    scenario = Scenario(folder, mutant)
    with scenario.stack:
        scenario.start_web()
        scenario.start_writer()
        item = Item(f"{KEYED}b", int(time.time()) * SECOND, 1.0)
        scenario.client.send([item])
        scenario.stack.drain()
        scenario.client.send([item._replace(value=2.0)])
        return scenario.findings()


def stamped_at_once(folder: Path, mutant: str | None = None) -> Findings:
    """Two clients send readings of one series without a time at the same moment."""
    scenario = Scenario(folder, mutant)

    def send_all(start: int, size: int, requests: int) -> None:
        client = Client(scenario.stack.port, scenario.ledger)
        for first in range(start, start + requests * size, size):
            values = range(first, first + size)
            client.send([Item(f"{TIMELESS}b", None, float(value)) for value in values])
        client.close()

    with scenario.stack:
        scenario.start_web()
        scenario.start_writer()
        large = threading.Thread(target=send_all, args=[0, _LARGE, 5])
        large.start()
        send_all(1_000_000, 100, 200)
        large.join()
        return scenario.findings()


def journal_deleted(folder: Path, mutant: str | None = None) -> Findings:
    """Somebody deletes the journal with readings in it that the database has not got."""
    scenario = Scenario(folder, mutant)
    with scenario.stack:
        scenario.start_web()
        scenario.start_writer()
        scenario.send(5)
        scenario.stack.drain()
        scenario.writer.kill()
        scenario.send(30)
        scenario.stack.client.delete(JOURNAL)
        scenario.send(5)
        scenario.start_writer()
        return scenario.findings()


def redis_forgot_everything(folder: Path, mutant: str | None = None) -> Findings:
    """Redis is killed and comes back without its file, with readings nobody has stored."""
    scenario = Scenario(folder, mutant)
    with scenario.stack as stack:
        scenario.start_web()
        scenario.start_writer()
        scenario.send(5)
        stack.drain()
        scenario.writer.kill()
        scenario.send(20)
        stack.redis.kill()
        stack.redis.forget()
        stack.redis.start()
        scenario.send_at_last(30)
        scenario.start_writer()
        return scenario.findings()


def redis_lost_its_newest(folder: Path, mutant: str | None = None) -> Findings:
    """Redis comes back as it was before readings that the database has, as after a power cut.

    One of them has replaced a reading that is in what Redis still has.
    """
    scenario = Scenario(folder, mutant)
    item = Item(f"{KEYED}b", int(time.time()) * SECOND, 1.0)
    with scenario.stack as stack:
        scenario.start_web()
        scenario.start_writer()
        scenario.client.send([item])
        scenario.send(5)
        stack.drain()
        stack.redis.kill()
        shutil.copytree(folder / "redis", folder / "older")
        stack.redis.start()
        scenario.send_at_last(20)
        scenario.client.send([item._replace(value=2.0)])
        stack.drain()
        stack.redis.kill()
        shutil.rmtree(folder / "redis")
        shutil.copytree(folder / "older", folder / "redis")
        stack.redis.start()
        scenario.send_at_last(30)
        return scenario.findings()
