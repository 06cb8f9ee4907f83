"""Rules for names, units, values and times, and the conversion of times."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.reading import (
    MAX_AHEAD_MICROSECONDS,
    MAX_NAME_CHARS,
    MAX_UNIT_CHARS,
    MICROSECONDS,
    series_fault,
    ts_fault,
    ts_from_iso8601,
    ts_from_seconds,
    ts_to_seconds,
    unit_fault,
    value_fault,
)

NOW = 1_795_342_272_000_000


@pytest.mark.parametrize(
    "name",
    ["a", "kitchen", "Küche", "室温", "a b", "-", "*", "a" * MAX_NAME_CHARS, "🌡", '"', "\\", "'"],
)
def test_any_text_is_valid_name(name: str) -> None:
    assert series_fault(name) is None


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "empty"),
        ("a" * (MAX_NAME_CHARS + 1), "at most 1024"),
        ("a\nb", "control"),
        ("\x00", "control"),
        ("\x7f", "control"),
        ("\x85", "control"),
        ("\x9f", "control"),
        ("\ud800", "control"),
        ("a\udfff", "control"),
        (None, "string"),
        (1, "string"),
        (b"a", "string"),
        (["a"], "string"),
    ],
)
def test_invalid_name_is_refused(name: object, reason: str) -> None:
    assert reason in (series_fault(name) or "")


@pytest.mark.parametrize("unit", [None, "", "°C", "m/s²", "u" * MAX_UNIT_CHARS])
def test_text_or_none_is_valid_unit(unit: object) -> None:
    assert unit_fault(unit) is None


@pytest.mark.parametrize(
    ("unit", "reason"),
    [
        ("u" * (MAX_UNIT_CHARS + 1), "at most 50"),
        ("a\tb", "control"),
        ("\udc00", "control"),
        (1, "string"),
    ],
)
def test_invalid_unit_is_refused(unit: object, reason: str) -> None:
    assert reason in (unit_fault(unit) or "")


@pytest.mark.parametrize("value", [0, -0.0, 1, -1.5, 1e308, 5e-324, 10**308, 2**53 + 1])
def test_finite_number_is_valid_value(value: object) -> None:
    assert value_fault(value) is None


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (True, "must be a number"),
        (False, "must be a number"),
        (None, "must be a number"),
        ("1", "must be a number"),
        ([1], "must be a number"),
        (math.nan, "finite"),
        (math.inf, "finite"),
        (-math.inf, "finite"),
        (10**400, "finite"),
        (-(10**400), "finite"),
    ],
)
def test_other_value_is_refused(value: object, reason: str) -> None:
    assert reason in (value_fault(value) or "")


@pytest.mark.parametrize("ts", [0, 1, NOW, NOW + MAX_AHEAD_MICROSECONDS])
def test_time_from_1970_to_ten_minutes_ahead_is_valid(ts: int) -> None:
    assert ts_fault(ts, NOW) is None


@pytest.mark.parametrize(
    ("ts", "reason"),
    [(-1, "before 1970"), (NOW + MAX_AHEAD_MICROSECONDS + 1, "ahead"), (NOW * 1000, "seconds?")],
)
def test_other_time_is_refused(ts: int, reason: str) -> None:
    assert reason in (ts_fault(ts, NOW) or "")


@pytest.mark.parametrize("seconds", [math.nan, math.inf, -math.inf])
def test_infinite_seconds_are_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match=r"finite|NaN"):
        ts_from_seconds(seconds)


@given(st.integers(0, 2**33 * MICROSECONDS - 1))
@example(4_489_628_261_237_099)
def test_time_in_seconds_keeps_microsecond_until_2242(ts: int) -> None:
    assert ts_from_seconds(ts_to_seconds(ts)) == ts


@pytest.mark.parametrize(
    ("text", "ts"),
    [
        ("1970-01-01", 0),
        ("1970-01-01T00:00:00.000001Z", 1),
        ("2026-11-22T10:11:12", NOW),
        ("2026-11-22T10:11:12Z", NOW),
        ("2026-11-22 11:11:12+01:00", NOW),
        ("2026-11-22T10:11:12.5", NOW + 500_000),
        ("1969-12-31T23:59:59Z", -MICROSECONDS),
        ("0001-01-01T00:00:00+14:00", -62_135_647_200 * MICROSECONDS),
    ],
)
def test_iso8601_is_converted(text: str, ts: int) -> None:
    assert ts_from_iso8601(text) == ts


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "10:11:12", "2026-11-22T25:00"])
def test_other_text_than_iso8601_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        ts_from_iso8601(text)
