"""The source `mqtt` against a real mosquitto."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.mosquitto import Mosquitto
from tests.support.processes import ManagedProcess
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.mqtt]

RULES = """
home/+/temperature => {1}.temperature °C
tele/+/SENSOR ENERGY.Power => {1}.power W
"""


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as broker:
        yield broker


def start_producer(stack: Stack, port: int, login: str = "") -> ManagedProcess:
    return stack.start(
        "producer",
        STRIPCHART_SOURCES="mqtt",
        STRIPCHART_MQTT_URL=f"mqtt://{login}127.0.0.1:{port}",
        STRIPCHART_MQTT_TOPICS=RULES,
    )


def is_subscribed(producer: ManagedProcess, times: int = 1) -> bool:
    return producer.log_text().count("subscribed at the MQTT broker") == times


def test_published_values_are_stored(shared_stack: Stack, mosquitto: Mosquitto) -> None:
    stack = shared_stack
    mosquitto.publish("home/attic/temperature", "-40", retain=True)
    producer = start_producer(stack, mosquitto.port)
    wait_until("the source subscribes", lambda: is_subscribed(producer))
    before = time.time()
    for topic, payload in [
        ("home/bedroom/temperature", "21.5"),
        ("home/bedroom/temperature", "unavailable"),
        ("home/bedroom/temperature", "unknown"),
        ("home/bedroom/humidity", "55"),
        ("tele/lamp/SENSOR", '{"Time": "2026-11-22T10:00:00", "ENERGY": {"Power": 42.5}}'),
        ("home/bedroom/temperature", "22"),
    ]:
        mosquitto.publish(topic, payload)
    wait_until("the last value is stored", lambda: len(stack.stored("bedroom.temperature")) == 2)
    columns = "series, value, unit FROM readings_utc"
    series = "('bedroom.temperature', 'lamp.power', 'attic.temperature', 'bedroom.humidity')"
    rows = stack.rows(f"SELECT DISTINCT {columns} WHERE series IN {series} ORDER BY series, time")
    assert rows == [
        ("bedroom.temperature", 21.5, "°C"),
        ("bedroom.temperature", 22.0, "°C"),
        ("lamp.power", 42.5, "W"),
    ]
    ((first,),) = stack.rows(
        "SELECT min(ts) FROM readings JOIN series ON id = series_id"
        " WHERE name IN ('bedroom.temperature', 'lamp.power')"
    )
    assert before - 1 < first / 1e6 < time.time() + 1
    assert producer.terminate() == 0
    found_none = [line for line in producer.log_text().splitlines() if "found no number" in line]
    assert len(found_none) == 2
    assert "'unavailable' is not a number (logged once" in found_none[0]
    assert "in 1 more messages, in the last: " in found_none[1]


def test_lost_broker_is_logged_once_and_connected_again(
    shared_stack: Stack, mosquitto: Mosquitto
) -> None:
    stack = shared_stack
    producer = start_producer(stack, mosquitto.port)
    wait_until("the source subscribes", lambda: is_subscribed(producer))
    mosquitto.kill()
    wait_until("the failure is logged", lambda: "source mqtt failed: " in producer.log_text())
    mosquitto.start()
    wait_until("it subscribes again", lambda: is_subscribed(producer, 2))
    mosquitto.publish("home/cellar/temperature", "21.5")
    wait_until("the next value is stored", lambda: stack.stored("cellar.temperature") == [21.5])
    assert producer.log_text().count("source mqtt failed: ") == 1
    assert producer.log_text().count("source mqtt works again after ") == 1
    assert producer.terminate() == 0


def test_only_the_right_password_is_accepted(shared_stack: Stack, tmp_path: Path) -> None:
    mosquitto = Mosquitto(tmp_path, "p@ss:word")
    mosquitto.start()
    try:
        anonymous = start_producer(shared_stack, mosquitto.port)
        refused = "the MQTT broker refused the connection: Not auth"
        wait_until("the refusal is logged", lambda: refused in anonymous.log_text())
        assert anonymous.terminate() == 0
        user = start_producer(shared_stack, mosquitto.port, "me:p%40ss%3Aword@")
        wait_until("it subscribes", lambda: is_subscribed(user))
        assert user.terminate() == 0
    finally:
        mosquitto.kill()
    assert "p@ss" not in user.log_text()
