"""Shortcut for writes: one that succeeds completely never comes to Flask.

Flask's dispatch takes as long as everything else that the web process does for a small write.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from flask import Flask, Request, Response
from flask import request as current_request

from services.web.http.bodies import FormlessRequest
from services.web.http.clients import unflasked_environ
from services.web.http.security import RequestGuard
from services.web.http.security_headers import add_security_headers
from services.web.services import WebServices, web_services
from services.web.write.ingest import DecodedWrite

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PerformWrite = Callable[[Request, WebServices], DecodedWrite]
"""Function that decodes and publishes the body of a request."""

_RESULT: Final = "stripchart.write"
"""Key of WSGI's environment: the result of a write, or the error that it raised."""


class WriteRoute(NamedTuple):
    """A route for writes.

    Attributes:
        endpoint: Its endpoint in Flask.
        perform: Does the write.
        respond: Makes the response to a write that is complete.
    """

    endpoint: str
    perform: PerformWrite
    respond: Callable[[DecodedWrite], Response]


class WriteShortcut:
    """WSGI middleware that does the writes of some paths.

    If a write was refused, in whole or in part, its result goes on to Flask, where the view of the
    route and the handlers of errors respond. So there is one place for each refusal.

    Args:
        app: The application of Flask.
        guard: Decides which requests are served.
        routes: The routes by their path.
    """

    def __init__(
        self,
        app: Flask,
        guard: RequestGuard,
        routes: Mapping[str, WriteRoute],
    ) -> None:
        self._app = app
        self._dispatch = app.wsgi_app
        self._guard = guard
        self._routes = routes

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Handle a request."""
        route = self._routes.get(environ.get("PATH_INFO", ""))
        if route is None or environ["REQUEST_METHOD"] != "POST":
            return self._dispatch(environ, start_response)
        token = unflasked_environ.set(environ)
        try:
            request = FormlessRequest(environ)
            self._guard.check(request, route.endpoint)
            write = route.perform(request, web_services(self._app))
            environ[_RESULT] = write
        except Exception as error:  # noqa: BLE001 (raised again by the view)
            environ[_RESULT] = error
        else:
            if write.is_complete:
                response = route.respond(write)
                add_security_headers(response, request)
                return response(environ, start_response)
        finally:
            unflasked_environ.reset(token)
        return self._dispatch(environ, start_response)


def result_of_write(perform: PerformWrite) -> DecodedWrite:
    """Return the result of the write of this request. Do the write if that was not done before.

    Raises:
        Exception: An error of the write.
    """
    result: DecodedWrite | Exception | None = current_request.environ.get(_RESULT)
    if result is None:
        return perform(current_request, web_services())
    if isinstance(result, Exception):
        raise result
    return result
