"""The documents of the API about access: people and tokens.

The docstrings and descriptions are part of the API's description.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from services.access import (
    MAX_PASSWORD_CHARS,
    MAX_TOKEN_NAME_CHARS,
    MAX_USER_CHARS,
    MIN_PASSWORD_CHARS,
    Role,
)
from services.formats.durations import NEVER
from services.web.http.schemas import Name, Seconds

UserName = Annotated[str, Meta(min_length=1, max_length=MAX_USER_CHARS)]
TokenName = Annotated[str, Meta(min_length=1, max_length=MAX_TOKEN_NAME_CHARS)]
NewPassword = Annotated[str, Meta(min_length=MIN_PASSWORD_CHARS, max_length=MAX_PASSWORD_CHARS)]


class Me(Struct):
    """Sender of this request, with their rights.

    `kind` is how that was found: `everybody` (nobody has to log in), `anonymous` (nobody has logged
    in, but everybody may look), `user` (a session), `password`, `token`, `share`, or `proxy`.
    `series` are the names and patterns of the series that they may use, null for all. `exposed` is
    true if nobody has to log in, although other machines can reach the server.
    """

    kind: str
    name: str
    role: Role
    series: list[str] | None
    login_required: bool
    exposed: bool


class PasswordChange(Struct, forbid_unknown_fields=True):
    """A new password, and the one before it."""

    old: Annotated[str, Meta(max_length=MAX_PASSWORD_CHARS)]
    new: NewPassword


class UserItem(Struct):
    """A user. `sessions` is the number of browsers in which the user is logged in."""

    name: UserName
    role: Role
    created: Seconds
    sessions: int


class UserList(Struct):
    """Every user, by name."""

    users: list[UserItem]


class NewUser(Struct, forbid_unknown_fields=True):
    """A user to add. The name has letters, digits, and any of `. _ @ + -`."""

    name: UserName
    password: NewPassword
    role: Role = "view"


class UserChange(Struct, forbid_unknown_fields=True):
    """Changes to a user: one or both of these. A new password signs the user out everywhere."""

    role: Role | UnsetType = UNSET
    password: NewPassword | UnsetType = UNSET


class TokenItem(Struct):
    """A token. `used` is when it was last used, to about ten minutes; null if it never was."""

    name: TokenName
    scope: Role
    series: list[Name] | None
    created: Seconds
    expires: Seconds | None
    used: Seconds | None


class TokenList(Struct):
    """Every token, by name."""

    tokens: list[TokenItem]


class NewToken(Struct, forbid_unknown_fields=True):
    """A token to make."""

    name: TokenName
    scope: Role
    expires: Annotated[
        str, Meta(description="Time after which it ends, such as 90d, or never", max_length=50)
    ] = NEVER
    series: Annotated[
        list[Name] | None,
        Meta(description="Names, or patterns with *, of the series it is for; null for all"),
    ] = None


class TokenMade(Struct):
    """A new token. The text `token` is shown only here: the server keeps its hash."""

    ok: Literal[True]
    name: TokenName
    token: str


class NamedOnce(Struct):
    """Confirmation of a change to the user or token of this name."""

    ok: Literal[True]
    name: str
