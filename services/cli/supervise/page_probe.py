"""Where the page is served, and whether it answers there."""

from http.client import HTTPConnection, HTTPException
from typing import Final

from services.settings import Settings

_ANSWER_SECONDS: Final = 1.0
_HTTP_OK: Final = 200
_ANY_ADDRESS: Final = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def address_of(settings: Settings) -> str:
    """The address to open in a browser on this machine."""
    host = _reachable(settings.host)
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{settings.port}{settings.base_path}/"


def answers(settings: Settings, seconds: float = _ANSWER_SECONDS) -> bool:
    """Whether a web process of ours is there."""
    return status_of(settings, seconds) == _HTTP_OK


def status_of(settings: Settings, seconds: float) -> int | None:
    """What `/livez` answers within this time; None without an answer in HTTP."""
    connection = HTTPConnection(_reachable(settings.host), settings.port, timeout=seconds)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def _reachable(host: str) -> str:
    return _ANY_ADDRESS.get(host, host)
