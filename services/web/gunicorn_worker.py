"""Gunicorn's worker, which answers as JSON what is too long for it to read, and ends quietly."""

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
    """Serves the application; a request that can't be read never comes to it."""

    def run(self) -> None:
        """Serve until told to end."""
        super().run()
        # Python would now take itself apart, and logging fail aloud with a lock of gevent's.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer such a request."""
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
