"""Answers: JSON made fast, and errors in the one form that all of the API has."""

from typing import Any, Final

import msgspec
from flask import Response
from werkzeug.exceptions import ServiceUnavailable

from services.errors import JournalFullError, StripchartError

RETRY_AFTER: Final = 2
"""Seconds after which it is worth trying again where something is away or full."""

encode = msgspec.json.Encoder().encode


def json_response(document: Any, status: int = 200) -> Response:
    """A document as JSON."""
    return Response(encode(document), status, mimetype="application/json")


def error_response(status: int, error: str, **more: Any) -> Response:
    """An error as JSON: `ok`, `error`, `status`, and what else there is to say."""
    return json_response({"ok": False, "error": error, "status": status, **more}, status)


def unavailable_response(
    error: str | StripchartError | ServiceUnavailable, retry_after: int = RETRY_AFTER
) -> Response:
    """503, with the seconds after which it is worth trying again.

    `taken` is false where what was sent was refused, and missing where its answer may be lost.
    """
    refused = isinstance(error, JournalFullError | ServiceUnavailable)
    said = error.description if isinstance(error, ServiceUnavailable) else error
    response = error_response(503, str(said), **({"taken": False} if refused else {}))
    response.headers["Retry-After"] = str(retry_after)
    return response
