"""The client of a request: its address, and whether it still waits for the response."""

import socket
from collections.abc import Callable
from typing import Final, NamedTuple

from flask import request


class Client(NamedTuple):
    """A client.

    Attributes:
        address: Its network address, empty for the process itself.
        is_gone: Returns True once it has disconnected. It may be called outside of a request.
    """

    address: str
    is_gone: Callable[[], bool]


THIS_PROCESS: Final = Client("", lambda: False)
"""The client of work that is not for a single client."""


def current_client() -> Client:
    """Return the client of this request."""
    return Client(request.remote_addr or "", _disconnect_check())


def _disconnect_check() -> Callable[[], bool]:
    """Return a function that tells whether the client of this request has disconnected.

    A client that has closed only its half of the connection counts as disconnected, as in other
    web servers.
    """
    connection = request.environ.get("gunicorn.socket")
    # gevent would wait for the socket, so its own one is asked.
    raw = getattr(connection, "_sock", None)
    if raw is None:
        return THIS_PROCESS.is_gone

    def is_gone() -> bool:
        try:
            return not raw.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            return True

    return is_gone
