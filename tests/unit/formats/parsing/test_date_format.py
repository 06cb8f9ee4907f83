"""Formats of dates, as an operator writes them."""

import pytest

from services.errors import MalformedError
from services.formats.parsing.date_format import parse_date_format


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%d/%m/%Y", "%d/%m/%Y"),
        ("dd/mm/yyyy", "%d/%m/%Y"),
        ("DD.MM.YY HH:MM:SS", "%d.%m.%y %H:%M:%S"),
        ("mm-dd-yyyy hh:mm", "%m-%d-%Y %H:%M"),
        ("HH:mm dd/MM/yyyy", "%H:%M %d/%m/%Y"),
        ("yyyy-mm-ddThh:mm:ss.fff", "%Y-%m-%dT%H:%M:%S.%f"),
        ("d mmm yyyy", "%d %b %Y"),
    ],
)
def test_format_is_understood(text: str, expected: str) -> None:
    assert parse_date_format(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "dd/mm", "hh:mm", "%H:%M", "%d/%m", "%Q/%d/%m/%Y", "%d/%m/%Y %I:%M", "day", "C", "%Y %Z"],
)
def test_format_that_leaves_the_day_open_is_refused(text: str) -> None:
    with pytest.raises(MalformedError, match="the date format"):
        parse_date_format(text)
