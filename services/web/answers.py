"""Answers: JSON made fast, and errors in the one form that all of the API has."""

from typing import Any, Final

import msgspec
from flask import Response

from services.errors import JournalFullError, StripchartError

RETRY_AFTER: Final = 2
"""Seconds after which it is worth trying again where something is away or full."""

encode = msgspec.json.Encoder().encode


def answer(document: Any, status: int = 200) -> Response:
    """A document as JSON."""
    return Response(encode(document), status, mimetype="application/json")


def refusal(status: int, error: str, **more: Any) -> Response:
    """An error as JSON: `ok`, `error`, `status`, and what else there is to say."""
    return answer({"ok": False, "error": error, "status": status, **more}, status)


def unavailable(error: str | StripchartError, retry_after: int = RETRY_AFTER) -> Response:
    """503, with the seconds after which it is worth trying again.

    `taken` is false where what was sent was refused, and missing where its answer may be lost.
    """
    taken = {"taken": False} if isinstance(error, JournalFullError) else {}
    response = refusal(503, str(error), **taken)
    response.headers["Retry-After"] = str(retry_after)
    return response
