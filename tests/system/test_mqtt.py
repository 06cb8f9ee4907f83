"""The source `mqtt` against a real mosquitto."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from tests.support.ports import free_port
from tests.support.processes import ManagedProcess
from tests.support.programs import find_program
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.mqtt]

RULES = """
home/+/temperature => {1}.temperature °C
tele/+/SENSOR ENERGY.Power => {1}.power W
"""


class Mosquitto:
    """An MQTT broker on its own port. With a password, clients must log in as `me`."""

    def __init__(self, folder: Path, password: str = "") -> None:
        self.port = free_port()
        self._password = password
        self._process: subprocess.Popen[bytes] | None = None
        self._log = folder / "mosquitto.log"
        self._configuration = folder / "mosquitto.conf"
        lines = [f"listener {self.port} 127.0.0.1", "user root"]
        if password:
            users = folder / "users"
            users.touch(mode=0o600)
            subprocess.run(["mosquitto_passwd", "-b", users, "me", password], check=True)
            lines += ["allow_anonymous false", f"password_file {users}"]
        else:
            lines.append("allow_anonymous true")
        self._configuration.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def start(self) -> None:
        """Start the broker and wait until it answers."""
        mosquitto = find_program("mqtt")
        assert mosquitto is not None
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [mosquitto, "-c", str(self._configuration)], stdout=log, stderr=log
            )
        wait_until("mosquitto answers", self._answers)

    def _answers(self) -> bool:
        try:
            self.publish("test/answers", "")
        except OSError:
            return False
        return True

    def publish(self, topic: str, payload: str, *, retain: bool = False) -> None:
        """Publish a message as a device does."""
        client = Client(CallbackAPIVersion.VERSION2)
        if self._password:
            client.username_pw_set("me", self._password)
        client.connect("127.0.0.1", self.port)
        client.loop_start()
        try:
            client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(10)
        finally:
            client.disconnect()
            client.loop_stop()

    def kill(self) -> None:
        """Kill the broker."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path)
    broker.start()
    yield broker
    broker.kill()


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
