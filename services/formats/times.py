"""Times as people write them in a URL: Unix seconds, ISO 8601, or relative to now."""

import re
from datetime import UTC, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.errors import MalformedError
from services.reading import MICROSECONDS, ts_from_iso8601, ts_from_seconds

_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_RELATIVE = re.compile(r"-(\d{1,9})([smhdw])", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,9})?", re.ASCII)


def parse_time(text: str, now: int) -> int:
    """Parse a time such as `1763793600`, `2026-11-22T10:00:00Z`, `-15m` or `now`.

    Args:
        text: The time. ISO 8601 without a zone is in UTC.
        now: Current time in microseconds.

    Returns:
        The time in microseconds. A relative time before 1970 becomes 0.

    Raises:
        MalformedError: The text has none of these forms.
    """
    if text == "now":
        return now
    relative = _RELATIVE.fullmatch(text)
    if relative is not None:
        return max(0, now - int(relative[1]) * _UNITS[relative[2]] * MICROSECONDS)
    if _NUMBER.fullmatch(text):
        return ts_from_seconds(float(text))
    try:
        return ts_from_iso8601(text.replace(" ", "+"))
    except (ValueError, OverflowError):
        raise MalformedError(
            f"{text!r:.60} is not a time: write Unix seconds, ISO 8601, -15m or now"
        ) from None


def parse_zone(name: str) -> tzinfo:
    """Return the time zone of a name such as `Europe/Berlin`, `UTC` or `Z`.

    Raises:
        MalformedError: There is no such zone.
    """
    if name.upper() in {"UTC", "Z"}:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise MalformedError(
            f"no time zone is named {name!r:.50}: write one such as Europe/Berlin or UTC"
        ) from None
