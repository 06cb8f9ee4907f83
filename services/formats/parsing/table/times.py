"""Times in a table: ISO 8601, day.month.year, and Unix times.

A time that can be read in two ways is refused.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Final, NamedTuple

from services.errors import MalformedError
from services.formats.parsing.table.date_format import parse_date_format, suggest_formats
from services.formats.parsing.table.options import TableOptions
from services.formats.parsing.table.unix_times import (
    MIN_FILE_TS,
    UnixTimes,
    expand_exponent,
    old_time_error,
)
from services.reading import MICROSECONDS, ts_fault

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 (compared with other times without a zone)
_MAX_ZONE_HOURS: Final = 18
_MINUTES: Final = 60

# The usual forms, which the standard library reads exactly as they are meant.
_PLAIN = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{3}|\.\d{6})?(?:Z|[+-](?:0\d|1[0-4]):\d\d)?", re.ASCII
)
_TIME = re.compile(
    r"""
    (?: (?P<year>\d{4})(?P<sep>[-/.])(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})
      | (?P<year2>\d{4})(?P<month2>\d\d)(?P<day2>\d\d)
      | (?P<day3>\d{1,2})\.(?P<month3>\d{1,2})\.(?P<year3>\d{4})
      | (?P<week>\d{4}-?W\d\d(?:-?\d)?)
    )
    (?: (?:T|,?\ +|(?<=\d{8})(?=\d{4}))
        (?: (?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?
          | (?P<hour2>\d\d)(?P<minute2>\d\d)(?:(?P<second2>\d\d)(?:[.,](?P<fraction2>\d+))?)?
        )
        \ *(?P<zone>Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?
    )?
    """,
    re.ASCII | re.VERBOSE | re.IGNORECASE,
)
_DAY_AND_MONTH = re.compile(
    r"\d{1,2}([-/])\d{1,2}\1(?:\d{4}|\d\d)\b|\d{1,2}(\.)\d{1,2}\.\d\d(?!\d)"
)
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d*)?", re.ASCII)
_COMPACT_LENGTHS: Final = frozenset({8, 12, 14})
"""Numbers of digits of YYYYMMDD, with hhmm and with hhmmss."""


class TimeHint(NamedTuple):
    """Statements of a header about the times below it.

    Attributes:
        zone: Zone of times that state none.
        scale: Unit of Unix times: "s", "ms", "us" or "ns".
        date_format: Format for `datetime.strptime`.
    """

    zone: tzinfo | None = None
    scale: str | None = None
    date_format: str | None = None


class TableTimes:
    """Parses the times of one table. All of them must have the same kind.

    Args:
        options: What the operator says about the times.
        hint: What the header says about them.

    Raises:
        MalformedError: The format of the dates is not understood.
    """

    def __init__(self, options: TableOptions, hint: TimeHint = TimeHint()) -> None:  # noqa: B008
        named = options.date_format and parse_date_format(options.date_format)
        self._format = named or hint.date_format
        self._zone = hint.zone or options.timezone
        self._is_zone_named = hint.zone is not None
        self._is_file = options.is_file
        self._min_ts = MIN_FILE_TS if options.is_file and not options.allow_old else 0
        self._numbers = UnixTimes(options, hint.scale, self._min_ts)
        self._has_texts = False
        self._has_times_without_zone = False
        self._last: tuple[str | None, int] = (None, 0)

    @property
    def notes(self) -> list[str]:
        """Notes about the meaning of the text."""
        notes = self._numbers.notes
        if self._has_times_without_zone:
            how = ", as the header says" if self._is_zone_named else ""
            notes.append(f"times without a zone are in {zone_name(self._zone)}{how}")
        return notes

    def parse(self, text: str, arrival_ts: int) -> int:
        """Parse a time.

        Args:
            text: The time, not empty.
            arrival_ts: Current time in microseconds.

        Returns:
            Microseconds since 1970-01-01 UTC.

        Raises:
            MalformedError: The text is not a time, has several meanings, or is too early or late.
        """
        if text == self._last[0]:
            return self._last[1]
        ts = self._parse_plain(text)
        if ts is None:
            ts = self._parse(text.strip(), arrival_ts)
        if not self._min_ts <= ts <= arrival_ts:
            self._check(text.strip(), ts, arrival_ts)
        self._last = (text, ts)
        return ts

    def _parse_plain(self, text: str) -> int | None:
        """Parse a time in a usual form, with a zone or in UTC. Return None for any other text."""
        if (
            not _PLAIN.fullmatch(text)
            or self._format is not None
            or self._numbers.scale is not None
        ):
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise MalformedError(f"time can't be read: {error}") from error
        self._has_texts = True
        if moment.tzinfo is None:
            return self._from_local(moment)
        return _microseconds(moment - _EPOCH)

    def _parse(self, text: str, arrival_ts: int) -> int:
        if self._format is not None:
            return self._parse_format(text, self._format)
        text = expand_exponent(text)
        if _NUMBER.fullmatch(text) and not self._is_compact(text):
            if self._has_texts and self._is_file:
                raise MalformedError(
                    f"the time {text:.30} is a number, but those before it are texts"
                )
            return self._numbers.parse(text, arrival_ts)
        if self._numbers.scale is not None and self._is_file:
            raise MalformedError(f"the time {text:.30} is no number, but those before it are")
        ts = self._parse_text(text)
        self._has_texts = True
        return ts

    def _is_compact(self, text: str) -> bool:
        """Return True for digits such as 20260802, unless the times are numbers."""
        if len(text) not in _COMPACT_LENGTHS or not text.isdigit() or self._numbers.scale:
            return False
        try:
            date(int(text[:4]), int(text[4:6]), int(text[6:8]))
        except ValueError:
            return False
        return text[:2] in {"19", "20"}

    def _parse_text(self, text: str) -> int:
        match = _TIME.fullmatch(text)
        if match is None:
            raise _unreadable(text)
        part = match.groupdict(default="")
        fraction = part["fraction"] or part["fraction2"]
        try:
            day = (
                date.fromisoformat(part["week"].upper())
                if part["week"]
                else date(
                    int(part["year"] or part["year2"] or part["year3"]),
                    int(part["month"] or part["month2"] or part["month3"]),
                    int(part["day"] or part["day2"] or part["day3"]),
                )
            )
            moment = datetime(  # noqa: DTZ001 (its zone is added below)
                day.year,
                day.month,
                day.day,
                int(part["hour"] or part["hour2"] or 0),
                int(part["minute"] or part["minute2"] or 0),
                int(part["second"] or part["second2"] or 0),
            )
        except ValueError as error:
            raise MalformedError(f"time can't be read: {error}") from error
        zone = part["zone"].upper()
        ts = self._from_local(moment) if not zone else _from_zone(moment, zone)
        return ts + _round_fraction(fraction)

    def _parse_format(self, text: str, date_format: str) -> int:
        try:
            if not text.isascii():
                raise ValueError(text)  # noqa: TRY301 (strptime would read digits of any script)
            moment = datetime.strptime(" ".join(text.split()), date_format)  # noqa: DTZ007
        except ValueError:
            raise MalformedError(
                f"the time {text[:40]!r} does not have the format {date_format}"
            ) from None
        if moment.tzinfo is not None:
            return _microseconds(moment - _EPOCH)
        return self._from_local(moment)

    def _from_local(self, moment: datetime) -> int:
        """Convert a time without a zone to microseconds.

        Raises:
            MalformedError: The clock skips this time, or shows it twice.
        """
        self._has_times_without_zone = True
        if self._zone is UTC:
            return _microseconds(moment - _NAIVE_EPOCH)
        aware = moment.replace(tzinfo=self._zone)
        try:
            offset, later = aware.utcoffset(), aware.replace(fold=1).utcoffset()
            ts = _microseconds(aware - _EPOCH)
        except OverflowError as error:
            raise MalformedError(f"time can't be read: {error}") from error
        if offset == later or offset is None or later is None:
            return ts
        change = "is skipped" if offset < later else "comes twice"
        raise MalformedError(
            f"the time {moment} {change} in {zone_name(self._zone)}, where the clocks change",
            "write its offset, such as +02:00",
        )

    def _check(self, text: str, ts: int, arrival_ts: int) -> None:
        fault = ts_fault(ts, arrival_ts)
        if fault and ts > 0 and not _NUMBER.fullmatch(text):
            hint = "are the times local? name their zone with --timezone"
            is_local = self._has_times_without_zone and not self._is_zone_named
            raise MalformedError(
                f"the time {text[:40]} is more than 10 minutes ahead", hint if is_local else ""
            )
        if fault:
            raise MalformedError(fault)
        if ts < self._min_ts:
            raise old_time_error(ts)


def zone_name(zone: tzinfo) -> str:
    """Return the name of a zone for people."""
    return "UTC" if zone is UTC else str(zone)


def _unreadable(text: str) -> MalformedError:
    if _DAY_AND_MONTH.match(text):
        return MalformedError(
            f"the time {text[:40]!r} has several meanings: the day or the month may come first",
            "add --date-format " + ", or ".join(f"'{known}'" for known in suggest_formats(text)),
        )
    return MalformedError(
        f"time can't be read: {text[:40]!r}",
        "write 2026-08-02 15:30:00, or name the format with --date-format",
    )


def _from_zone(moment: datetime, zone: str) -> int:
    """Convert a time with an offset such as Z, +02 or -0530 to microseconds."""
    offset: tzinfo = UTC
    if zone[0] in "+-":
        digits = zone[1:].replace(":", "").ljust(4, "0")
        hours, minutes = int(digits[:2]), int(digits[2:])
        if hours > _MAX_ZONE_HOURS or minutes >= _MINUTES:
            raise MalformedError(f"time can't be read: no zone is {zone} away from UTC")
        delta = timedelta(hours=hours, minutes=minutes)
        offset = timezone(-delta if zone[0] == "-" else delta)
    return _microseconds(moment.replace(tzinfo=offset) - _EPOCH)


def _round_fraction(digits: str) -> int:
    """Return the microseconds of the digits behind the second, rounded."""
    return int(digits[:6].ljust(6, "0")) + (digits[6:7] >= "5")


def _microseconds(delta: timedelta) -> int:
    return (delta.days * 86_400 + delta.seconds) * MICROSECONDS + delta.microseconds
