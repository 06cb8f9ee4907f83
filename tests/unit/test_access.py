"""Roles, secrets, and the rules for names."""

import pytest

from services import access
from services.access import hash_secret, includes, new_secret, new_share_id, new_token


def test_role_includes_those_below_it() -> None:
    assert includes("admin", "write")
    assert includes("write", "view")
    assert includes("view", "view")
    assert not includes("view", "write")
    assert not includes("write", "admin")


def test_secrets_have_256_bits_and_differ() -> None:
    secrets = {new_secret() for _ in range(50)}
    assert len(secrets) == 50
    assert all(len(secret) == 43 for secret in secrets)


def test_token_says_what_it_is() -> None:
    assert new_token().startswith("sct_")


def test_hash_is_sha_256_in_hexadecimal_digits() -> None:
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert hash_secret("abc") == expected
    assert access.hash_fault(expected) is None
    assert access.hash_fault(expected.upper()) is not None


def test_new_share_id_is_valid() -> None:
    assert access.share_id_fault(new_share_id()) is None


@pytest.mark.parametrize("name", ["anna", "anna.b", "anna@example.org", "Jürgen", "a" * 64])
def test_usual_name_of_a_user_is_valid(name: str) -> None:
    assert access.user_name_fault(name) is None


@pytest.mark.parametrize("name", ["", "a b", "a/b", "a:b", "<b>", "a\n", "a" * 65, ".", ".."])
def test_other_name_of_a_user_is_refused(name: str) -> None:
    assert access.user_name_fault(name) is not None


@pytest.mark.parametrize("name", ["", "  ", "a\x00b", "a" * 101])
def test_empty_or_long_name_of_a_token_is_refused(name: str) -> None:
    assert access.token_name_fault(name) is not None


@pytest.mark.parametrize(("password", "fault"), [
    ("1234567", "the password must have at least 8 characters"),
    ("12345678", None),
    ("a" * 1_025, "the password must have at most 1024 characters"),
])  # fmt: skip
def test_password_has_a_shortest_and_a_longest_length(password: str, fault: str | None) -> None:
    assert access.password_fault(password) == fault


@pytest.mark.parametrize("series", [[], [""], ["a"] * 101, ["a\x00"], [f"{n}*" for n in range(21)]])
def test_selection_that_is_empty_or_too_large_is_refused(series: list[str]) -> None:
    assert access.series_fault(series) is not None
