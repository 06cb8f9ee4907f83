"""`stripchart tail`, against a real Redis."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count, islice, takewhile

import pytest
from click.testing import CliRunner

from services.broker import Broker, Journal, Lease, Message
from services.cli.main import main
from services.cli.tail import follow_readings
from services.clock import now_microseconds
from services.position import Cursor
from services.reading import Reading
from services.settings import Settings
from tests.support.redis_server import RedisServer

pytestmark = pytest.mark.redis

INTERVAL_SECONDS = 0.002
"""Time between readings that are published during a test."""


@pytest.fixture
def url(redis_server: RedisServer) -> str:
    return redis_server.url


@pytest.fixture
def broker(url: str) -> Iterator[Broker]:
    made = Broker.connect(Settings.from_environ({"REDIS_URL": url}))
    yield made
    made.close()


@contextmanager
def publishing(
    broker: Broker, series: str, after_each: Callable[[int, Cursor], None]
) -> Iterator[None]:
    """Publish the values 0, 1, 2, ... of a series during the context.

    `after_each` is called after each with its value and its cursor.
    """
    stop = threading.Event()
    journal = Journal(broker)

    def publish() -> None:
        for i in count():
            if stop.wait(INTERVAL_SECONDS):
                return
            after_each(
                i, journal.publish(Message.of([Reading(series, now_microseconds(), float(i))]))
            )

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.mark.long
def test_lost_connection_loses_and_repeats_no_reading(broker: Broker) -> None:
    def disconnect(i: int, _cursor: Cursor) -> None:
        if i % 100 == 50:
            broker.client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")

    notices: list[str] = []
    with publishing(broker, "a", disconnect):
        readings = follow_readings(broker, notices.append)
        # One read of the journal may return many readings.
        received = list(
            takewhile(lambda _: notices.count("Redis is available again") < 3, readings)
        )
    values = [reading.value for reading in received]
    assert values == [values[0] + i for i in range(len(values))]
    assert sum("; retrying" in notice for notice in notices) >= 3
    assert not any("missing" in notice for notice in notices)


def test_duplicate_message_is_yielded_once(broker: Broker) -> None:
    def repeat(i: int, cursor: Cursor) -> None:
        reading = {"series": "a", "ts": 1.0, "value": i}
        broker.client.publish("readings", json.dumps({"id": str(cursor), "readings": [reading]}))

    with publishing(broker, "a", repeat):
        values = [reading.value for reading in islice(follow_readings(broker, pytest.fail), 50)]
    assert values == [values[0] + i for i in range(50)]


def test_lost_journal_is_noticed(broker: Broker) -> None:
    started, lost = threading.Event(), threading.Event()

    def delete_journal(_i: int, _cursor: Cursor) -> None:
        if started.is_set() and not lost.is_set():
            broker.client.execute_command("FLUSHALL")
            lost.set()

    notices: list[str] = []
    with publishing(broker, "a", delete_journal):
        readings = follow_readings(broker, notices.append)
        received = list(islice(readings, 100))
        started.set()
        received += takewhile(lambda _: not notices, readings)
        received += islice(readings, 100)
    values = [reading.value for reading in received]
    assert values == sorted(set(values))
    assert notices == ["readings may be missing here: the journal was lost and recreated"]


def test_external_message_is_yielded_once_with_its_id(broker: Broker) -> None:
    lease = Lease(broker, "a database")
    assert lease.acquire()
    journal = Journal(broker)

    def append_external(i: int, _cursor: Cursor) -> None:
        if i % 10 == 0:
            broker.client.publish("readings", json.dumps({"series": "kitchen", "value": i}))
            external = Reading("kitchen", now_microseconds(), float(i))
            journal.append_external(Message.of([external]), lease)

    with publishing(broker, "a", append_external):
        readings = follow_readings(broker, pytest.fail)
        kitchen = (reading.value for reading in readings if reading.series == "kitchen")
        values = list(islice(kitchen, 10))
    assert values == [values[0] + 10 * i for i in range(10)]


def test_lines_are_selected_by_pattern_and_counted(broker: Broker, url: str) -> None:
    journal = Journal(broker)

    def publish_attic(_i: int, _cursor: Cursor) -> None:
        now = now_microseconds()
        names = ("attic.dry[1]", "attic.wet", "attic", "Xattic.dry")
        journal.publish(Message.of([Reading(name, now, 1.0, "°C") for name in names]))

    with publishing(broker, "a", publish_attic):
        runner = CliRunner(env={"REDIS_URL": url, "REDIS_URL_FILE": None})
        answer = runner.invoke(main, ["tail", "--count", "6", "attic.*", "attic"])
    assert answer.exit_code == 0, answer.output
    lines = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [line["series"] for line in lines] == ["attic.dry[1]", "attic.wet", "attic"] * 2
    assert list(lines[0]) == ["series", "ts", "value", "unit"]
    assert '"unit": "°C"' in answer.stdout


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        ("json", ['{"series": "attic", "ts": 1763793660.25, "value": 21.5, "unit": "°C"}']),
        ("csv", ["time,series,value,unit", "2025-11-22T06:41:00.250000Z,attic,21.5,°C"]),
        ("lines", ["attic value=21.5 1763793660250000000"]),
    ],
)
def test_lines_are_written_in_the_given_format(
    broker: Broker, url: str, kind: str, lines: list[str]
) -> None:
    journal = Journal(broker)

    def publish_attic(_i: int, _cursor: Cursor) -> None:
        journal.publish(Message.of([Reading("attic", 1763793660_250000, 21.5, "°C")]))

    with publishing(broker, "a", publish_attic):
        runner = CliRunner(env={"REDIS_URL": url, "REDIS_URL_FILE": None})
        answer = runner.invoke(main, ["tail", "--count", "1", "--format", kind, "attic"])
    assert answer.exit_code == 0, answer.output
    assert answer.stdout.splitlines() == lines
