"""The time of a reading in JSON, under one of three names.

A reading without a time gets the time of its arrival. So a time under a name that we don't know
must be refused: the reading would be stored as if it were new.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from services.errors import MalformedError

TIME_KEYS: Final = ("ts", "time", "timestamp")
READING_KEYS: Final = frozenset({"series", "value", "unit", *TIME_KEYS})

# Names of times, in lower case and without underlines.
_NAME = re.compile(
    r"(?:(?:local|utc|unix|event|sample)?(?:date|time|times|datetime|timestamps?)|t|ts|utc)"
    r"(?:utc|ms|us|ns)?"
    r"|(?:created|measured|observed|received|recorded|sampled|logged|sent|read|added)(?:at|on)"
    r"|(?:modified|updated)(?:at|on)|created|updated|last(?:changed|reported|seen|updated?)"
    r"|at|day|epoch|unix|when"
)
_NO_LETTER = re.compile(r"[^a-z]")
_DATE = re.compile(
    r"\s*(?:\d{4}[-/]\d\d?[-/]\d\d?|\d{8}T\d{4,6}|\d\d?[./-]\d\d?[./-]\d{4})(?:[\sT,Z].*)?",
    re.ASCII,
)
_DIGITS = re.compile(r"\s*1\d{9}(?:\d{3}){0,3}(?:\.\d*)?\s*", re.ASCII)

# Unix times of the years 2001 to 2033, in seconds, milliseconds, microseconds and nanoseconds.
_UNIX_TIMES: Final = tuple((10**digits, 2 * 10**digits) for digits in (9, 12, 15, 18))


def time_of_item(item: Mapping[str, object], parse: Callable[[object], int]) -> int | None:
    """Return the time of a reading, None if it states none.

    Args:
        item: The reading.
        parse: Parses a time. It raises MalformedError if it can't.

    Raises:
        MalformedError: The time can't be read, there are two different ones, or another key holds
            a time.
    """
    times = [(key, item[key]) for key in TIME_KEYS if item.get(key) is not None]
    if len(times) == 1:
        return parse(times[0][1])
    if times:
        parsed = {parse(value) for _, value in times}
        if len(parsed) > 1:
            names = " and ".join(key for key, _ in times)
            raise MalformedError(f"{names} state different times")
        return parsed.pop()
    for key, value in item.items():
        if key not in READING_KEYS and looks_like_time(key, value):
            raise MalformedError(
                f"{key!r:.40} looks like its time", "name the time ts, time or timestamp"
            )
    return None


def looks_like_time(key: str, value: object) -> bool:
    """Return True if a member of a reading is a time, by its name or by its value."""
    if value is None or isinstance(value, bool | dict | list):
        return False
    if _NAME.fullmatch(_NO_LETTER.sub("", key[:40].lower())):
        return True
    if isinstance(value, str):
        text = value[:40]
        return _DATE.fullmatch(text) is not None or _DIGITS.fullmatch(text) is not None
    return isinstance(value, int | float) and any(low <= value < end for low, end in _UNIX_TIMES)
