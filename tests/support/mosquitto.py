"""A real mosquitto for tests, with certificates that are made for it."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from tests.support.ports import free_port
from tests.support.programs import require_program
from tests.support.waiting import wait_until


class Certificates:
    """Certificates in PEM files, made with openssl.

    Attributes:
        authority: The authority that signed the others.
        other_authority: An authority that signed nothing.
        server: For localhost.
        expired: For localhost, and no longer valid.
        client: For a client.
        key: The key of all of them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.key = folder / "any.key"
        self._openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.key)
        self.authority = self._authority("authority")
        self.other_authority = self._authority("other")
        self.server = self._certificate("server", 2)
        self.expired = self._certificate("expired", -1)
        self.client = self._certificate("client", 2)

    def _authority(self, name: str) -> Path:
        path = self._folder / f"{name}.crt"
        self._openssl("req", "-x509", "-key", self.key, "-subj", f"/CN={name}", "-out", path)
        return path

    def _certificate(self, name: str, days: int) -> Path:
        path, request = self._folder / f"{name}.crt", self._folder / f"{name}.csr"
        names = self._folder / "names"
        names.write_text("subjectAltName=DNS:localhost\n", encoding="utf-8")
        self._openssl("req", "-new", "-key", self.key, "-subj", f"/CN={name}", "-out", request)
        self._openssl(
            "x509", "-req", "-in", request, "-CA", self.authority, "-CAkey", self.key,
            "-CAcreateserial", "-days", str(days), "-extfile", names, "-out", path,
        )  # fmt: skip
        return path

    def _openssl(self, *arguments: str | Path) -> None:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)


class Mosquitto:
    """An MQTT broker with a plain listener on its own port, and more listeners if asked.

    Args:
        folder: Folder for its files.
        password: If there is one, clients must log in as `me`.
        more_lines: More lines of its configuration, such as other listeners.
    """

    def __init__(self, folder: Path, password: str = "", more_lines: Sequence[str] = ()) -> None:
        self.port = free_port()
        self._password = password
        self._process: subprocess.Popen[bytes] | None = None
        self._log = folder / "mosquitto.log"
        self._configuration = folder / "mosquitto.conf"
        lines = [f"listener {self.port} 127.0.0.1", "user root", *more_lines]
        if password:
            users = folder / "users"
            users.touch(mode=0o600)
            subprocess.run(["mosquitto_passwd", "-b", users, "me", password], check=True)
            lines += ["allow_anonymous false", f"password_file {users}"]
        else:
            lines.append("allow_anonymous true")
        self._configuration.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start the broker and wait until it answers."""
        mosquitto = require_program("mqtt")
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
