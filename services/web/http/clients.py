"""The client of a request: whether it still waits for the response."""

import socket
from collections.abc import Callable

from flask import request


def disconnect_check() -> Callable[[], bool]:
    """Return a function that tells whether the client of this request has disconnected.

    It may be called outside of the request. A client that has closed only its half of the
    connection counts as disconnected, as in other web servers.
    """
    connection = request.environ.get("gunicorn.socket")
    # gevent would wait for the socket, so its own one is asked.
    raw = getattr(connection, "_sock", None)
    if raw is None:
        return lambda: False

    def is_gone() -> bool:
        try:
            return not raw.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            return True

    return is_gone
