"""Bytes and durations for people."""

import pytest

from services.units import format_bytes, format_duration


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0.0 MB"),
        (999_999, "1.0 MB"),
        (64 * 1024 * 1024, "67.1 MB"),
        (1_500_000_000, "1.5 GB"),
        (2e12, "2.0 TB"),
        (2.5e15, "2,500.0 TB"),
    ],
)
def test_bytes_have_largest_fitting_unit(size_bytes: float, text: str) -> None:
    assert format_bytes(size_bytes) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 seconds"),
        (119, "119 seconds"),
        (120, "2 minutes"),
        (7_200, "2 hours"),
        (2 * 86_400, "2 days"),
        (61 * 86_400, "2 months"),
        (730 * 86_400, "2 years"),
        (36_500 * 86_400, "100 years"),
    ],
)
def test_duration_has_largest_unit_of_which_there_are_two(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text
