"""Retention rules: how they are written, and which one applies."""

import pytest

from services.retention_policy import (
    RetentionPolicy,
    RetentionRule,
    format_retention_rules,
    format_size,
    parse_retention_rules,
    parse_size,
)

DAY_SECONDS = 86_400


def policy(text: str) -> RetentionPolicy:
    return RetentionPolicy(parse_retention_rules(text))


def test_rules_are_parsed() -> None:
    assert parse_retention_rules(" raw=90d,cpu.*:1min = 2y, a:b=c:raw=12h ") == (
        RetentionRule("*", "raw", 90 * DAY_SECONDS),
        RetentionRule("cpu.*", "1min", 2 * 31_557_600),
        RetentionRule("a:b=c", "raw", 12 * 3_600),
    )
    assert parse_retention_rules("cpu.*:raw=2GB, 5s = 500 mb") == (
        RetentionRule("cpu.*", "raw", max_bytes=2 * 10**9),
        RetentionRule("*", "5s", max_bytes=500 * 10**6),
    )
    assert parse_retention_rules("") == ()


@pytest.mark.parametrize(
    "text", ["raw", "raw=", "raw=0d", "raw=5", "raw=0GB", "2min=5d", "=5d", "raw=5d=6"]
)
def test_invalid_rule_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must"):
        parse_retention_rules(text)


@pytest.mark.parametrize(
    ("text", "formatted"),
    [
        ("raw=90d, *:5s=2000MB", "raw=90d,5s=2GB"),
        ("cpu.*:raw=7d", "cpu.*:raw=1w"),
        ("a=b:4h=25h", "a=b:4h=25h"),
        ("raw=999999999999999B", "raw=999999999999999B"),
    ],
)
def test_rules_are_formatted_in_largest_whole_unit(text: str, formatted: str) -> None:
    rules = parse_retention_rules(text)
    assert format_retention_rules(rules) == formatted
    assert parse_retention_rules(formatted) == rules


@pytest.mark.parametrize(
    ("text", "size_bytes", "formatted"),
    [
        ("", 0, ""),
        ("500", 500, "500B"),
        ("70B", 70, "70B"),
        ("500MB", 500 * 10**6, "500MB"),
        ("10 gb", 10 * 10**9, "10GB"),
        ("1TB", 10**12, "1TB"),
    ],
)
def test_size_is_parsed_and_formatted(text: str, size_bytes: int, formatted: str) -> None:
    assert parse_size(text) == size_bytes
    assert format_size(size_bytes) == formatted


def test_invalid_size_is_refused() -> None:
    with pytest.raises(ValueError, match="10GB"):
        parse_size("much")


def test_last_rule_about_age_applies() -> None:
    rules = policy("raw=90d, cpu.*:raw=7d, cpu.*:raw=1GB, cpu.0:raw=2d")
    ages = [rules.max_age_seconds(name, "raw") for name in ("a", "cpu.1", "cpu.0")]
    assert ages == [90 * DAY_SECONDS, 7 * DAY_SECONDS, 2 * DAY_SECONDS]
    assert rules.max_age_seconds("a", "5s") == 0


def test_last_rule_about_size_applies() -> None:
    rules = policy("raw=2GB, cpu.*:raw=1GB, cpu.*:raw=7d")
    assert rules.find_size_rule("a", "raw") == RetentionRule("*", "raw", max_bytes=2 * 10**9)
    assert rules.find_size_rule("cpu.1", "raw") == RetentionRule("cpu.*", "raw", max_bytes=10**9)
    assert rules.find_size_rule("a", "5s") is None


def test_table_without_rule_has_none() -> None:
    rules = policy("cpu.*:raw=7d, 5s=1GB")
    tables = [("cpu.1", "raw"), ("a", "5s"), ("a", "raw"), ("cpu.1", "4h")]
    assert [rules.has_rule(*table) for table in tables] == [True, True, False, False]
