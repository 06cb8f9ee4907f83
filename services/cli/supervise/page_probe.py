"""The address of the page, and a probe that tests whether it answers."""

from http.client import HTTPConnection, HTTPException
from typing import Final

from services.settings import Settings

HTTP_OK: Final = 200

_TIMEOUT_SECONDS: Final = 1.0
_LOOPBACK_OF: Final = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
"""Addresses to connect to if the host means every interface."""


def page_url(settings: Settings) -> str:
    """Return the address that opens the page in a browser on this machine."""
    host = _connectable(settings.host)
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{settings.port}{settings.base_path}/"


def is_page_live(settings: Settings, timeout_seconds: float = _TIMEOUT_SECONDS) -> bool:
    """Return True if our web process answers."""
    return probe_page(settings, timeout_seconds) == HTTP_OK


def probe_page(settings: Settings, timeout_seconds: float) -> int | None:
    """Request `/livez` and return the status of the answer, or None without an answer."""
    host = _connectable(settings.host)
    connection = HTTPConnection(host, settings.port, timeout=timeout_seconds)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def _connectable(host: str) -> str:
    return _LOOPBACK_OF.get(host, host)
