"""A blocking client of WebDriver BiDi, the protocol that drives Firefox without a driver."""

import json
from collections.abc import Callable
from typing import Any, Self

import websocket

from tests.support.waiting import TIMEOUT_SECONDS


class BidiError(Exception):
    """The browser refused a command, or lost what it was sent to.

    Attributes:
        code: The error of WebDriver, such as `no such frame`.
    """

    def __init__(self, method: str, answer: dict[str, Any]) -> None:
        self.code: str = answer["error"]
        super().__init__(f"{method}: {self.code}: {answer['message']}")


class BidiConnection:
    """A connection to a browser with a session. It disconnects at the end of a block.

    Args:
        address: The address that the browser prints, such as `ws://127.0.0.1:4321`.
        on_event: Called with the method and the parameters of each event, while a command waits
            for its answer.
    """

    def __init__(self, address: str, on_event: Callable[[str, dict[str, Any]], None]) -> None:
        self._on_event = on_event
        self._commands = 0
        # Firefox refuses connections with an origin, since they may come from a web page.
        self._socket: Any = websocket.create_connection(
            f"{address}/session", timeout=TIMEOUT_SECONDS, suppress_origin=True
        )
        self.send("session.new", capabilities={})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown()

    def send(self, method: str, **parameters: object) -> dict[str, Any]:
        """Send a command, and return its result.

        Raises:
            BidiError: The browser refuses it.
            websocket.WebSocketException: The browser has ended, or does not answer in time.
        """
        self._commands += 1
        command = self._commands
        self._socket.send(json.dumps({"id": command, "method": method, "params": parameters}))
        while True:
            message: dict[str, Any] = json.loads(self._socket.recv())
            if message["type"] == "event":
                self._on_event(message["method"], message["params"])
            elif message.get("id") == command:
                if message["type"] == "error":
                    raise BidiError(method, message)
                result: dict[str, Any] = message["result"]
                return result
