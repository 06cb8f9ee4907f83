"""Credentials: what a request has to show who sends it."""

from base64 import b64decode
from typing import Final, NamedTuple

from werkzeug import Request

SESSION_COOKIE: Final = "stripchart_session"

_TOKEN_SCHEMES: Final = frozenset({"bearer", "token"})
_MAX_CREDENTIAL_CHARS: Final = 4_096


class Credentials(NamedTuple):
    """Proof of who sends a request. Each part is "" if it is absent.

    Attributes:
        token: A token, from `Authorization` or InfluxDB's parameter `p`.
        user: The name beside a password, which is the token or the password of this user.
        session: The secret of a session, from the cookie.
    """

    token: str = ""
    user: str = ""
    session: str = ""

    def __bool__(self) -> bool:
        """Return True if there are any."""
        return bool(self.token or self.session)


def read_credentials(request: Request, *, takes_parameters: bool = False) -> Credentials:
    """Return the credentials of a request.

    A program names its token in one of the ways that InfluxDB's clients have: `Bearer TOKEN`,
    `Token TOKEN`, `Token USER:TOKEN`, Basic with the token as password, or the parameters `u` and
    `p`.

    Args:
        request: The request.
        takes_parameters: True if the parameters `u` and `p` count: addresses are logged.
    """
    header = request.headers.get("Authorization", "")
    if header and len(header) <= _MAX_CREDENTIAL_CHARS:
        scheme, _, rest = header.partition(" ")
        if scheme.lower() in _TOKEN_SCHEMES:
            user, colon, token = rest.strip().rpartition(":")
            # An empty token means that the program has none.
            return Credentials(token, user) if colon else Credentials(rest.strip())
        if scheme.lower() == "basic":
            user, token = _decode_basic(rest.strip())
            return Credentials(token, user)
    if takes_parameters and (password := request.args.get("p", "")):
        return Credentials(password, request.args.get("u", ""))
    return Credentials(session=request.cookies.get(SESSION_COOKIE, ""))


def _decode_basic(text: str) -> tuple[str, str]:
    """Return name and password, both "" if the text can't be decoded."""
    try:
        name, _, password = b64decode(text, validate=True).decode("utf-8").partition(":")
    except ValueError:
        return "", ""
    return name, password
