"""Durations as people write them: `3s`, `15m`, `2h`, `30d`, `1w`."""

import re
from typing import Final

from services.errors import MalformedError

_UNIT_SECONDS: Final = {
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3_600.0,
    "d": 86_400.0,
    "w": 604_800.0,
}
_DURATION: Final = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(ms|[smhdw])", re.ASCII)

NEVER: Final = "never"
"""Text for no end."""


def parse_duration(text: str) -> float:
    """Return a duration in seconds.

    Raises:
        MalformedError: The text is not a number and a unit.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise MalformedError(
            f"{text!r:.50} is not a duration: give a number and one of"
            f" {', '.join(_UNIT_SECONDS)}, such as 15m or 30d"
        )
    return float(match[1]) * _UNIT_SECONDS[match[2]]


def parse_end(text: str, now: int) -> int | None:
    """Return the time at which something ends, None for `never`.

    Args:
        text: A duration from now, or `never`.
        now: Current time in microseconds.

    Returns:
        The end in microseconds.

    Raises:
        MalformedError: The text is neither, or the duration is 0.
    """
    if text.strip() == NEVER:
        return None
    seconds = parse_duration(text)
    if seconds <= 0:
        raise MalformedError("the duration must be longer than 0 s")
    return now + round(seconds * 1e6)
