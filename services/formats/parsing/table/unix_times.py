"""Unix times in a table: seconds, and in a file also their thousandths, by their size."""

import re
from datetime import UTC, datetime
from typing import Final

from services.errors import MalformedError
from services.formats.parsing.table.options import TableOptions
from services.reading import MAX_AHEAD_MICROSECONDS, MICROSECONDS, ts_fault

_PLACES: Final = {"s": 6, "ms": 3, "us": 0, "ns": -3}
"""Decimal places from a unit to microseconds."""

_NAMES: Final = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}
_SERIAL_DATES: Final = (10_000.0, 100_000.0)
"""Days since 1900, as spreadsheets count them, from 1927 to 2173."""

_EXPONENT = re.compile(r"\+?(\d)(?:[.,](\d*))?e([+-]?\d{1,2})", re.ASCII | re.IGNORECASE)
_MAX_DIGITS: Final = 40
MIN_FILE_TS: Final = 946_684_800 * MICROSECONDS
"""The year 2000. The option `allow_old` accepts earlier times in a file, which show no unit."""


class UnixTimes:
    """Parses the Unix times of one table, which all have the same unit.

    Args:
        options: What the operator says about the times.
        scale: The unit that the header names, one of "s", "ms", "us", "ns"; None if it names none.
        min_ts: Earliest time that is accepted, in microseconds.

    Attributes:
        scale: The unit, None before the first time.
    """

    def __init__(self, options: TableOptions, scale: str | None, min_ts: int) -> None:
        self.scale = scale
        self._is_scale_named = scale is not None
        self._is_file = options.is_file
        self._min_ts = min_ts

    @property
    def notes(self) -> list[str]:
        """Notes about the meaning of the text."""
        if self.scale is None or (self.scale == "s" and not self._is_file):
            return []
        how = ", as the header says" if self._is_scale_named else ""
        return [f"times are Unix {_NAMES[self.scale]}{how}"]

    def parse(self, text: str, arrival_ts: int) -> int:
        """Parse digits, with or without a fraction.

        Returns:
            Microseconds since 1970-01-01 UTC.

        Raises:
            MalformedError: The time is too early or late, or its unit differs from that of the
                times before it.
        """
        whole, _, fraction = text.replace(",", ".").partition(".")
        if len(whole) > _MAX_DIGITS:
            raise MalformedError("time can't be read: too many digits")
        if whole.startswith("-"):
            raise MalformedError("ts must not be before 1970")
        whole = whole.lstrip("+")
        if not self._is_file:
            return _scaled(whole, fraction, self.scale or "s")
        max_ts = arrival_ts + MAX_AHEAD_MICROSECONDS
        scale = self.scale or _plausible_scale(whole, fraction, max_ts) or "s"
        ts = _scaled(whole, fraction, scale)
        if not self._min_ts <= ts <= max_ts:
            raise self._error(text, ts, arrival_ts)
        self.scale = scale
        return ts

    def _error(self, text: str, ts: int, arrival_ts: int) -> MalformedError:
        whole, _, fraction = text.lstrip("+").replace(",", ".").partition(".")
        other = _plausible_scale(whole, fraction, arrival_ts + MAX_AHEAD_MICROSECONDS)
        if self.scale is not None and other is not None:
            return MalformedError(
                f"the time {text:.30} looks like {_NAMES[other]}, but "
                + ("the header says " if self._is_scale_named else "the times before it are ")
                + _NAMES[self.scale]
            )
        fault = ts_fault(ts, arrival_ts)
        if fault:
            return MalformedError(fault)
        if _SERIAL_DATES[0] <= float(f"{whole}.{fraction}") <= _SERIAL_DATES[1]:
            return MalformedError(
                f"the time {text:.30} is before 2000: it looks like a serial date of a spreadsheet",
                "export the times as text, such as 2026-08-02 15:30:00; if it is a Unix time, add "
                "--allow-old",
            )
        return old_time_error(ts)


def expand_exponent(text: str) -> str:
    """Return a number such as `1.785684600e+09` without its exponent, any other text unchanged.

    Raises:
        MalformedError: The number does not state all digits before its decimal point.
    """
    match = _EXPONENT.fullmatch(text)
    if match is None:
        return text
    digits, exponent = match[1] + (match[2] or ""), int(match[3])
    if exponent < 0:
        return f"0.{'0' * (-exponent - 1)}{digits}"
    if len(digits) <= exponent:
        raise MalformedError(
            f"the time {text:.30} does not show all its digits",
            "give the column another number format before the export",
        )
    return f"{digits[: exponent + 1]}.{digits[exponent + 1 :]}"


def old_time_error(ts: int) -> MalformedError:
    """Return the error for a time in a file that is before 2000."""
    moment = datetime.fromtimestamp(ts / MICROSECONDS, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return MalformedError(
        f"the time {moment} is before 2000: a serial date, or the clock was not set",
        "if it is right, add --allow-old",
    )


def _plausible_scale(whole: str, fraction: str, max_ts: int) -> str | None:
    """Return the unit in which a number is a time since 2000, None without such a unit."""
    for scale in _PLACES:
        if MIN_FILE_TS <= _scaled(whole, fraction, scale) <= max_ts:
            return scale
    return None


def _scaled(whole: str, fraction: str, scale: str) -> int:
    """Convert digits before and behind the decimal point to microseconds, rounded."""
    places = _PLACES[scale]
    if places < 0:
        divisor = int(10**-places)
        return (int(whole) + divisor // 2) // divisor
    digits = fraction[:places].ljust(places, "0")
    return int(whole + digits) + (fraction[places : places + 1] >= "5")
