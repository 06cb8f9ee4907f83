"""Serving under a base path, whether or not the reverse proxy strips it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

STRIPPED: Final = "stripchart.stripped"
"""Key of WSGI's environment: a proxy has changed the path."""


class BasePathMiddleware:
    """WSGI middleware that hides the base path from the routes.

    Args:
        app: The application.
        base_path: The path without a slash at its end, "" for none.
    """

    def __init__(self, app: "WSGIApplication", base_path: str) -> None:
        self._app = app
        self._base_path = base_path

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Handle a request."""
        if self._base_path:
            path = environ.get("PATH_INFO", "")
            if path == self._base_path or path.startswith(f"{self._base_path}/"):
                environ["PATH_INFO"] = path.removeprefix(self._base_path) or "/"
            else:
                environ[STRIPPED] = True
            environ["SCRIPT_NAME"] = self._base_path
        return self._app(environ, start_response)
