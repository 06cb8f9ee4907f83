"""Gunicorn's worker, which answers as JSON what is too long for it to read."""

from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final

from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine
from gunicorn.util import write_nonblock
from gunicorn.workers.ggevent import GeventWorker

from services.web.answers import encode

_STATUSES: Final = {
    LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
}


class Worker(GeventWorker):  # type: ignore[misc]  # gunicorn has no types
    """Serves the application; such a request never comes to it."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer a request that can't be read."""
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
