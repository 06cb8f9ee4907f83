"""Formats of dates, as an operator writes them."""

from datetime import datetime

import pytest

from services.errors import MalformedError
from services.formats.parsing.table.date_format import parse_date_format, suggest_formats


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


@pytest.mark.parametrize(
    "text",
    [
        "08/02/2026", "8/2/26", "8-2-2026 15:30", "8/2/2026 3:30:00 PM", "8/2/26, 3:30pm",
        "08/02/2026 15:30:00:123", "08.02.26T15:30:00.25",
    ],
)  # fmt: skip
def test_suggested_formats_fit_the_time(text: str) -> None:
    day_first, month_first = (
        datetime.strptime(text, parse_date_format(known))  # noqa: DTZ007
        for known in suggest_formats(text)
    )
    assert (day_first.month, day_first.day) == (2, 8)
    assert (month_first.month, month_first.day) == (8, 2)
    assert day_first.time() == month_first.time()


def test_formats_are_suggested_for_any_text() -> None:
    assert suggest_formats("03/04/2026 at noon") == ("%d/%m/%Y", "%m/%d/%Y")
