"""Patterns with `*`, in Python and in SQLite."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import MalformedError
from services.pattern import (
    MAX_PATTERN_CHARS,
    MAX_PATTERNS,
    SeriesFilter,
    check_patterns,
    is_pattern,
    matches,
    to_glob,
)

TEXTS = st.text("ab*?[]!\\\n", max_size=8)


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("cpu", "cpu", True),
        ("cpu", "cpu2", False),
        ("cpu.*", "cpu.load", True),
        ("cpu.*", "cpu", False),
        ("*load*", "cpu.load.1min", True),
        ("*", "two\nlines", True),
        ("a?c", "abc", False),
        ("[ab]", "a", False),
        ("[ab]*", "[ab]c", True),
    ],
)
def test_pattern_matches_whole_name(pattern: str, name: str, expected: bool) -> None:
    assert matches(pattern, name) is expected
    assert (name in SeriesFilter([pattern])) is expected


@given(TEXTS, TEXTS)
def test_glob_matches_same_names_as_python(pattern: str, name: str) -> None:
    with sqlite3.connect(":memory:") as database:
        (found,) = database.execute("SELECT ? GLOB ?", (name, to_glob(pattern))).fetchone()
    database.close()
    assert bool(found) is matches(pattern, name)


def test_text_with_wildcard_is_pattern() -> None:
    assert is_pattern("cpu.*")
    assert not is_pattern("cpu?")


def test_empty_filter_selects_every_series() -> None:
    assert "anything" in SeriesFilter([])


def test_filter_selects_names_and_patterns() -> None:
    selected = SeriesFilter(["door", "cpu.*"])
    assert [name in selected for name in ("door", "cpu.1", "doors")] == [True, True, False]


def test_part_of_a_name_is_not_used_twice() -> None:
    assert not matches("ab*ba", "aba")
    assert not matches("a*a*a", "aa")
    assert matches("ab*ba", "abba")


def test_pattern_of_many_wildcards_takes_little_time() -> None:
    # An expression that tries each place for each part would never end.
    pattern = "*a" * (MAX_PATTERN_CHARS // 2 - 1) + "*b"
    check_patterns([pattern])
    selected = SeriesFilter([pattern])
    assert not any("a" * 1_024 in selected for _ in range(100))
    with sqlite3.connect(":memory:") as database:
        (found,) = database.execute("SELECT ? GLOB ?", ("a" * 1_024, to_glob(pattern))).fetchone()
    database.close()
    assert not found


def test_many_plain_names_are_accepted() -> None:
    check_patterns([f"s{number}" for number in range(1_000)])
    check_patterns([f"s{number}*" for number in range(MAX_PATTERNS)] * 2)


@pytest.mark.parametrize(
    ("patterns", "error"),
    [
        ([f"s{number}*" for number in range(MAX_PATTERNS + 1)], "at most 20 patterns"),
        (["*" * (MAX_PATTERN_CHARS + 1)], "at most 256 characters"),
    ],
)
def test_pattern_beyond_a_bound_is_refused(patterns: list[str], error: str) -> None:
    with pytest.raises(MalformedError, match=error):
        check_patterns(patterns)
