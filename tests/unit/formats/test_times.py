"""Times as people write them in a URL, and the names of time zones."""

import zoneinfo
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import MalformedError
from services.formats.times import parse_time, parse_zone
from services.reading import MICROSECONDS

NOW = 1_795_342_272_123_456
SECOND = 1_795_342_272 * MICROSECONDS


@pytest.mark.parametrize(
    ("text", "ts"),
    [
        ("now", NOW),
        ("-90s", NOW - 90 * MICROSECONDS),
        ("-15m", NOW - 900 * MICROSECONDS),
        ("-2h", NOW - 7_200 * MICROSECONDS),
        ("-1d", NOW - 86_400 * MICROSECONDS),
        ("-1w", NOW - 604_800 * MICROSECONDS),
        ("1795342272", SECOND),
        ("1795342272.5", SECOND + 500_000),
        ("1795342272.123456", SECOND + 123_456),
        ("0", 0),
        ("-1", -MICROSECONDS),
        ("2026-11-22T10:11:12Z", SECOND),
        ("2026-11-22T10:11:12", SECOND),
        ("2026-11-22", SECOND - 36_672 * MICROSECONDS),
        ("2026-11-22T11:11:12+01:00", SECOND),
        # A plus sign that was not escaped arrives as a space.
        ("2026-11-22T11:11:12 01:00", SECOND),
        ("2026-11-22 10:11:12", SECOND),
    ],
)
def test_time_is_parsed(text: str, ts: int) -> None:
    assert parse_time(text, NOW) == ts


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "soon", "NOW", "15m", "-15x", "-m", "-1.5h", "--1s", "+1", "1e9", "nan", "inf",
        "-9999999999s", "2026-11-31", "2026-11-22T10:11:12Zulu", "٣", "-٣m", "1\n", "\ud800",
    ],
)  # fmt: skip
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(MalformedError, match="is not a time"):
        parse_time(text, NOW)


@given(st.text())
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        assert isinstance(parse_time(text, NOW), int)
    except MalformedError:
        return


@pytest.mark.parametrize("text", ["-999999999w", "-999999999d"])
def test_relative_time_before_1970_becomes_1970(text: str) -> None:
    assert parse_time(text, 1_763_793_600_000_000) == 0


@pytest.fixture
def system_without_zones() -> Iterator[None]:
    """Hide the time zones of the system, which slim images do not have."""
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath()
    zoneinfo.ZoneInfo.clear_cache()


@pytest.mark.usefixtures("system_without_zones")
@pytest.mark.parametrize(
    ("name", "hours"), [("Europe/Berlin", 2), ("America/New_York", -4), ("Asia/Tokyo", 9)]
)
def test_zone_is_found_on_system_without_zones(name: str, hours: int) -> None:
    summer = datetime(2026, 7, 1, tzinfo=parse_zone(name))

    assert summer.utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "\0"])
def test_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(MalformedError, match="no time zone is named"):
        parse_zone(name)
