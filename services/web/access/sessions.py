"""Sessions of people: how they begin and end, and the cookie that carries their secret."""

from typing import Final

from flask import Request
from werkzeug import Response

from services.access import hash_secret, new_secret
from services.access_command import EndSession, StartSession
from services.web.access.changes import change_access
from services.web.access.credentials import SESSION_COOKIE
from services.web.services import web_services

_SESSION_SECONDS: Final = 30 * 86_400
"""Length of a session. It does not end earlier without use: a page on the wall is not used."""


def start_session(request: Request, response: Response, user: str) -> str:
    """Start a session of a user with a new secret, and end the one that the request came with.

    A secret that somebody has planted in the browser before is never used.

    Returns:
        Why it was refused, otherwise "".

    Raises:
        ResultUnknownError: No writer has carried it out after some seconds.
        BrokerUnavailableError: Redis does not answer.
        JournalFullError: The journal is full.
    """
    directory = web_services().directory
    secret = new_secret()
    now = directory.now()
    end = now + _SESSION_SECONDS * 1_000_000
    refusal = change_access(StartSession(user, hash_secret(secret), now, end))
    if refusal:
        return refusal
    end_session(request)
    response.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=_SESSION_SECONDS,
        path=_cookie_path(request),
        secure=_is_encrypted(request),
        httponly=True,
        samesite="Lax",
    )
    return ""


def end_session(request: Request) -> None:
    """End the session that a request came with, if there is one.

    Raises:
        ResultUnknownError: No writer has carried it out after some seconds.
        BrokerUnavailableError: Redis does not answer.
        JournalFullError: The journal is full.
    """
    directory = web_services().directory
    secret = request.cookies.get(SESSION_COOKIE, "")
    if secret and directory.read_now().find_session(secret, directory.now()):
        change_access(EndSession(hash_secret(secret)))


def forget_session(request: Request, response: Response) -> None:
    """Remove the cookie from the browser."""
    response.delete_cookie(SESSION_COOKIE, path=_cookie_path(request))


def _cookie_path(request: Request) -> str:
    return request.script_root or "/"


def _is_encrypted(request: Request) -> bool:
    """Return True if the browser reached this server by TLS, also at a proxy.

    Nobody can gain from a forged header here: it would only keep the cookie from the sender.
    """
    return (
        request.is_secure
        or request.headers.get("Origin", "").startswith("https://")
        or request.headers.get("X-Forwarded-Proto", "").partition(",")[0].strip() == "https"
    )
