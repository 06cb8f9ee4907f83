"""Refusals of requests without a login: a browser goes to the login page, a program gets JSON."""

from typing import Final
from urllib.parse import urlencode

from flask import Request, Response, request
from werkzeug.exceptions import TooManyRequests, Unauthorized

from services.web.http.responses import error_response

_MAX_NEXT_CHARS: Final = 2_000
"""Length of an address that the login page can return to. A longer one is forgotten."""


def is_navigation(request: Request) -> bool:
    """Return True if a person opened this address in a browser."""
    return request.method == "GET" and "text/html" in request.headers.get("Accept", "")


def refuse_client(error: Unauthorized | TooManyRequests) -> Response:
    """Ask for a login, a browser by its page; or tell a client when to send its next request."""
    if isinstance(error, TooManyRequests):
        response = error_response(429, error.description or error.name)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    return _redirect_to_login(request) if is_navigation(request) else refuse_program(error)


def refuse_program(error: Unauthorized) -> Response:
    """Answer a program that it has no access."""
    response = error_response(401, error.description or error.name)
    response.headers["WWW-Authenticate"] = 'Bearer realm="Stripchart"'
    return response


def _redirect_to_login(request: Request) -> Response:
    """Redirect to the login page, with the path inside the application to return to.

    The address is relative: the page may be under a path that only a proxy knows.
    """
    path = request.full_path.removesuffix("?")
    query = f"?{urlencode({'next': path})}" if len(path) <= _MAX_NEXT_CHARS else ""
    way_up = "../" * (request.path.count("/") - 1) or "./"
    response = Response(status=302)
    response.headers["Location"] = f"{way_up}login{query}"
    response.headers["Cache-Control"] = "no-store"
    return response
