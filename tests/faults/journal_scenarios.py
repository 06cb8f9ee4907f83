"""Scenarios of acknowledged readings, each with a fault that one mutant can't survive.

Each function runs one scenario in a folder, on a mutant or on the real product (None), and returns
what the checker found.
"""

import shutil
import threading
import time
from pathlib import Path
from typing import Final

from tests.faults.checker import Findings
from tests.faults.fault_stack import JOURNAL
from tests.faults.http_client import HttpClient
from tests.faults.scenario import MICROSECONDS, Scenario
from tests.faults.send_log import TIMED, UNTIMED, Item, Outcome
from tests.support.waiting import wait_until

_MAX_ENTRIES: Final = 50
_ENTRIES_OF_ONE_BATCH: Final = 15
"""A journal of this size is read in one batch."""

_LARGE_REQUEST: Final = 20_000
_SMALL_REQUEST: Final = 100


def writer_killed_before_rows(folder: Path, mutant: str | None = None) -> Findings:
    """Kill the writer in the transaction, before it stores the readings."""
    scenario = Scenario(folder, mutant)
    with scenario.stack:
        scenario.start_web()
        scenario.send(30)
        # The first batch only sets the position, and each batch stores two lists of readings.
        scenario.start_writer("--at", "before_rows", "--on-call", "4")
        scenario.writer.wait()
        scenario.start_writer()
        return scenario.check()


def readings_sent_without_writer(folder: Path, mutant: str | None = None) -> Findings:
    """Kill the writer, send readings, and start the writer again."""
    scenario = Scenario(folder, mutant)
    with scenario.stack:
        scenario.start_web()
        scenario.start_writer()
        scenario.send(5)
        scenario.stack.wait_until_caught_up()
        scenario.writer.kill()
        scenario.send(5)
        scenario.start_writer()
        return scenario.check()


def journal_overfilled(folder: Path, mutant: str | None = None) -> Findings:
    """Send more than the journal may hold while no writer runs."""
    scenario = Scenario(folder, mutant, STRIPCHART_JOURNAL_MAX_ENTRIES=str(_MAX_ENTRIES))
    with scenario.stack:
        scenario.start_web()
        scenario.start_writer()
        scenario.send(5)
        scenario.stack.wait_until_caught_up()
        scenario.writer.kill()
        responses = scenario.send(2 * _MAX_ENTRIES, expected=None)
        scenario.start_writer()
        findings = scenario.check()
        if mutant is None and responses[-1].outcomes != [Outcome.REFUSED]:
            findings.others.append("the full journal has refused nothing")
        return findings


def journal_full_of_stored_entries(folder: Path, mutant: str | None = None) -> Findings:
    """Fill the journal, and kill the writer after its commit and before it acknowledges."""
    max_entries = str(_ENTRIES_OF_ONE_BATCH)
    scenario = Scenario(folder, mutant, STRIPCHART_JOURNAL_MAX_ENTRIES=max_entries)
    with scenario.stack as stack:
        scenario.start_web()
        scenario.start_writer()
        scenario.send(1)
        stack.wait_until_caught_up()
        scenario.writer.kill()
        scenario.send(_ENTRIES_OF_ONE_BATCH, expected=None)
        scenario.start_writer("--at", "before_trim")
        scenario.writer.wait()
        scenario.start_writer()
        stack.wait_until_caught_up()
        scenario.send_when_redis_is_back(5)
        return scenario.check()


def web_killed_after_response(folder: Path, mutant: str | None = None) -> Findings:
    """Kill the web service as soon as it has acknowledged a reading."""
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
        return scenario.check()


def several_batches_before_first_trim(folder: Path, mutant: str | None = None) -> Findings:
    """Fill the journal with more than one batch before the writer trims for the first time."""
    scenario = Scenario(folder, mutant)
    with scenario.stack:
        scenario.start_web()
        scenario.send(120)
        scenario.start_writer()
        return scenario.check()


def reading_overwritten(folder: Path, mutant: str | None = None) -> Findings:
    """Send a stored reading again with another value."""
    scenario = Scenario(folder, mutant)
    with scenario.stack:
        scenario.start_web()
        scenario.start_writer()
        item = Item(f"{TIMED}b", int(time.time()) * MICROSECONDS, 1.0)
        scenario.client.send([item])
        scenario.stack.wait_until_caught_up()
        scenario.client.send([item._replace(value=2.0)])
        return scenario.check()


def concurrent_readings_without_time(folder: Path, mutant: str | None = None) -> Findings:
    """Let two clients send readings of one series without a time at the same moment."""
    scenario = Scenario(folder, mutant)

    def send_all(start: int, request_size: int, requests: int) -> None:
        client = HttpClient(scenario.stack.port, scenario.log)
        for first in range(start, start + requests * request_size, request_size):
            values = range(first, first + request_size)
            client.send([Item(f"{UNTIMED}b", None, float(value)) for value in values])
        client.close()

    with scenario.stack:
        scenario.start_web()
        scenario.start_writer()
        other_client = threading.Thread(target=send_all, args=[0, _LARGE_REQUEST, 5])
        other_client.start()
        send_all(1_000_000, _SMALL_REQUEST, 200)
        other_client.join()
        return scenario.check()


def journal_deleted(folder: Path, mutant: str | None = None) -> Findings:
    """Delete the journal with readings in it that are not stored yet."""
    scenario = Scenario(folder, mutant)
    with scenario.stack:
        scenario.start_web()
        scenario.start_writer()
        scenario.send(5)
        scenario.stack.wait_until_caught_up()
        scenario.writer.kill()
        scenario.send(30)
        scenario.stack.client.delete(JOURNAL)
        scenario.send(5)
        scenario.start_writer()
        return scenario.check()


def redis_restarted_empty(folder: Path, mutant: str | None = None) -> Findings:
    """Kill Redis and start it without its file, which held readings that are not stored yet."""
    scenario = Scenario(folder, mutant)
    with scenario.stack as stack:
        scenario.start_web()
        scenario.start_writer()
        scenario.send(5)
        stack.wait_until_caught_up()
        scenario.writer.kill()
        scenario.send(20)
        stack.redis.kill()
        stack.redis.delete_files()
        stack.redis.start()
        scenario.send_when_redis_is_back(30)
        scenario.start_writer()
        return scenario.check()


def redis_restarted_with_old_file(folder: Path, mutant: str | None = None) -> Findings:
    """Put Redis back to a time before readings that are stored, as a power cut can do.

    One of these readings has replaced another one that Redis still has.
    """
    scenario = Scenario(folder, mutant)
    item = Item(f"{TIMED}b", int(time.time()) * MICROSECONDS, 1.0)
    with scenario.stack as stack:
        scenario.start_web()
        scenario.start_writer()
        scenario.client.send([item])
        scenario.send(5)
        stack.wait_until_caught_up()
        stack.redis.kill()
        shutil.copytree(folder / "redis", folder / "old")
        stack.redis.start()
        scenario.send_when_redis_is_back(20)
        scenario.client.send([item._replace(value=2.0)])
        stack.wait_until_caught_up()
        stack.redis.kill()
        shutil.rmtree(folder / "redis")
        shutil.copytree(folder / "old", folder / "redis")
        stack.redis.start()
        scenario.send_when_redis_is_back(30)
        return scenario.check()
