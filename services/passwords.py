"""Passwords: hashed by scrypt, and checked against a hash."""

import unicodedata
from functools import cache

from werkzeug.security import check_password_hash, generate_password_hash


def hash_password(password: str) -> str:
    """Return the hash of a password. It takes about a twentieth of a second, and 32 MiB."""
    return generate_password_hash(_normalized(password), method="scrypt")


def is_password(password: str, password_hash: str | None) -> bool:
    """Return True if a password has this hash.

    Without a hash it takes as long, so that nobody learns which users exist.
    """
    if password_hash is None:
        check_password_hash(_hash_of_nobody(), _normalized(password))
        return False
    return check_password_hash(password_hash, _normalized(password))


def _normalized(password: str) -> str:
    """Return the one form of a text that keyboards send in several ways, such as é."""
    return unicodedata.normalize("NFKC", password)


@cache
def _hash_of_nobody() -> str:
    return hash_password("")
