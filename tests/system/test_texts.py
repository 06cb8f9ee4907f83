"""Whole texts on their way into the database: import, and the producer's standard input."""

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
SMALL = {"STRIPCHART_JOURNAL_MAX_BYTES": str(2 << 20)}


def command(stack: Stack, *words: str, **options: Any) -> "subprocess.Popen[bytes]":
    """A command of ours beside the stack."""
    return subprocess.Popen(
        [sys.executable, "-m", "services.cli", *words],
        cwd=ROOT,
        env=os.environ | {"REDIS_URL": stack.redis.url} | SMALL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


def stored(stack: Stack, series: str) -> int:
    """How many readings of a series the database holds."""
    query = "SELECT count(*) FROM readings JOIN series ON id = series_id WHERE name = ?"
    return next((count for (count,) in stack.rows(query, series)), 0)


@pytest.mark.long
def test_an_import_leaves_room_and_can_be_repeated(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "past.csv"
    rows = [f"{START + i},past,{i}" for i in range(COUNT)]
    file.write_text("\n".join(["time,series,value", *rows, ""]), encoding="utf-8")
    broker = Broker.connect(Settings.from_environ({"REDIS_URL": stack.redis.url} | SMALL))
    journal = Journal(broker)
    journal.publish(Message.of([Reading("live", now_microseconds(), 0.0)]))

    importing = command(stack, "import", str(file))
    quarter = (2 << 20) // 4
    wait_until("it has begun", lambda: journal.lag().bytes > quarter / 2)
    with pytest.raises(subprocess.TimeoutExpired):
        importing.wait(1.0)
    assert journal.lag().bytes <= quarter
    # Live readings never wait, and what came before is there for viewers.
    journal.publish(Message.of([Reading("live", now_microseconds(), 1.0)]))
    assert stack.redis.client.xrange("readings:journal", count=1)[0][1]["n"] == "1"

    stack.start("writer", **SMALL)
    output, errors = importing.communicate(timeout=3 * TIMEOUT_SECONDS)
    assert (output, errors) == (b"imported %d readings of 1 series\n" % COUNT, b"")
    assert importing.returncode == 0
    wait_until("all is stored", lambda: stored(stack, "past") == COUNT)
    assert stack.stored("past") == [float(i) for i in range(COUNT)]

    again = command(stack, "import", str(file))
    again.communicate(timeout=3 * TIMEOUT_SECONDS)
    assert again.returncode == 0
    wait_until("that is stored too", lambda: not journal.lag().entries)
    assert stack.stored("past") == [float(i) for i in range(COUNT)]
    assert stack.stored("live") == [0.0, 1.0]
    assert stack.rows("SELECT * FROM gaps") == []
    broker.close()


def test_the_producer_takes_standard_input_until_it_ends(stack: Stack) -> None:
    stack.start("writer")
    producer = command(stack, "producer", "--source", "stdin", stdin=subprocess.PIPE)
    assert producer.stdin is not None
    producer.stdin.write(b"kitchen value=21.5\nkitchen value=warm\nkitchen value=22\n")
    producer.stdin.flush()
    wait_until("what came is stored", lambda: stack.stored("kitchen") == [21.5, 22.0])
    assert producer.poll() is None
    output, _ = producer.communicate(b"kitchen value=23", timeout=TIMEOUT_SECONDS)
    assert producer.returncode == 0
    wait_until("the rest is stored", lambda: stack.stored("kitchen") == [21.5, 22.0, 23.0])
    assert output.count(b"line 2 of standard input: ") == 1


@pytest.mark.long
def test_the_producer_sends_all_of_its_standard_input_when_redis_is_back(stack: Stack) -> None:
    stack.redis.kill()
    producer = command(stack, "producer", "--source", "stdin", stdin=subprocess.PIPE, bufsize=0)
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
    wait_until("all is stored", lambda: stored(stack, "a") == 1_000)
    for stream in (producer.stdout, producer.stderr):
        assert stream is not None
        stream.close()
