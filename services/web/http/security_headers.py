"""Security headers of all responses: what a browser may do with them, and send along."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from flask import Request, Response

_CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; connect-src 'self'; img-src 'self'; manifest-src 'self';"
    " script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'self'"
)

_UNUSED_FEATURES: Final = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "serial",
    "usb",
)

_HEADERS: Final = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _UNUSED_FEATURES),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_HEADERS_OVER_TLS: Final = {
    # Browsers ignore both without TLS, the second with an error on each page.
    "Strict-Transport-Security": "max-age=63072000",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def add_security_headers(response: Response, request: Request) -> None:
    """Add the security headers to the response to a request. Headers that it has already stay."""
    if response.status_code == HTTPStatus.NO_CONTENT:
        # The answer to a write: it has nothing that a browser could show, and must cost little.
        response.headers["Content-Security-Policy"] = _CONTENT_SECURITY_POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        return
    names = {name for name, _ in response.headers}
    _add(response, _HEADERS.items(), names)
    if is_encrypted(request):
        _add(response, _HEADERS_OVER_TLS.items(), names)


def is_encrypted(request: Request) -> bool:
    """Return True if the client uses TLS, also if a proxy ends it.

    Anybody can send the header, and would change only the answer to themselves.
    """
    return request.is_secure or request.headers.get("X-Forwarded-Proto") == "https"


def _add(response: Response, headers: Iterable[tuple[str, str]], present: set[str]) -> None:
    response.headers.extend([(name, value) for name, value in headers if name not in present])
