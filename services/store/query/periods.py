"""Periods of a calendar: hours, days, weeks and months of a time zone, also where clocks change."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final, Literal, NamedTuple, TypeAlias

from services.errors import MalformedError
from services.reading import MICROSECONDS

PeriodLength: TypeAlias = Literal["hour", "day", "week", "month"]

MAX_PERIODS: Final = 10_000

_HOUR: Final = 3_600 * MICROSECONDS
_MIN_LENGTHS: Final[dict[PeriodLength, int]] = {
    "hour": _HOUR,
    "day": 22 * _HOUR,
    "week": 166 * _HOUR,
    "month": 27 * 24 * _HOUR,
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Periods(NamedTuple):
    """The periods that a range touches.

    Attributes:
        starts: Their starts in microseconds; the first one may be before the range.
        end: End of the range.
        start: Start of the range.
    """

    starts: list[int]
    start: int
    end: int

    @property
    def edges(self) -> list[int]:
        """The starts within the range, between its own start and end; its end alone if empty."""
        return [self.start, *self.starts[1:], self.end] if self.starts else [self.end]


def divide_range(start: int, end: int, per: PeriodLength, zone: tzinfo) -> Periods:
    """Return the periods of a calendar that a range touches.

    Args:
        start: Start of the range in microseconds.
        end: End of the range in microseconds; a period that begins there is left out.
        per: Length of a period. Weeks begin on Monday.
        zone: The time zone of the calendar.

    Raises:
        MalformedError: The range is empty, has too many periods, or is beyond the calendar.
    """
    if end <= start:
        raise MalformedError("from must be before to")
    if (end - start) // _MIN_LENGTHS[per] >= MAX_PERIODS:
        raise MalformedError(
            f"more than {MAX_PERIODS:,} periods: ask for a shorter range, or longer periods"
        )
    try:
        starts = list(_hours(start, end, zone) if per == "hour" else _days(start, end, per, zone))
    except (OverflowError, ValueError):
        raise MalformedError(
            "the range is beyond the calendar: it has the years 1 to 9999"
        ) from None
    return Periods(starts, start, end)


def _hours(start: int, end: int, zone: tzinfo) -> Iterator[int]:
    """Yield the starts of hours. In a zone whose clocks change by half an hour, one is longer."""
    hour = start - _past_hour(start, zone)
    while hour < end:
        yield hour
        hour += _HOUR
        past = _past_hour(hour, zone)
        if past:
            hour += _HOUR - past


def _past_hour(ts: int, zone: tzinfo) -> int:
    """Return the time since the local clock showed a full hour, in microseconds."""
    local = _to_local(ts, zone)
    return (local.minute * 60 + local.second) * MICROSECONDS + local.microsecond


def _days(start: int, end: int, per: PeriodLength, zone: tzinfo) -> Iterator[int]:
    day = _FIRST_DAYS[per](_to_local(start, zone).date())
    last = None
    # A midnight that the clocks skip becomes the moment at which they change.
    while (ts := _midnight(day, zone)) < end:
        # A zone that moved across the date line had a day without hours.
        if ts != last:
            yield ts
        last = ts
        day = _FIRST_DAYS[per](day + _STEPS[per])


def _midnight(day: date, zone: tzinfo) -> int:
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return (midnight.astimezone(UTC) - _EPOCH) // _MICROSECOND


def _to_local(ts: int, zone: tzinfo) -> datetime:
    return (_EPOCH + timedelta(microseconds=ts)).astimezone(zone)


_FIRST_DAYS: Final[dict[PeriodLength, Callable[[date], date]]] = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
}

_STEPS: Final[dict[PeriodLength, timedelta]] = {
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=31),
}
