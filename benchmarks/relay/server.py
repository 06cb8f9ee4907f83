"""Gunicorn with the relay, in a process of its own, under one worker type or the other."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Final, NamedTuple, Self

ROOT: Final = Path(__file__).parents[2]
"""Where the package can be imported from."""

_OTHER_CONNECTIONS: Final = 50
"""Room beyond the viewers: connections under gevent, threads under gthread."""

_BACKLOG: Final = 1_024
_STOP_SECONDS: Final = 10.0
_ANSWER_SECONDS: Final = 30.0


class Usage(NamedTuple):
    """What the worker process has used. cpu: seconds; memory: bytes."""

    cpu: float
    memory: int


class RelayServer:
    """A running server. feed: the port that its frames come from."""

    def __init__(self, worker_type: str, viewers: int, feed: int) -> None:
        room = viewers + _OTHER_CONNECTIONS
        with socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG) as listener:
            self.port: int = listener.getsockname()[1]
            options = {
                "--bind": f"fd://{listener.fileno()}",
                "--worker-class": worker_type,
                "--worker-connections": str(2 * room),
                "--threads": str(room if worker_type == "gthread" else 1),
                "--graceful-timeout": "5",
                "--log-level": "error",
            }
            command = [sys.executable, "-m", "gunicorn", "--no-control-socket"]
            for name, value in options.items():
                command += [name, value]
            command.append(f"benchmarks.relay.app:create_app({worker_type!r}, {feed})")
            self._process = subprocess.Popen(command, cwd=ROOT, pass_fds=[listener.fileno()])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGQUIT)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def get(self, path: str) -> bytes:
        """The answer to a request on a connection of its own. Raises RuntimeError."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_ANSWER_SECONDS)
        try:
            connection.request("GET", path, headers={"Connection": "close"})
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        if response.status != http.client.OK:
            raise RuntimeError(f"{path} was answered with {response.status}")
        return body

    def answer_seconds(self) -> float:
        """How long a small request takes."""
        begin = time.perf_counter()
        self.get("/answer")
        return time.perf_counter() - begin

    def usage(self) -> Usage:
        """What the worker process has used up to now."""
        return Usage(**json.loads(self.get("/usage")))
