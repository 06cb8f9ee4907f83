"""Responses: JSON, and errors in the one form that the whole API has."""

from http import HTTPStatus
from typing import Any, Final

import msgspec
from flask import Response
from werkzeug.exceptions import ServiceUnavailable

from services.errors import JournalFullError, StripchartError

RETRY_AFTER_SECONDS: Final = 2
"""Time after which a request is worth repeating when a part is unavailable or full."""

INTERNAL_ERROR: Final = "internal error; the server's log has the details"

encode = msgspec.json.Encoder().encode


def json_response(document: Any, status: int = 200) -> Response:
    """Make a response of a document as JSON."""
    return Response(encode(document), status, mimetype="application/json")


def error_response(status: int, error: str, **details: Any) -> Response:
    """Make an error as JSON: `ok`, `error`, `status`, and the details."""
    return json_response({"ok": False, "error": error, "status": status, **details}, status)


def unavailable_response(
    error: str | StripchartError | ServiceUnavailable,
    retry_after_seconds: int = RETRY_AFTER_SECONDS,
) -> Response:
    """Make an error 503.

    Its field `taken` is false if the content of the request was refused. It is missing if the
    answer of Redis may be lost.

    Args:
        error: The reason.
        retry_after_seconds: Time after which the request is worth repeating.
    """
    is_refused = isinstance(error, JournalFullError | ServiceUnavailable)
    text = error.description if isinstance(error, ServiceUnavailable) else error
    response = error_response(503, str(text), **({"taken": False} if is_refused else {}))
    response.headers["Retry-After"] = str(retry_after_seconds)
    return response


def error_bytes(status: HTTPStatus, error: str) -> bytes:
    """Return a whole response that reports an error, after which the connection is closed."""
    body = encode({"ok": False, "error": error, "status": status})
    retry = f"Retry-After: {RETRY_AFTER_SECONDS}\r\n" if status == 503 else ""  # noqa: PLR2004
    head = (
        f"HTTP/1.1 {status:d} {status.phrase}\r\nConnection: close\r\n{retry}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
