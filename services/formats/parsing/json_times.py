"""The time of a reading in JSON, under one of three names.

A reading without a time gets the time of its arrival. So a time under a name that we don't know
must be refused: the reading would be stored as if it were new.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
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


def readings_of(message: Mapping[str, list[object]]) -> Iterator[object]:
    """Yield the readings of a message, with a MalformedError for each that lacks its own time.

    Only a time beside the readings makes it one: they may be older than the message.
    """
    time = time_beside_readings(message)
    for reading in message["readings"]:
        yield time_missing(time) if time and lacks_time(reading) else reading


def time_beside_readings(message: Mapping[str, object]) -> str | None:
    """Return the name of a time that a message has beside its readings, None if it has none."""
    return next((key for key, value in message.items() if is_time_of_message(key, value)), None)


def time_of_head(head: str) -> str | None:
    """Return the name of a time in a message up to its list; None also if it is not JSON."""
    try:
        return time_beside_readings(json.loads(f"{head}]}}"))
    except ValueError:
        return None


def is_time_of_message(key: str, value: object) -> bool:
    """Return True if a member of a message is a time. The id of a message never is."""
    return key != "id" and looks_like_time(key, value)


def lacks_time(reading: object) -> bool:
    """Return True if a reading states no time."""
    return isinstance(reading, dict) and all(reading.get(key) is None for key in TIME_KEYS)


def time_missing(key: str) -> MalformedError:
    """Return the error for a reading without a time in a message with one."""
    return MalformedError(
        f"its time is missing, and {key!r:.40} beside the readings is not used",
        "name the time ts in each reading",
    )


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
