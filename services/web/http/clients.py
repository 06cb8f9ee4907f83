"""The client of a request: its address, and whether it still waits for the response."""

import select
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from flask import has_request_context, request
from gevent import monkey
from gevent.socket import socket as GeventSocket  # noqa: N812 (a class)

from services.web.http.lanes import WRITE_LANES, peek_lane

# gevent's own one would wait for an iteration of the event loop.
_poll: Final = monkey.get_original("select", "poll")


class HasFileno(Protocol):
    """A socket."""

    def fileno(self) -> int:
        """Return its file descriptor, -1 if it is closed."""


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


def take_turn() -> None:
    """Let this request wait for its turn again, because it has waited for something else.

    Many requests may have waited for the same, and would all go on before anything else happens.
    """
    connection = request.environ.get("gunicorn.socket") if has_request_context() else None
    if connection is not None:
        connection.wait_for_turn()


def _disconnect_check() -> Callable[[], bool]:
    """Return a function that tells whether the client of this request has disconnected."""
    connection = request.environ.get("gunicorn.socket")
    if connection is None:
        return THIS_PROCESS.is_gone
    return lambda: has_hung_up(connection)


def has_hung_up(connection: HasFileno) -> bool:
    """Return True if the client has closed its end, although not all may have been received.

    A client that has closed only its half of the connection counts too, as in other web servers.
    """
    try:
        poll = _poll()
        poll.register(connection, select.POLLRDHUP)
        return bool(poll.poll(0))
    except (OSError, ValueError):
        return True


def is_abandoned(connection: GeventSocket) -> bool:
    """Return True if the client of a new connection has closed its end, and has sent no write."""
    return has_hung_up(connection) and peek_lane(connection._sock) not in WRITE_LANES
