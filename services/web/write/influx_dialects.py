"""Responses of each version of InfluxDB, by which its clients decide whether to retry."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final, Protocol

from flask import Response, request

from services.web.http.responses import json_response
from services.web.write.bad_lines import BadLine

VERSION: Final = "1.8.10"
"""The version of InfluxDB that these routes imitate. It has the interfaces of both 1 and 2."""

_MAX_HEADER_CHARS: Final = 200

_RETRY_AFTER_SECONDS: Final = 10
"""The Python client gives up a batch after five times as long."""

_JAVASCRIPT_CLIENT: Final = "influxdb-client-js/"
"""This client reads Retry-After as milliseconds. Without the header it backs off for minutes."""

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


class Dialect(Protocol):
    """The error responses of one version."""

    def refuse(self, status: int, error: str) -> Response:
        """Refuse a whole request."""

    def partial_write(
        self, lines: Sequence[BadLine], refused_count: int, written_count: int
    ) -> Response:
        """Report that some lines were refused.

        Args:
            lines: The first refused lines.
            refused_count: Number of refused lines.
            written_count: Number of readings that were written.
        """


class Version1:
    """Responses of `POST /write`."""

    def refuse(self, status: int, error: str) -> Response:
        """Refuse a whole request, in the header as well."""
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            # Telegraf drops a batch after each status 4xx.
            status = HTTPStatus.SERVICE_UNAVAILABLE
        response = json_response({"error": error}, status)
        # A header is one line of ASCII.
        text = " ".join(error.split()).encode("ascii", "replace").decode()
        response.headers["X-Influxdb-Error"] = text[:_MAX_HEADER_CHARS]
        response.headers["X-Influxdb-Version"] = VERSION
        if status == HTTPStatus.UNAUTHORIZED:
            response.headers["WWW-Authenticate"] = 'Basic realm="InfluxDB"'
        return _with_retry_after(response)

    def partial_write(
        self, lines: Sequence[BadLine], refused_count: int, written_count: int
    ) -> Response:
        """Report that some lines were refused."""
        return self.refuse(400, _partial_write_error(lines, refused_count, written_count))


class Version2:
    """Responses of `POST /api/v2/write`."""

    def refuse(self, status: int, error: str) -> Response:
        """Refuse a whole request, with a code."""
        code = _CODES.get(status, "invalid" if status < 500 else "internal error")  # noqa: PLR2004
        response = json_response({"code": code, "message": error}, status)
        response.content_type = "application/json; charset=utf-8"
        if status == HTTPStatus.UNAUTHORIZED:
            response.headers["WWW-Authenticate"] = 'Token realm="InfluxDB"'
        return _with_retry_after(response)

    def partial_write(
        self, lines: Sequence[BadLine], refused_count: int, written_count: int
    ) -> Response:
        """Report that some lines were refused."""
        return self.refuse(400, _partial_write_error(lines, refused_count, written_count))


class Version3:
    """Responses of `POST /api/v3/write_lp`."""

    def refuse(self, status: int, error: str) -> Response:
        """Refuse a whole request."""
        response = json_response({"error": error}, status)
        if status == HTTPStatus.UNAUTHORIZED:
            response.headers["WWW-Authenticate"] = 'Bearer realm="InfluxDB"'
        return _with_retry_after(response)

    def partial_write(
        self,
        lines: Sequence[BadLine],
        refused_count: int,  # noqa: ARG002 (the other versions report it)
        written_count: int,  # noqa: ARG002
    ) -> Response:
        """Report that some lines were refused, with the first of them."""
        return json_response(
            {
                "error": "partial write of line protocol occurred",
                "data": [_line_document(line) for line in lines],
            },
            400,
        )

    def parsing_failed(self, line: BadLine) -> Response:
        """Report that nothing was written because of a line."""
        error = "parsing failed for write_lp endpoint"
        return json_response({"error": error, "data": _line_document(line)}, 400)


def _line_document(line: BadLine) -> dict[str, Any]:
    return {
        "error_message": line.error,
        "line_number": line.number,
        "original_line": line.text,
    }


def _partial_write_error(lines: Sequence[BadLine], refused_count: int, written_count: int) -> str:
    """Make the error of versions 1 and 2. Clients match on its words."""
    error = "\n".join(map(str, lines))
    return f"partial write: {error} dropped={refused_count}" if written_count else error


def _with_retry_after(response: Response) -> Response:
    if response.status_code in {429, 503} and _JAVASCRIPT_CLIENT not in request.user_agent.string:
        response.headers["Retry-After"] = str(_RETRY_AFTER_SECONDS)
    return response
