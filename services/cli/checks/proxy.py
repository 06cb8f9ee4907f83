"""Check of the reverse proxy: the page works at its public address."""

import json
import ssl
from base64 import b64encode
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from services.cli.checks.examination import Examination
from services.cli.checks.finding import Finding
from services.cli.supervise.page_probe import HTTP_OK
from services.network_exposure import is_loopback

_TIMEOUT_SECONDS: Final = 5.0
_MAX_ANSWER_BYTES: Final = 65_536
_PROTECTION: Final = "Content-Security-Policy"
_DOCUMENT: Final = "docs/reverse-proxy.md has recipes"
_WEBSOCKET: Final = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": b64encode(bytes(16)).decode(),
}
_WEBSOCKET_ANSWERS: Final = (101, 401, 403)
"""The server has seen a WebSocket. It may need a login."""

_UPGRADE_REQUIRED: Final = 426


class _Answer(NamedTuple):
    status: int
    has_headers: bool
    document: dict[str, object]


def check_proxy(examination: Examination, finding: Finding) -> None:
    """Check that the public address leads to our page, with everything that it needs."""
    url = examination.settings.public_url
    if not url:
        finding.fact("not checked: STRIPCHART_PUBLIC_URL is not set")
        return
    parts = urlsplit(url)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        finding.warn(
            "without HTTPS everybody on the way can read passwords and tokens",
            "get a certificate for the proxy, and write https:// in STRIPCHART_PUBLIC_URL",
        )
    origin = f"{parts.scheme}://{parts.netloc}"
    try:
        # A browser sends its origin with a POST, so the answer says whether Host was passed on.
        answer = _request(url, "POST", "/livez", {"Origin": origin})
        websocket = _request(url, "GET", "/live", {"Origin": origin, **_WEBSOCKET})
    except ssl.SSLError as error:
        finding.fail(f"{url} has no certificate that this machine trusts: {error}", _DOCUMENT)
        return
    except (OSError, HTTPException) as error:
        finding.warn(
            f"{url} can't be reached from this machine: {error}",
            "check the name and the proxy; some routers don't let a network reach its own address",
        )
        return
    if answer.document.get("reason"):
        finding.fail(f"{url} is refused: {answer.document.get('error')}", _DOCUMENT)
    elif answer.status != HTTP_OK or answer.document.get("ok") is not True:
        finding.fail(f"{url} answers {answer.status}: it does not lead to Stripchart", _DOCUMENT)
    else:
        _check_answers(url, answer, websocket, finding)


def _check_answers(url: str, answer: _Answer, websocket: _Answer, finding: Finding) -> None:
    finding.fact(f"{url} leads to the page")
    if not answer.has_headers:
        finding.warn("the proxy removes our security headers", f"pass {_PROTECTION} on")
    if websocket.status == _UPGRADE_REQUIRED:
        finding.warn(
            "the proxy does not pass WebSockets on, so pages use Server-Sent Events", _DOCUMENT
        )
    elif websocket.status not in _WEBSOCKET_ANSWERS:
        finding.warn(f"a WebSocket is answered with {websocket.status}", _DOCUMENT)


def _request(url: str, method: str, path: str, headers: dict[str, str]) -> _Answer:
    """Send a request to a path below the public address.

    Raises:
        OSError, HTTPException: There is no answer.
    """
    parts = urlsplit(url)
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    with closing(connect(parts.netloc, timeout=_TIMEOUT_SECONDS)) as connection:
        connection.request(method, f"{parts.path}{path}", headers=headers)
        response = connection.getresponse()
        return _Answer(response.status, _PROTECTION in response.headers, _read_document(response))


def _read_document(response: HTTPResponse) -> dict[str, object]:
    """Return the JSON object of an answer, an empty one for anything else."""
    if "json" not in response.headers.get("Content-Type", ""):
        return {}
    try:
        document = json.loads(response.read(_MAX_ANSWER_BYTES))
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
