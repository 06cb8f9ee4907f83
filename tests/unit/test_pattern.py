"""Patterns with `*`, in Python and in SQLite."""

import sqlite3
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pattern import SeriesFilter, is_pattern, matches, to_glob

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


def test_many_names_leave_bounded_cache() -> None:
    selected = SeriesFilter(["a*"], max_cached=10)
    tracemalloc.start()
    for number in range(10_000):
        assert f"a{number}" in selected
    size_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size_bytes < 10_000


def test_full_cache_is_emptied_and_results_stay_right() -> None:
    selected = SeriesFilter(["a*"], max_cached=2)
    for _ in range(2):
        assert [f"a{n}" in selected for n in range(5)] == [True] * 5
        assert [f"b{n}" in selected for n in range(5)] == [False] * 5
