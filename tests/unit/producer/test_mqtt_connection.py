"""Connections of the source `mqtt` to a real mosquitto, with TLS and WebSockets."""

import select
import socket
import ssl
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from services.errors import SettingError
from services.producer import mqtt_connection
from services.producer.mqtt_address import MqttAddress
from services.producer.sources import mqtt
from services.settings import Settings
from tests.support.mosquitto import Certificates, Mosquitto
from tests.support.mqtt_broker import CopyingBroker
from tests.support.ports import free_port
from tests.support.source_contexts import SourceRunner
from tests.support.waiting import wait_until

# The client leaves it to the garbage collector to close a socket after a failed handshake.
UNCLOSED = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")

SCHEMES = {
    "mqtts": (),
    "expired": (),
    "mutual": ("require_certificate true",),
    "ws": ("protocol websockets",),
    "wss": ("protocol websockets",),
}


@dataclass
class Listeners:
    """A mosquitto with a listener of each kind."""

    broker: Mosquitto
    certificates: Certificates
    ports: dict[str, int]


@pytest.fixture(scope="module")
def listeners(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listeners]:
    folder = tmp_path_factory.mktemp("mosquitto")
    certificates = Certificates(folder)
    ports = {kind: free_port() for kind in SCHEMES}
    lines = []
    for kind, options in SCHEMES.items():
        lines += [f"listener {ports[kind]} 127.0.0.1", *options]
        if kind != "ws":
            certificate = certificates.expired if kind == "expired" else certificates.server
            lines += [f"certfile {certificate}", f"keyfile {certificates.key}"]
            lines += [f"cafile {certificates.authority}"]
    with Mosquitto(folder, more_lines=lines) as broker:
        yield Listeners(broker, certificates, ports | {"mqtt": broker.port})


def configure(runner: SourceRunner, listeners: Listeners, url: str, *names: str) -> None:
    """Set the address, in which {mqtts} is the port of that listener, and name certificates."""
    files = {name: str(getattr(listeners.certificates, name)) for name in names}
    runner.settings = replace(
        runner.settings,
        mqtt_url=url.format(**listeners.ports),
        mqtt_topics="home/+",
        mqtt_ca=files.get("authority") or files.get("other_authority") or "",
        mqtt_certificate=files.get("client", ""),
        mqtt_key=files.get("key", ""),
    )


@pytest.mark.mqtt
@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("mqtt://localhost:{mqtt}", ()),
        ("mqtts://localhost:{mqtts}", ("authority",)),
        ("mqtts://localhost:{mutual}", ("authority", "client", "key")),
        ("ws://localhost:{ws}", ()),
        ("ws://localhost:{ws}/mqtt?token=a", ()),
        ("wss://localhost:{wss}/mqtt", ("authority",)),
    ],
)
def test_values_arrive_over_every_kind_of_connection(
    runner: SourceRunner,
    listeners: Listeners,
    caplog: pytest.LogCaptureFixture,
    url: str,
    names: tuple[str, ...],
) -> None:
    caplog.set_level("INFO")
    configure(runner, listeners, url, *names)
    runner.start(mqtt.run)
    wait_until("it subscribes", lambda: "subscribed at the MQTT broker" in caplog.text)
    for value in range(5):
        listeners.broker.publish("home/a", str(value))
    listeners.broker.publish("home/long", " " * 10_000 + "5")
    wait_until("all values arrive", lambda: len(runner.readings) == 6)
    assert [each.value for each in runner.readings] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


@pytest.mark.mqtt
def test_overlapping_rules_store_each_message_once(
    runner: SourceRunner, listeners: Listeners, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    configure(runner, listeners, "mqtt://localhost:{mqtt}")
    rules = "home/+ => one.{1}\n+/a => two.{1}\nhome/# => three\nhome/a => four"
    runner.settings = replace(runner.settings, mqtt_topics=rules)
    runner.start(mqtt.run)
    wait_until("it subscribes", lambda: "subscribed at the MQTT broker" in caplog.text)
    for topic, value in [("home/a", "5"), ("home/a", "5"), ("home/end", "6"), ("end/a", "6")]:
        listeners.broker.publish(topic, value)
    wait_until("the last values arrive", lambda: ends(runner) == {"one.end", "two.end", "three"})
    names = ("one.a", "two.home", "three", "four")
    assert sorted(each.series for each in runner.readings if each.value == 5) == sorted(names * 2)


@pytest.mark.mqtt
def test_messages_that_arrive_together_over_tls_do_not_wait(
    runner: SourceRunner,
    listeners: Listeners,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level("INFO")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(listeners.certificates.server, listeners.certificates.key)
    with CopyingBroker(context) as broker:
        configure(runner, listeners, f"mqtts://localhost:{broker.port}", "authority")
        runner.start(mqtt.run)
        wait_until("it subscribes", lambda: "subscribed at the MQTT broker" in caplog.text)
        waits: list[float] = []

        def wait(readers: Sequence[Any], _: Any, __: Any, seconds: float) -> Any:
            ready = select.select(readers, [], [], seconds)
            waits.extend([] if ready[0] else [seconds])
            return ready

        monkeypatch.setattr(mqtt_connection, "select", SimpleNamespace(select=wait))
        broker.publish("home/a", *map(str, range(200)))
        wait_until("all values arrive", lambda: len(runner.readings) == 200)
        # Without regard to what TLS has decrypted there is one for each value.
        assert len(waits) < 20
        runner.end()


def ends(runner: SourceRunner) -> set[str]:
    return {each.series for each in runner.readings if each.value == 6}


@UNCLOSED
@pytest.mark.mqtt
@pytest.mark.parametrize(
    ("connection", "sentence"),
    [
        (("mqtts://localhost:{mqtts}",), "is from an unknown authority (set STRIPCHART_MQTT_CA"),
        (
            ("wss://localhost:{wss}", "other_authority"),
            "is from another authority (set STRIPCHART_MQTT_CA",
        ),
        (
            ("mqtts://127.0.0.1:{mqtts}", "authority"),
            "is for another host than 127.0.0.1 (write a name that is in the certificate",
        ),
        (("mqtts://localhost:{expired}", "authority"), "has expired (renew it on the broker"),
        (
            ("mqtts://localhost:{mutual}", "authority"),
            "set STRIPCHART_MQTT_CERTIFICATE and STRIPCHART_MQTT_KEY",
        ),
        (("mqtts://localhost:{mqtt}", "authority"), "without an answer (check whether its port"),
        (("wss://localhost:{ws}", "authority"), "does not speak TLS at wss://localhost:"),
        (("mqtt://localhost:{mqtts}",), "closed the connection without an answer (check whether"),
        (("ws://localhost:{mqtt}",), "did not accept a WebSocket at ws://localhost:"),
        (("ws://localhost:{wss}",), "did not accept a WebSocket at ws://localhost:"),
        (("mqtt://localhost:1",), "can't be reached: Connection refused (check that it runs"),
        (("mqtt://nowhere.invalid",), "at mqtt://nowhere.invalid:1883 can't be reached: "),
    ],
)
def test_failed_connection_is_one_sentence_with_what_to_do(
    runner: SourceRunner,
    listeners: Listeners,
    caplog: pytest.LogCaptureFixture,
    connection: tuple[str, ...],
    sentence: str,
) -> None:
    configure(runner, listeners, *connection)
    runner.start(mqtt.run)
    wait_until("the failure is logged", lambda: caplog.messages)
    (message,) = caplog.messages
    assert message.startswith("source test failed: the ")
    assert sentence in message


@UNCLOSED
@pytest.mark.parametrize(
    ("address", "path"),
    [("ws://{}", "/mqtt"), ("ws://{}/", "/"), ("ws://{}/a/b?token=c%20d", "/a/b?token=c%20d")],
)
def test_websocket_is_opened_at_the_path_of_the_address(
    runner: SourceRunner, caplog: pytest.LogCaptureFixture, address: str, path: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        host = f"127.0.0.1:{server.getsockname()[1]}"
        runner.settings = replace(runner.settings, mqtt_topics="a", mqtt_url=address.format(host))
        runner.start(mqtt.run)
        connection = server.accept()[0]
        with connection:
            assert connection.recv(1_000).startswith(f"GET {path} HTTP/1.1\r\n".encode())
        wait_until("the failure is logged", lambda: "did not accept a WebSocket" in caplog.text)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"mqtt_url": "box:1883"}, "not the address of an MQTT broker"),
        ({"mqtt_url": "mqtt://"}, "not the address of an MQTT broker"),
        ({"mqtt_url": "http://box"}, "not the address of an MQTT broker"),
        ({"mqtt_url": "mqtt://me:se/cret@box"}, "not the address of an MQTT broker"),
        ({"mqtt_password": "secret"}, "names no user"),
        ({"mqtt_ca": "/ca.crt"}, "STRIPCHART_MQTT_CA is set, but .* begins with mqtt://"),
        ({"mqtt_url": "ws://box", "mqtt_certificate": "/a"}, "begins with ws://"),
        ({"mqtt_url": "mqtts://box", "mqtt_ca": "/nowhere.crt"}, "No such file"),
        ({"mqtt_url": "mqtts://box", "mqtt_ca": __file__}, "STRIPCHART_MQTT_CA: .* can't be used"),
        ({"mqtt_url": "mqtts://box", "mqtt_ca": "-----BEGIN"}, "must be the path of a file"),
        ({"mqtt_url": "wss://box", "mqtt_key": "/own.key"}, "without a certificate"),
        ({"mqtt_url": "wss://box", "mqtt_certificate": __file__}, "CERTIFICATE: .* can't be used"),
    ],
)
def test_unusable_setting_is_an_error_without_the_password(
    runner: SourceRunner, changes: dict[str, str], reason: str
) -> None:
    runner.settings = replace(runner.settings, mqtt_topics="a", **changes)  # type: ignore[arg-type]
    with pytest.raises(SettingError, match=reason) as caught:
        mqtt.run(runner.context())
    assert "cret" not in str(caught.value)
    assert caught.value.hint


@pytest.mark.mqtt
def test_certificate_with_an_encrypted_key_is_refused_without_a_question(
    runner: SourceRunner, listeners: Listeners, tmp_path: Path
) -> None:
    locked = tmp_path / "locked.key"
    key = listeners.certificates.key
    command = f"openssl ec -in {key} -aes128 -passout pass:x -out {locked}"
    subprocess.run(command.split(), check=True, capture_output=True)
    configure(runner, listeners, "mqtts://localhost:{mutual}", "authority", "client")
    runner.settings = replace(runner.settings, mqtt_key=str(locked))
    with pytest.raises(SettingError, match="without a password"):
        mqtt.run(runner.context())


def test_password_of_its_own_replaces_that_in_the_address(settings: Settings) -> None:
    url = "wss://m%40e:p%2Fw@[::1]"
    address = MqttAddress.from_settings(replace(settings, mqtt_url=url))
    assert address == ("wss", "::1", 443, "/mqtt", "m@e", "p/w")
    assert str(address) == "wss://[::1]:443/mqtt"
    own = ":@/"
    settings = replace(settings, mqtt_url=url, mqtt_password=own)
    assert MqttAddress.from_settings(settings).password == own
