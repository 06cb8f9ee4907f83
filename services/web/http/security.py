"""Checks of host and origin, and who may use an endpoint.

A browser sends the requests of any page to this machine. A foreign page must not read or write
here, neither openly (Origin) nor under a host name that it made point here (Host).
"""

import ipaddress
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

import flask
from flask import Flask, Request, Response
from werkzeug.exceptions import Forbidden

from services.network_exposure import is_loopback
from services.settings import Settings
from services.web.access.control import AccessControl
from services.web.http.security_headers import add_security_headers

_FOREIGN_PAGE: Final = "a page of another origin may not use this server"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods of requests that change nothing."""

_MAX_QUOTED_CHARS: Final = 100
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_MAX_CACHED_HOSTS: Final = 256
_PAGES: Final = frozenset(
    {"index", "view_page", "status_page.status_page", "access.login", "share_links.add_slash"}
)
"""Endpoints to which a page of another origin may link."""

_LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class RefusedPageError(Forbidden):
    """A request is refused because of the host name or the page that it came from.

    Args:
        reason: The reason for programs: `host`, `origin` or `site`.
        error: The reason for people.
        **details: What the request had instead.
    """

    def __init__(self, reason: str, error: str, **details: str) -> None:
        super().__init__(error)
        self.details = {"reason": reason, **details}


class RequestGuard:
    """Decides which requests are served, before any other code.

    Every way to the routes asks it: Flask's dispatch and the shortcut for writes.

    Args:
        settings: The host names that this server is known as.
        access_control: Decides who may use an endpoint.
    """

    def __init__(self, settings: Settings, access_control: AccessControl) -> None:
        names = (settings.host, *settings.allowed_hosts)
        self._allowed = _LOCAL_HOSTS | {_hostname(name) for name in names}
        # Nobody can make an address point here, as a name.
        self._allows_addresses = settings.open_network or not is_loopback(settings.host)
        self._access_control = access_control
        self._is_allowed = lru_cache(_MAX_CACHED_HOSTS)(self._is_allowed_uncached)

    def check(self, request: Request, endpoint: str | None) -> None:
        """Check a request for an endpoint, which is None if its path is unknown.

        Raises:
            RefusedPageError: The request may come from a foreign page.
            Unauthorized: Somebody has to log in.
            Forbidden: The principal of the request may not do this.
            StoreUnavailableError, StoreUnusableError: The database can't be read.
        """
        # Without an Origin, a foreign page can send GET requests: of images, for example.
        site = request.headers.get("Sec-Fetch-Site")
        is_foreign = site == "cross-site" or (site == "same-site" and request.method not in _SAFE)
        if is_foreign and not _is_navigation_to_page(request, endpoint):
            raise RefusedPageError("site", _FOREIGN_PAGE)
        # The page itself holds no readings. Its script must start to tell why others are refused.
        if endpoint != "static":
            self._check_host(request)
            _check_origin(request)
        self._access_control.authorize(request, endpoint)

    def _check_host(self, request: Request) -> None:
        if not self._is_allowed(request.host):
            host = request.host[:_MAX_QUOTED_CHARS]
            raise RefusedPageError(
                "host",
                f"this server is not known as {host!r}: add the name to STRIPCHART_ALLOWED_HOSTS",
                host=host,
            )

    def _is_allowed_uncached(self, netloc: str) -> bool:
        host = _hostname(netloc)
        return host in self._allowed or (self._allows_addresses and _is_address(host))


def init_app(app: Flask, guard: RequestGuard) -> None:
    """Let the guard check every request that Flask dispatches, and add headers to responses."""

    @app.before_request
    def check() -> None:
        guard.check(flask.request, flask.request.endpoint)

    @app.after_request
    def add_headers(response: Response) -> Response:
        add_security_headers(response, flask.request)
        return response


def _check_origin(request: Request) -> None:
    """Refuse a request of a page whose address has another host than the request itself."""
    origin = request.headers.get("Origin")
    if origin is None or _is_same_host(origin, request.host):
        return
    host, origin = request.host[:_MAX_QUOTED_CHARS], origin[:_MAX_QUOTED_CHARS]
    raise RefusedPageError(
        "origin",
        f"{_FOREIGN_PAGE}: the page is at {origin!r}, the request asked for {host!r}."
        " A proxy must pass the header Host on unchanged",
        host=host,
        origin=origin,
    )


def _is_navigation_to_page(request: Request, endpoint: str | None) -> bool:
    """Return True if somebody followed a link to our page. A link to anything else is refused."""
    headers = request.headers
    return (
        endpoint in _PAGES
        and headers.get("Sec-Fetch-Mode") == "navigate"
        and headers.get("Sec-Fetch-Dest", "document") == "document"
    )


def _is_same_host(origin: str, host: str) -> bool:
    """Return True if an origin has this host and port. A proxy may add the default port."""
    try:
        page, target = urlsplit(origin), urlsplit(f"//{host}")
        default_port = _DEFAULT_PORTS[page.scheme]
        ports = {default_port if url.port is None else url.port for url in (page, target)}
    except (KeyError, ValueError):
        return False
    return page.hostname == target.hostname and len(ports) == 1 and "@" not in page.netloc


def _hostname(netloc: str) -> str:
    """Return the host name without the port, empty if the text has none."""
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
