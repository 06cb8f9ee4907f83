"""Durations as people write them."""

import pytest

from services.errors import MalformedError
from services.formats.durations import parse_duration, parse_end


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("3s", 3), ("15m", 900), ("1.5h", 5_400), ("2d", 172_800), ("1w", 604_800), (" 500ms ", 0.5)],
)
def test_number_with_a_unit_is_a_duration(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "-3s", "3 s", "3y", "1e3s", "٣s", "9999999999s"])
def test_other_text_is_no_duration(text: str) -> None:
    with pytest.raises(MalformedError, match="is not a duration"):
        parse_duration(text)


def test_end_is_after_now_or_never() -> None:
    assert parse_end("2s", 1_000_000) == 3_000_000
    assert parse_end("never", 1_000_000) is None


def test_end_that_is_now_is_refused() -> None:
    with pytest.raises(MalformedError, match="longer than 0 s"):
        parse_end("0s", 5)
