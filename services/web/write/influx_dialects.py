"""How each version of InfluxDB answers: its clients decide by that whether to try again."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, Protocol

from flask import Response, request

from services.web.http.responses import json_response

VERSION: Final = "1.8.10"
"""The version of InfluxDB that our write side stands in for, with both of its interfaces."""

_MOST_HEADER: Final = 200

_RETRY_AFTER: Final = 10
"""Seconds. The client for Python gives up a batch after five times as long."""

_IMPATIENT: Final = "influxdb-client-js/"
"""The client for JavaScript takes them for milliseconds. Untold, it waits for minutes in all."""

_CODES: Final = {
    400: "invalid",
    401: "unauthorized",
    403: "forbidden",
    404: "not found",
    405: "method not allowed",
    413: "request too large",
    422: "unprocessable entity",
    429: "too many requests",
    503: "unavailable",
}


class BadLine(NamedTuple):
    """A line at fault. number: from 1; text: the line, or its beginning."""

    number: int
    text: str
    error: str

    def __str__(self) -> str:
        return f"unable to parse '{self.text}': {self.error}"


class Dialect(Protocol):
    """The answers of one version."""

    def refusal(self, status: int, error: str) -> Response:
        """A request of which nothing was taken."""

    def partial(self, lines: Sequence[BadLine], refused: int, written: int) -> Response:
        """Some lines were refused; `lines` are the first of them."""


class Version1:
    """`POST /write`."""

    def refusal(self, status: int, error: str) -> Response:
        response = json_response({"error": error}, status)
        # A header is one line of plain characters.
        plain = " ".join(error.split()).encode("ascii", "replace").decode()
        response.headers["X-Influxdb-Error"] = plain[:_MOST_HEADER]
        response.headers["X-Influxdb-Version"] = VERSION
        return _later(response)

    def partial(self, lines: Sequence[BadLine], refused: int, written: int) -> Response:
        return self.refusal(400, _said(lines, refused, written))


class Version2:
    """`POST /api/v2/write`."""

    def refusal(self, status: int, error: str) -> Response:
        code = _CODES.get(status, "invalid" if status < 500 else "internal error")  # noqa: PLR2004
        response = json_response({"code": code, "message": error}, status)
        response.content_type = "application/json; charset=utf-8"
        return _later(response)

    def partial(self, lines: Sequence[BadLine], refused: int, written: int) -> Response:
        return self.refusal(400, _said(lines, refused, written))


class Version3:
    """`POST /api/v3/write_lp`."""

    def refusal(self, status: int, error: str) -> Response:
        return _later(json_response({"error": error}, status))

    def partial(self, lines: Sequence[BadLine], refused: int, written: int) -> Response:  # noqa: ARG002
        return json_response(
            {
                "error": "partial write of line protocol occurred",
                "data": [_document(line) for line in lines],
            },
            400,
        )

    def parsing_failed(self, line: BadLine) -> Response:
        """Nothing was taken because of this line."""
        error = "parsing failed for write_lp endpoint"
        return json_response({"error": error, "data": _document(line)}, 400)


def _document(line: BadLine) -> dict[str, Any]:
    return {
        "error_message": line.error,
        "line_number": line.number,
        "original_line": line.text,
    }


def _said(lines: Sequence[BadLine], refused: int, written: int) -> str:
    said = "\n".join(map(str, lines))
    return f"partial write: {said} dropped={refused}" if written else said


def _later(response: Response) -> Response:
    if response.status_code in {429, 503} and _IMPATIENT not in request.user_agent.string:
        response.headers["Retry-After"] = str(_RETRY_AFTER)
    return response
