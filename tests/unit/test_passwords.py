"""Passwords are hashed and checked."""

import hashlib
import unicodedata
from typing import Any

import pytest

from services.passwords import hash_password, is_password
from tests.support.access import quick_hash


def test_password_is_right_however_a_keyboard_sends_it() -> None:
    password = "caf\u00e9 au lait"  # noqa: S105 (no real one)
    hashed = quick_hash(password)
    assert is_password(password, hashed)
    assert is_password(unicodedata.normalize("NFD", password), hashed)
    assert not is_password("cafe au lait", hashed)


def test_unknown_user_takes_as_long_as_a_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    costs: list[tuple[int, int, int]] = []
    scrypt = hashlib.scrypt

    def count(password: bytes, **options: Any) -> bytes:
        costs.append((options["n"], options["r"], options["p"]))
        return scrypt(password, **options)

    hashed = hash_password("correct horse")
    assert not is_password("wrong", None)  # The first time takes longer.
    monkeypatch.setattr(hashlib, "scrypt", count)
    assert not is_password("wrong", hashed)
    assert not is_password("wrong", None)
    assert costs == [(32_768, 8, 1)] * 2


def test_new_password_is_hashed_by_scrypt() -> None:
    assert hash_password("").startswith("scrypt:32768:8:1$")
