"""Gunicorn's worker: it answers unreadable requests as JSON, and ends quietly."""

import os
import sys
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final

from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine
from gunicorn.util import write_nonblock
from gunicorn.workers.ggevent import GeventWorker

from services.web.http.responses import encode

_STATUSES: Final = {
    LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
}


class GunicornWorker(GeventWorker):  # type: ignore[misc]  # gunicorn has no types
    """Serves the application, and answers itself what never reaches the application."""

    def run(self) -> None:
        """Serve until a signal asks the worker to end. Does not return."""
        super().run()
        # Skip interpreter shutdown: logging would raise on gevent's patched locks.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer a request that gunicorn can't read."""
        status = _STATUSES.get(type(exc))
        if status is None:
            super().handle_error(req, client, addr, exc)
            return
        body = encode({"ok": False, "error": str(exc), "status": status})
        head = (
            f"HTTP/1.1 {status:d} {status.phrase}\r\nConnection: close\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with suppress(OSError):
            write_nonblock(client, head.encode() + body)
