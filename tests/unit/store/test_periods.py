"""Hours, days, weeks and months of a time zone."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import MalformedError
from services.reading import MICROSECONDS
from services.store import PeriodLength, divide_range

BERLIN = ZoneInfo("Europe/Berlin")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Africa/Cairo"]


def ts(text: str, zone: ZoneInfo = BERLIN) -> int:
    moment = datetime.fromisoformat(text).replace(tzinfo=zone)
    return (moment.astimezone(UTC) - EPOCH) // timedelta(microseconds=1)


def local_starts(start: str, end: str, per: PeriodLength, zone: ZoneInfo = BERLIN) -> list[str]:
    starts = divide_range(ts(start, zone), ts(end, zone), per, zone).starts
    return [
        (EPOCH + timedelta(microseconds=one)).astimezone(zone).strftime("%m-%d %H:%M%z")
        for one in starts
    ]


def test_days_begin_at_local_midnight_when_clocks_change() -> None:
    assert local_starts("2026-10-24", "2026-10-27", "day") == [
        "10-24 00:00+0200",
        "10-25 00:00+0200",
        "10-26 00:00+0100",
    ]


def test_day_of_the_change_has_25_hours() -> None:
    periods = divide_range(ts("2026-10-25"), ts("2026-10-26"), "hour", BERLIN)
    assert len(periods.starts) == 25
    periods = divide_range(ts("2026-03-29"), ts("2026-03-30"), "hour", BERLIN)
    assert len(periods.starts) == 23


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    assert local_starts("2026-11-25", "2026-12-08", "week") == [
        "11-23 00:00+0100",
        "11-30 00:00+0100",
        "12-07 00:00+0100",
    ]
    assert local_starts("2026-01-31", "2026-03-02", "month") == [
        "01-01 00:00+0100",
        "02-01 00:00+0100",
        "03-01 00:00+0100",
    ]


def test_clocks_that_change_by_half_an_hour_make_a_longer_hour() -> None:
    zone = ZoneInfo("Australia/Lord_Howe")
    starts = local_starts("2026-04-05T00:00", "2026-04-05T04:00", "hour", zone)
    assert starts[1] == "04-05 01:00+1100"
    assert starts[2] == "04-05 02:00+1030"


def test_midnight_that_clocks_skip_begins_with_the_change() -> None:
    zone = ZoneInfo("Africa/Cairo")
    assert local_starts("2026-04-23", "2026-04-26", "day", zone) == [
        "04-23 00:00+0200",
        "04-24 01:00+0300",
        "04-25 00:00+0300",
    ]


def test_day_that_a_zone_skipped_has_no_period() -> None:
    zone = ZoneInfo("Pacific/Apia")
    starts = local_starts("2011-12-29", "2012-01-01", "day", zone)
    assert [start[:5] for start in starts] == ["12-29", "12-31"]


@given(
    start=st.integers(0, 4_000_000_000),
    length=st.integers(1, 40 * 86_400),
    per=st.sampled_from(["hour", "day", "week", "month"]),
    name=st.sampled_from(ZONES),
)
def test_any_range_is_divided_without_gap_or_overlap(
    start: int, length: int, per: PeriodLength, name: str
) -> None:
    first, last = start * MICROSECONDS, (start + length) * MICROSECONDS
    periods = divide_range(first, last, per, ZoneInfo(name))
    assert periods.starts[0] <= first
    assert (periods.edges[0], periods.edges[-1]) == (first, last)
    assert all(one < other for one, other in pairwise(periods.edges))
    assert len(periods.edges) == len(periods.starts) + 1


@pytest.mark.parametrize(("start", "end"), [(5, 5), (6, 5), (0, 2**60), (2**61, 2**61 + 5)])
def test_range_that_has_no_or_too_many_periods_is_refused(start: int, end: int) -> None:
    with pytest.raises(MalformedError):
        divide_range(start, end, "hour", UTC)
