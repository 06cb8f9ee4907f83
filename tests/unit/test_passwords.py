"""Passwords are hashed and checked."""

import unicodedata

from services.passwords import hash_password, is_password
from tests.support.access import quick_hash


def test_password_is_right_however_a_keyboard_sends_it() -> None:
    password = "caf\u00e9 au lait"  # noqa: S105 (no real one)
    hashed = quick_hash(password)
    assert is_password(password, hashed)
    assert is_password(unicodedata.normalize("NFD", password), hashed)
    assert not is_password("cafe au lait", hashed)


def test_new_password_is_hashed_by_scrypt() -> None:
    assert hash_password("").startswith("scrypt:32768:8:1$")
