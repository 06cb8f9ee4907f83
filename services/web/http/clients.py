"""The client of a request: its address, and whether it still waits for the response."""

import select
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from flask import has_request_context, request
from gevent import monkey
from gevent.socket import socket as GeventSocket  # noqa: N812 (a class)

from services.web.http.lanes import WRITE_LANES, peek_lane

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

unflasked_environ: ContextVar["WSGIEnvironment | None"] = ContextVar("environ", default=None)
"""WSGI's environment of a request that is served without Flask's context."""

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
    environ = _environ()
    return Client(environ.get("REMOTE_ADDR", ""), _disconnect_check(environ))


def take_turn() -> None:
    """Let this request wait for its turn again, because it has waited for something else.

    Many requests may have waited for the same, and would all go on before anything else happens.
    """
    connection = _environ().get("gunicorn.socket")
    if connection is not None:
        connection.wait_for_turn()


def _environ() -> "WSGIEnvironment":
    """Return WSGI's environment of this request, empty outside of a request."""
    return request.environ if has_request_context() else unflasked_environ.get() or {}


def _disconnect_check(environ: "WSGIEnvironment") -> Callable[[], bool]:
    """Return a function that tells whether the client of a request has disconnected."""
    connection = environ.get("gunicorn.socket")
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
