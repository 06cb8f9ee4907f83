"""Texts from input to database: `stripchart import`, and the producer's standard input."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services.broker import Broker, Journal, Message
from services.clock import now_microseconds
from services.reading import Reading
from services.settings import Settings
from tests.support.paths import ROOT
from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS, wait_until

pytestmark = pytest.mark.redis

START = 1_700_000_000
COUNT = 30_000
SMALL_JOURNAL = {"STRIPCHART_JOURNAL_MAX_BYTES": str(2 << 20)}


def start_command(stack: Stack, *words: str, **options: Any) -> "subprocess.Popen[bytes]":
    """Start a command of `stripchart` beside the stack."""
    return subprocess.Popen(
        [sys.executable, "-m", "services.cli", *words],
        cwd=ROOT,
        env=os.environ | {"REDIS_URL": stack.redis.url} | SMALL_JOURNAL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


def stored_count(stack: Stack, series: str) -> int:
    """Count the stored readings of a series."""
    query = "SELECT count(*) FROM readings JOIN series ON id = series_id WHERE name = ?"
    return next((count for (count,) in stack.rows(query, series)), 0)


@pytest.mark.long
def test_import_leaves_room_for_live_readings_and_can_be_repeated(
    stack: Stack, tmp_path: Path
) -> None:
    file = tmp_path / "past.csv"
    rows = [f"{START + i},past,{i}" for i in range(COUNT)]
    file.write_text("\n".join(["time,series,value", *rows, ""]), encoding="utf-8")
    broker = Broker.connect(Settings.from_environ({"REDIS_URL": stack.redis.url} | SMALL_JOURNAL))
    journal = Journal(broker)
    journal.publish(Message.of([Reading("live", now_microseconds(), 0.0)]))

    first = start_command(stack, "import", str(file))
    quarter = (2 << 20) // 4
    wait_until("the import has begun", lambda: journal.lag().bytes > quarter / 2)
    with pytest.raises(subprocess.TimeoutExpired):
        first.wait(1.0)
    assert journal.lag().bytes <= quarter
    # Live readings don't wait, and earlier entries stay in the journal for viewers.
    journal.publish(Message.of([Reading("live", now_microseconds(), 1.0)]))
    assert stack.redis.client.xrange("readings:journal", count=1)[0][1]["n"] == "1"

    stack.start("writer", **SMALL_JOURNAL)
    output, errors = first.communicate(timeout=3 * TIMEOUT_SECONDS)
    assert output.startswith(b"imported %d readings of 1 series\n" % COUNT)
    assert errors == b""
    assert first.returncode == 0
    wait_until("all readings are stored", lambda: stored_count(stack, "past") == COUNT)
    assert stack.stored("past") == [float(i) for i in range(COUNT)]

    second = start_command(stack, "import", str(file))
    second.communicate(timeout=3 * TIMEOUT_SECONDS)
    assert second.returncode == 0
    wait_until("the second import is stored", lambda: not journal.lag().entries)
    assert stack.stored("past") == [float(i) for i in range(COUNT)]
    assert stack.stored("live") == [0.0, 1.0]
    assert stack.rows("SELECT * FROM gaps") == []
    broker.close()


def test_producer_reads_standard_input_to_its_end(shared_stack: Stack) -> None:
    stack = shared_stack
    producer = start_command(stack, "producer", "--source", "stdin", stdin=subprocess.PIPE)
    assert producer.stdin is not None
    producer.stdin.write(b"stdin value=21.5\nstdin value=warm\nstdin value=22\n")
    producer.stdin.flush()
    wait_until("the first lines are stored", lambda: stack.stored("stdin") == [21.5, 22.0])
    assert producer.poll() is None
    output, _ = producer.communicate(b"stdin value=23", timeout=TIMEOUT_SECONDS)
    assert producer.returncode == 0
    wait_until("the last line is stored", lambda: stack.stored("stdin") == [21.5, 22.0, 23.0])
    assert output.count(b"line 2 of standard input left out: ") == 1


@pytest.mark.long
def test_producer_sends_all_standard_input_after_an_outage(stack: Stack) -> None:
    stack.redis.kill()
    producer = start_command(
        stack, "producer", "--source", "stdin", stdin=subprocess.PIPE, bufsize=0
    )
    lines = b"".join(b"a value=%d %d\n" % (i, (START + i) * 10**9) for i in range(1_000))
    assert producer.stdin is not None
    producer.stdin.write(lines)
    producer.stdin.close()
    assert producer.stdout is not None
    assert any(b"readings held back: " in line for line in producer.stdout)
    with pytest.raises(subprocess.TimeoutExpired):
        producer.wait(1.0)
    stack.redis.start()
    stack.start("writer")
    assert producer.wait(TIMEOUT_SECONDS) == 0
    wait_until("all readings are stored", lambda: stored_count(stack, "a") == 1_000)
    for stream in (producer.stdout, producer.stderr):
        assert stream is not None
        stream.close()
