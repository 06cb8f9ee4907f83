"""Access control: finds the principal of each request, and refuses what it may not do."""

from collections.abc import Callable
from typing import Final

import flask
from werkzeug import Request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, Unauthorized

from services.access import Role
from services.web.access.credentials import Credentials, read_credentials
from services.web.access.directory import AccessDirectory, Directory
from services.web.access.policy import needed_role
from services.web.access.principal import ANONYMOUS, EVERYBODY, Principal

_PRINCIPAL: Final = "stripchart.principal"
"""Key of WSGI's environment: the principal of the request."""

SHARE_SECRET: Final = "stripchart.share"  # noqa: S105 (a key)
"""Key of WSGI's environment: the secret of the share link that the address begins with."""

_LOG_IN: Final = "log in, or send a token as Authorization: Bearer TOKEN"
_UNKNOWN: Final = "the token or password is unknown, or has ended"
_REALM: Final = "Stripchart"

FindByPassword = Callable[[Directory, str, str], Principal | None]
"""Function that finds a user by name and password."""


class AccessControl:
    """Finds the principal of each request, and refuses what it may not do.

    Args:
        directory: What gives access.
        find_by_password: Finds a user by name and password.
        anonymous_role: What everybody may do without a login, None for nothing.
    """

    def __init__(
        self,
        directory: AccessDirectory,
        find_by_password: FindByPassword,
        anonymous_role: Role | None = None,
    ) -> None:
        self._directory = directory
        self._find_by_password = find_by_password
        self._anonymous = None if anonymous_role is None else ANONYMOUS

    def authorize(self, request: Request, endpoint: str | None) -> None:
        """Find the principal of a request, and check that it may use an endpoint.

        Raises:
            Unauthorized: Somebody has to log in.
            Forbidden: The principal may not do this.
        """
        needed = needed_role(endpoint)
        if needed is None:
            return
        principal = self._identify(request)
        request.environ[_PRINCIPAL] = principal
        if not principal.may(needed):
            if principal.kind == "anonymous":
                raise _unauthorized(_LOG_IN)
            raise Forbidden(
                f"this needs the role {needed}; {_name(principal)} has {principal.role}"
            )

    def _identify(self, request: Request) -> Principal:
        directory = self._directory.current()
        secret = request.environ.get(SHARE_SECRET)
        if secret is not None:
            return self._require(lambda found: found.find_share(secret, self._directory.now()))
        if directory.is_open:
            return EVERYBODY
        credentials = read_credentials(request)
        if credentials:
            return self._require(lambda found: self._find(found, credentials))
        if self._anonymous is None:
            raise _unauthorized(_LOG_IN)
        return self._anonymous

    def _find(self, directory: Directory, credentials: Credentials) -> Principal | None:
        now = self._directory.now()
        if credentials.session:
            found = directory.find_session(credentials.session, now)
            # A browser that was signed out may still look where everybody may.
            return found or self._anonymous
        found = directory.find_token(credentials.token, now)
        if found is None and credentials.user:
            return self._find_by_password(directory, credentials.user, credentials.token)
        return found

    def _require(self, find: Callable[[Directory], Principal | None]) -> Principal:
        """Return a principal, also one that was added since the directory was read.

        Raises:
            Unauthorized: It is unknown.
        """
        found = find(self._directory.current()) or find(self._directory.read_now())
        if found is None:
            raise _unauthorized(_UNKNOWN)
        return found


def current_principal() -> Principal:
    """Return the principal of this request. It needs the context of a request."""
    principal: Principal = flask.request.environ[_PRINCIPAL]
    return principal


def _unauthorized(error: str) -> Unauthorized:
    return Unauthorized(error, www_authenticate=WWWAuthenticate("bearer", {"realm": _REALM}))


def _name(principal: Principal) -> str:
    return f"the {principal.kind} {principal.name!r}" if principal.name else "everybody"
