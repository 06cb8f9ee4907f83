"""Numbers with units, and words for states."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import MalformedError
from services.formats.parsing.quantities import (
    STATE_PAIRS,
    DoubtfulNumberError,
    parse_quantity,
    parse_state,
)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("22", 22.0, None),
        ("021.5", 21.5, None),
        (" -0.5\t", -0.5, None),
        ("+3.", 3.0, None),
        (".5", 0.5, None),
        ("1.5e-3", 0.0015, None),
        ("\N{MINUS SIGN}7", -7.0, None),
        ("21.5 °C", 21.5, "°C"),
        ("21.5°C", 21.5, "°C"),
        ("21.5\N{NO-BREAK SPACE}°C", 21.5, "°C"),
        ("45 %", 45.0, "%"),
        ("45%", 45.0, "%"),
        ("5 A", 5.0, "A"),
        ("0.5A", 0.5, "A"),
        ("230V", 230.0, "V"),
        ("12 \N{GREEK SMALL LETTER MU}g/m³", 12.0, "µg/m³"),
        ("1013 hPa", 1013.0, "hPa"),
    ],
)
def test_number_with_a_known_unit_is_read(text: str, value: float, unit: str | None) -> None:
    assert parse_quantity(text) == (value, unit)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1,234.5", "separators"),
        ("21,5", "separators"),
        ("21,5 °C", "separators"),
        ("1_000", "separators"),
        ("1 234", "separators"),
        ("1'234", "separators"),
        ("1\N{NO-BREAK SPACE}234,5", "separators"),
        ("1\N{NARROW NO-BREAK SPACE}234", "separators"),
        ("1\N{RIGHT SINGLE QUOTATION MARK}234", "separators"),
        ("nan", "finite"),
        ("-Infinity", "finite"),
        ("1e999", "finite"),
        ("5A", "needs a space"),
        ("1E3C", "needs a space"),
        ("10K", "needs a space"),
        ("4G", "unknown unit G"),
        ("5 apples", "unknown unit apples"),
        ("0x1F", "not a number"),
        ("1.2.3", "not a number"),
        ("v1.2", "not a number"),
        ("192.168.1.1", "not a number"),
        ("2026-08-02", "not a number"),
        ("2026-08-02T10:00:00Z", "not a number"),
        ("12:30", "not a number"),
        ("1/2", "not a number"),
        ("10-20", "not a number"),
        ("Error 5", "not a number"),
        ("", "not a number"),
        ("-", "not a number"),
        ("٣", "not a number"),
        ("9" * 500, "not a number"),
    ],
)
def test_other_text_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(MalformedError, match=reason):
        parse_quantity(text)


def test_expected_unit_is_known_in_all_its_spellings() -> None:
    assert parse_quantity("5 apples", "apples").value == 5
    assert parse_quantity("21.5 C", "°C").value == 21.5
    assert parse_quantity("21.5", "°C") == (21.5, None)


@pytest.mark.parametrize("text", ["70 °F", "70 F", "21500 m°C", "70 %"])
def test_other_unit_than_expected_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_quantity(text, "°C")
    with pytest.raises(DoubtfulNumberError, match="has the unit °F, not °C"):
        parse_quantity("70 °F", "°C")


def test_words_of_states_are_one_and_zero() -> None:
    for one, zero in STATE_PAIRS:
        for spelling in (str.lower, str.upper, str.title):
            assert (parse_state(spelling(one)), parse_state(spelling(zero))) == (1.0, 0.0)
    for other in ("", "opening", "unavailable", "high", "clear", "of", "on off", "o" * 1_000_000):
        assert parse_state(other) is None


@given(st.text())
def test_any_text_is_a_finite_number_or_refused(text: str) -> None:
    parse_state(text)
    try:
        quantity = parse_quantity(text)
    except MalformedError:
        return
    assert math.isfinite(quantity.value)
