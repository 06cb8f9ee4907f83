"""Gunicorn's worker: it limits connections, refuses unreadable requests as JSON, ends quietly."""

import io
import os
import socket
import sys
import warnings
from contextlib import AbstractContextManager, nullcontext, suppress
from http import HTTPStatus
from typing import Any, Final

import gevent
from gevent import monkey
from gevent.lock import BoundedSemaphore
from gevent.server import StreamServer
from gunicorn.http import message, wsgi
from gunicorn.http.body import LengthReader
from gunicorn.http.errors import (
    ExpectationFailed,
    ForbiddenProxyRequest,
    InvalidHeader,
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)
from gunicorn.util import write_nonblock
from gunicorn.workers.ggevent import GeventWorker

from services.web.http.bodies import LARGE_BODY_BYTES, MAX_BODY_BYTES
from services.web.http.client_connection import ClientConnection, ConnectionLimits
from services.web.http.clients import has_hung_up, is_abandoned
from services.web.http.connections import Connections
from services.web.http.lanes import lane_of_request
from services.web.http.responses import error_bytes
from services.web.services import web_services

MAX_REQUEST_LINE_BYTES: Final = 65_536
"""Bytes of a request line: 20 names of series as Docker makes them, percent-encoded."""

# Gunicorn takes no higher setting than this constant, which is 8,190.
message.MAX_REQUEST_LINE = MAX_REQUEST_LINE_BYTES

_STATUSES: Final = {
    LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
    ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    ForbiddenProxyRequest: HTTPStatus.FORBIDDEN,
}

_CLOSING_CONNECTIONS: Final = 500

_MAX_ACCEPTED: Final = 25
"""Connections that are accepted at once. To accept and sort one takes 0.2 ms."""

_MAX_DISCARDING: Final = 8
_DISCARD_WAIT_SECONDS: Final = 1.0
_DISCARD_PAUSE_SECONDS: Final = 0.002
_MAX_DISCARDED_BYTES: Final = MAX_BODY_BYTES + 5_000_000

_MAX_UNCHECKED_SECONDS: Final = 0.25
"""Wait for a turn after which a client may be gone."""

_MAX_JOINED_BYTES: Final = 65_536
"""Bytes of a body that are copied to send them with the head."""

_OUR_FAULTS: Final = (InvalidResponseHeader, InvalidResponseHeaderName)
_MAX_ERROR_LENGTH: Final = 200


class JoinedResponse(wsgi.Response):  # type: ignore[misc]  # gunicorn has no types
    """A response whose head is sent together with the first part of its body.

    Gunicorn sends the two separately, which wakes the client twice.
    """

    sock: Any

    def write(self, arg: bytes) -> None:
        """Send a part of the body."""
        if self.headers_sent or len(arg) > _MAX_JOINED_BYTES:
            super().write(arg)
            return
        connection, self.sock = self.sock, _SendBuffer()
        try:
            super().write(arg)
            joined = self.sock.getvalue()
        finally:
            self.sock = connection
        connection.sendall(joined)


class _SendBuffer(io.BytesIO):
    """Collects what is sent."""

    sendall = io.BytesIO.write


# Gunicorn has no setting for the class of its responses.
wsgi.Response = JoinedResponse


class GunicornWorker(GeventWorker):  # type: ignore[misc]  # gunicorn has no types
    """Serves the application, and answers itself what never reaches the application."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._limits = ConnectionLimits(max_count=self.worker_connections)
        # Connections that are cut end a little later.
        self.worker_connections += _CLOSING_CONNECTIONS
        self._discarding = BoundedSemaphore(_MAX_DISCARDING)

    def patch(self) -> None:
        """Let the standard library wait without blocking the event loop."""
        with warnings.catch_warnings():
            # redis.asyncio, which nothing uses, has imported the class that gevent replaces.
            warnings.simplefilter("ignore", monkey.MonkeyPatchWarning)
            super().patch()

    def run(self) -> None:
        """Serve until a signal asks the worker to end. Does not return."""
        # Only this process, not the one that forked it, has the event loop.
        self._connections = Connections(self._limits, web_services(self.app.wsgi()).request_queue)
        StreamServer.max_accept = _MAX_ACCEPTED
        _fix_settings(self.cfg)
        super().run()
        # Skip interpreter shutdown: logging would raise on gevent's patched locks.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)

    def notify(self) -> None:
        """Tell the master process that this one is alive. Gunicorn calls this every second."""
        super().notify()
        self._connections.cut_late()
        if not self.alive:
            self._connections.cut_idle()

    def timeout_ctx(self) -> AbstractContextManager[None]:
        """Return a context without a time limit. The connections have one."""
        return nullcontext()

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Serve a connection until it is closed."""
        if self._connections.queue.is_busy and is_abandoned(client):
            # Those who connect and hang up quickly would otherwise fill the system's queue.
            return
        connection = ClientConnection(client, addr[0], self._connections)
        self._connections.add(connection)
        try:
            waited_seconds = connection.wait_for_turn()
            if waited_seconds > _MAX_UNCHECKED_SECONDS and has_hung_up(connection):
                # To read and answer the request would only make the others wait longer.
                connection.close()
                return
            super().handle(listener, connection, addr)
        finally:
            self._connections.remove(connection)

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> None:
        """Serve a request.

        Raises:
            ParseException: Clients and proxies may disagree about what the request is.
            StopIteration: The connection must be closed.
        """
        _check_head(req)
        sock.begin_request()
        try:
            sock.wait_in_lane(_lane(req))
            _wait_for_body(req)
            super().handle_request(listener_name, req, sock, addr)
        finally:
            sock.end_request()
        if _has_rest(req.body):
            if self._discarding.acquire(timeout=_DISCARD_WAIT_SECONDS):
                try:
                    _discard_rest(sock)
                finally:
                    self._discarding.release()
            raise StopIteration

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer a request that gunicorn can't read."""
        if isinstance(exc, gevent.GreenletExit):
            return
        if not isinstance(exc, ParseException) or isinstance(exc, _OUR_FAULTS):
            super().handle_error(req, client, addr, exc)
            return
        status = _STATUSES.get(type(exc), HTTPStatus.BAD_REQUEST)
        with suppress(OSError):
            write_nonblock(client, error_bytes(status, str(exc)[:_MAX_ERROR_LENGTH]))


def _fix_settings(config: Any) -> None:
    """Make gunicorn's settings attributes. It looks up thirty of them for each request."""
    for name, setting in config.settings.items():
        if not hasattr(type(config), name):
            vars(config)[name] = setting.get()


def _check_head(req: Any) -> None:
    """Check what gunicorn does not. Raises ParseException."""
    if req.version >= (1, 1) and not any(name == "HOST" for name, _value in req.headers):
        raise InvalidHeader("HOST is missing", req=req)
    for name, value in req.headers:
        # Gunicorn reads only the chunks, and would hand on the compressed content.
        if name == "TRANSFER-ENCODING" and value.lower() != "chunked":
            raise UnsupportedTransferCoding(value)


def _lane(req: Any) -> str:
    """Return the lane of a request whose head was read."""
    reader = req.body.reader
    length = reader.length if isinstance(reader, LengthReader) else None
    return lane_of_request(req.method, req.path, length)


def _wait_for_body(req: Any) -> None:
    """Wait for a small body before the application runs.

    A client that withholds it then takes little time and memory.
    """
    reader = req.body.reader
    # A client may wait for the permission to send. Broken chunks are the application's matter.
    if not isinstance(reader, LengthReader) or req._expected_100_continue:
        return
    if 0 < reader.length <= LARGE_BODY_BYTES:
        data = req.body.read(reader.length)
        req.body.buf.write(data)


def _has_rest(body: Any) -> bool:
    """Return True if the application has not read all of a body from the connection."""
    reader = body.reader
    is_unread = reader.length > 0 if isinstance(reader, LengthReader) else reader.parser is not None
    return bool(body.failed or is_unread)


def _discard_rest(sock: ClientConnection) -> None:
    """Receive the rest of a body, because a client may read the answer only after it.

    Gunicorn would do so without a bound, in time that grows with the square of what arrives.
    """
    sock.shutdown(socket.SHUT_WR)
    received = 0
    while received < _MAX_DISCARDED_BYTES:
        data = sock.recv(LARGE_BODY_BYTES)
        if not data:
            return
        received += len(data)
        gevent.sleep(_DISCARD_PAUSE_SECONDS)
