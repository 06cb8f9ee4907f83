"""Access: roles, secrets, and the rules for the names of users, tokens and shares."""

import re
import secrets
from collections.abc import Sequence
from hashlib import sha256
from typing import Final, Literal, TypeAlias, get_args

from services.errors import MalformedError
from services.pattern import check_patterns
from services.reading import MAX_NAME_CHARS, text_fault

Role: TypeAlias = Literal["view", "write", "admin"]
"""Right of a user or token: look; also publish readings; also correct them and give access."""

ROLES: Final[tuple[Role, ...]] = get_args(Role)
"""The roles. Each includes those before it."""

MAX_USER_CHARS: Final = 64
MAX_TOKEN_NAME_CHARS: Final = 100
MAX_TITLE_CHARS: Final = 200

MAX_SHARED_NAMES: Final = 100
"""Names and patterns of a share, or of a token's series."""

MIN_PASSWORD_CHARS: Final = 8
MAX_PASSWORD_CHARS: Final = 1_024
"""A longer password would only keep the server busy."""

TOKEN_PREFIX: Final = "sct_"  # noqa: S105 (no secret)
"""Start of each token, by which scanners of source code can find one that leaked."""

_SECRET_BYTES: Final = 32
_USER: Final = re.compile(r"[.@+-]*\w[\w.@+-]*")
"""Name of a user. It is a part of addresses, where . and .. have another meaning."""

_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SHARE_ID: Final = re.compile(r"[0-9a-f]{8}", re.ASCII)


def includes(role: Role, needed: Role) -> bool:
    """Return True if a role allows what another one does."""
    return ROLES.index(role) >= ROLES.index(needed)


def new_secret() -> str:
    """Return 256 random bits as text that is safe in an address."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def new_token() -> str:
    """Return the text of a new token."""
    return TOKEN_PREFIX + new_secret()


def new_share_id() -> str:
    """Return an id by which people name a share. It gives no access."""
    return secrets.token_hex(4)


def hash_secret(secret: str) -> str:
    """Return the SHA-256 of a secret, in hexadecimal digits.

    A secret of 256 random bits needs no slow hash: nobody can try them all.
    """
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def hash_fault(text: str) -> str | None:
    """Return the reason why a text is not a hash of `hash_secret`, None if it is one."""
    return None if _HASH.fullmatch(text) else "the hash must have 64 hexadecimal digits"


def share_id_fault(text: str) -> str | None:
    """Return the reason why a text is not the id of a share, None if it is one."""
    return None if _SHARE_ID.fullmatch(text) else "the id of a share has 8 hexadecimal digits"


def user_name_fault(name: str) -> str | None:
    """Return the reason why a text can't be the name of a user, None if it can."""
    if len(name) > MAX_USER_CHARS:
        return f"the name of a user must have at most {MAX_USER_CHARS} characters"
    if not _USER.fullmatch(name):
        return "the name of a user must have letters or digits; it may also have . _ @ + -"
    return None


def token_name_fault(name: str) -> str | None:
    """Return the reason why a text can't be the name of a token, None if it can."""
    if not name.strip():
        return "the name of a token must not be empty"
    return text_fault("name", name, MAX_TOKEN_NAME_CHARS)


def title_fault(title: str) -> str | None:
    """Return the reason why a text can't be the title of a share, None if it can."""
    return text_fault("title", title, MAX_TITLE_CHARS)


def password_fault(password: str) -> str | None:
    """Return the reason why a password is not accepted, None if it is."""
    if len(password) < MIN_PASSWORD_CHARS:
        return f"the password must have at least {MIN_PASSWORD_CHARS} characters"
    if len(password) > MAX_PASSWORD_CHARS:
        return f"the password must have at most {MAX_PASSWORD_CHARS} characters"
    return None


def series_fault(series: Sequence[str]) -> str | None:
    """Return the reason why names and patterns can't restrict access, None if they can."""
    if not all(series):
        return "series: a name must not be empty"
    if not series:
        return "series: give a name, or a pattern with *"
    if len(series) > MAX_SHARED_NAMES:
        return f"series: at most {MAX_SHARED_NAMES} names are allowed, not {len(series)}"
    try:
        check_patterns(series)
    except MalformedError as error:
        return str(error)
    faults = (text_fault("series", name, MAX_NAME_CHARS) for name in series)
    return next((fault for fault in faults if fault), None)
