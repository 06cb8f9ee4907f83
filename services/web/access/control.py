"""Access control: finds the principal of each request, and refuses what it may not do."""

from collections.abc import Callable
from typing import Final, Literal, NamedTuple

import flask
from werkzeug import Request
from werkzeug.exceptions import Forbidden, HTTPException, Unauthorized

from services.access import Role
from services.web.access.credentials import Credentials, read_credentials
from services.web.access.directory import AccessDirectory, Directory
from services.web.access.policy import (
    SHARE_ENDPOINTS,
    needed_role,
    restricts_itself,
    takes_parameters,
)
from services.web.access.principal import ANONYMOUS, EVERYBODY, Principal
from services.web.access.proxies import TrustedProxies
from services.web.access.request_limits import RequestLimits
from services.web.access.token_uses import TokenUses

_CHECKED: Final = "stripchart.checked"
"""Key of WSGI's environment: True for a request that was allowed, or why it was refused."""

_OUTCOME: Final = "stripchart.principal"
"""Key of WSGI's environment: the principal of the request, or why it was refused."""

SHARE_SECRET: Final = "stripchart.share"  # noqa: S105 (a key)
"""Key of WSGI's environment: the secret of the share link that the address begins with."""

_ENDED: Final = "this link has ended"
_ONLY_CHARTS: Final = "a share link only shows its charts"
_LOG_IN: Final = "log in, or send a token as Authorization: Bearer TOKEN"
_UNKNOWN: Final = "the token or password is unknown, or has ended"
_NO_USER: Final = (
    "the proxy has logged in somebody who is no user here: run `stripchart user add NAME`"
)
_SET_UP: Final = "nobody has access yet: run `stripchart user add NAME` where the server runs"

FindByPassword = Callable[[Directory, str, str, str], Principal | None]
"""Function that finds a user by name and password, for a client's address."""


class ShareLinkEndedError(Unauthorized):
    """A share link is unknown, has ended or was revoked. Nobody learns which."""

    def __init__(self) -> None:
        super().__init__(_ENDED)


class AccessRules(NamedTuple):
    """Settings about access, parsed.

    Attributes:
        anonymous_role: What everybody may do without a login, None for nothing.
        is_open_without_users: True if nobody has to log in while there are no users and tokens.
        proxies: Proxies that may have logged somebody in.
    """

    anonymous_role: Role | None = None
    is_open_without_users: bool = True
    proxies: TrustedProxies = TrustedProxies()


class AccessControl:
    """Finds the principal of each request, and refuses what it may not do.

    Args:
        directory: What gives access.
        find_by_password: Finds a user by name and password.
        rules: What the settings say.
        token_uses: Records when tokens are used.
        limits: Limits of requests.
    """

    def __init__(
        self,
        directory: AccessDirectory,
        find_by_password: FindByPassword,
        rules: AccessRules,
        token_uses: TokenUses,
        limits: RequestLimits,
    ) -> None:
        self._directory = directory
        self._find_by_password = find_by_password
        self._rules = rules
        self._token_uses = token_uses
        self._limits = limits
        role = rules.anonymous_role
        self._anonymous = None if role is None else ANONYMOUS._replace(role=role)

    def authorize(self, request: Request, endpoint: str | None) -> None:
        """Find the principal of a request, and check that it may use an endpoint.

        A request that is checked again has the same outcome.

        Raises:
            TooManyRequests: The address, user or token sends too many requests.
            Unauthorized: Somebody has to log in.
            Forbidden: The principal may not do this.
            ShareLinkEndedError: The address begins with a share link that gives no access.
            StoreUnavailableError, StoreUnusableError: The database can't be read.
        """
        outcome: Literal[True] | HTTPException | None = request.environ.get(_CHECKED)
        if outcome is None:
            outcome = True
            try:
                self._authorize(request, endpoint)
            except HTTPException as error:
                outcome = error
            request.environ[_CHECKED] = outcome
        if isinstance(outcome, HTTPException):
            raise outcome

    def _authorize(self, request: Request, endpoint: str | None) -> None:
        self._limits.count_address(self.client_address(request))
        # The page of an ended link has a style, too.
        if SHARE_SECRET in request.environ and endpoint != "static":
            self.identify(request, endpoint)
            if endpoint not in SHARE_ENDPOINTS:
                raise Forbidden(_ONLY_CHARTS)
        needed = needed_role(endpoint)
        if needed is None:
            return
        principal = self.identify(request, endpoint)
        if principal.name:
            self._limits.count_principal(principal.kind, principal.name)
        if not principal.may(needed):
            if principal.kind == "anonymous":
                raise Unauthorized(_LOG_IN)
            raise Forbidden(
                f"this needs the role {needed}; {_name(principal)} has {principal.role}"
            )
        if principal.is_restricted and not restricts_itself(endpoint):
            raise Forbidden(f"this needs access to all series; {_name(principal)} has some")

    def client_address(self, request: Request) -> str:
        """Return the address of the client, also behind a trusted proxy."""
        return self._rules.proxies.client_address(request)

    def identify(self, request: Request, endpoint: str | None) -> Principal:
        """Return the principal of a request.

        Raises:
            Unauthorized: Somebody has to log in.
            ShareLinkEndedError: The address begins with a share link that gives no access.
            StoreUnavailableError, StoreUnusableError: The database can't be read.
        """
        outcome: Principal | HTTPException | None = request.environ.get(_OUTCOME)
        if outcome is None:
            try:
                outcome = self._identify(request, takes_parameters(endpoint))
            except HTTPException as error:
                outcome = error
            request.environ[_OUTCOME] = outcome
        if isinstance(outcome, HTTPException):
            raise outcome
        return outcome

    def find_again(self, principal: Principal) -> Principal | None:
        """Return a principal as it is now, None if it has no access any more.

        Raises:
            StoreUnavailableError, StoreUnusableError: The database was never read.
        """
        directory = self._directory.current()
        if principal.kind == "everybody" and not self._rules.is_open_without_users:
            return None
        return directory.find_again(principal, self._directory.now())

    def _identify(self, request: Request, takes_parameters: bool) -> Principal:
        secret = request.environ.get(SHARE_SECRET)
        if secret is not None:
            shared = self._search(
                request, lambda found: found.find_share(secret, self._directory.now())
            )
            if shared is None:
                raise ShareLinkEndedError
            return shared
        if self._directory.current().is_open:
            if self._rules.is_open_without_users:
                return EVERYBODY
            if self._directory.read_now().is_open:
                raise Unauthorized(_SET_UP)
        if name := self._rules.proxies.user_of(request):
            return _require(
                self._search(request, lambda found: found.find_proxy_user(name)), _NO_USER
            )
        credentials = read_credentials(request, takes_parameters=takes_parameters)
        if not credentials:
            return _require(self._anonymous, _LOG_IN)
        address = self.client_address(request)
        found = self._search(request, lambda directory: self._find(directory, credentials, address))
        if found is None and credentials.session:
            # A browser that was signed out may still look where everybody may.
            return _require(self._anonymous, _LOG_IN)
        return _require(found)

    def _find(
        self, directory: Directory, credentials: Credentials, address: str
    ) -> Principal | None:
        now = self._directory.now()
        if credentials.session:
            return directory.find_session(credentials.session, now)
        found = directory.find_token(credentials.token, now)
        if found is not None:
            self._token_uses.note(directory.tokens[found.key], now)
        elif credentials.user:
            return self._find_by_password(directory, credentials.user, credentials.token, address)
        return found

    def _search(
        self, request: Request, find: Callable[[Directory], Principal | None]
    ) -> Principal | None:
        """Return a principal, also one that was added since the directory was read."""
        known = self._directory.current()
        found = find(known)
        if found is None and self._limits.may_search(self.client_address(request)):
            newest = self._directory.read_now()
            found = None if newest is known else find(newest)
        return found


def current_principal() -> Principal:
    """Return the principal of this request. It needs the context of a request.

    An endpoint that needs no login has none: it asks `AccessControl.identify`.
    """
    return principal_of(flask.request)


def principal_of(request: Request) -> Principal:
    """Return the principal of a request that was authorized. Others fail here."""
    principal: Principal = request.environ[_OUTCOME]
    return principal


def _require(principal: Principal | None, error: str = _UNKNOWN) -> Principal:
    if principal is None:
        raise Unauthorized(error)
    return principal


def _name(principal: Principal) -> str:
    return f"the {principal.kind} {principal.name!r}" if principal.name else "everybody"
