"""Serving under a path: a reverse proxy may leave the path in the address or take it off."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class BasePathMiddleware:
    """WSGI middleware that moves the path `base` out of the way of the routes."""

    def __init__(self, app: "WSGIApplication", base: str) -> None:
        self._app = app
        self._base = base

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if self._base:
            path = environ.get("PATH_INFO", "")
            if path == self._base or path.startswith(f"{self._base}/"):
                environ["PATH_INFO"] = path.removeprefix(self._base) or "/"
            environ["SCRIPT_NAME"] = self._base
        return self._app(environ, start_response)
