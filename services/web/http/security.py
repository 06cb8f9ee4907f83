"""The guard: whom a request may come from, and what a page of ours may do.

A browser sends any page's requests to this machine, so a page from elsewhere must not read or
write here: neither openly (Origin), nor under a name that it made point here (Host).
"""

import ipaddress
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.exceptions import Forbidden

from services.settings import Settings

_POLICY: Final = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'self'"
)
_MOST_HOSTS: Final = 256
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def init_app(app: Flask, settings: Settings) -> None:
    """Check every request before anything else, and mark every response."""
    allowed = _LOCAL | {_hostname(name) for name in (settings.host, *settings.allowed_hosts)}

    @lru_cache(_MOST_HOSTS)
    def known(netloc: str) -> bool:
        host = _hostname(netloc)
        return host in allowed or (settings.open_network and _is_address(host))

    @app.before_request
    def check() -> None:
        if not known(request.host):
            raise Forbidden(
                f"this server is not known as {request.host!r:.100}:"
                " name it in STRIPCHART_ALLOWED_HOSTS"
            )
        origin = request.headers.get("Origin")
        if origin is not None and not _same(origin, request.host):
            raise Forbidden("a page from elsewhere may not use this server")

    @app.after_request
    def mark(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        return response


def _same(origin: str, host: str) -> bool:
    return urlsplit(origin).netloc.lower() == host.lower()


def _hostname(netloc: str) -> str:
    if _is_address(netloc):
        return netloc
    try:
        return urlsplit(f"//{netloc}").hostname or ""
    except ValueError:
        return ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
