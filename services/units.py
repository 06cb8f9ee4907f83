"""Sizes and lengths of time as text for people."""

from typing import Final

_BYTE_UNITS: Final = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"))

_DAY_SECONDS: Final = 86_400.0
_TIME_UNITS: Final = (
    # Minimum length for the unit in seconds, the unit in seconds, its name.
    (730 * _DAY_SECONDS, 365 * _DAY_SECONDS, "years"),
    (60 * _DAY_SECONDS, 30.4 * _DAY_SECONDS, "months"),
    (2 * _DAY_SECONDS, _DAY_SECONDS, "days"),
    (7_200.0, 3_600.0, "hours"),
    (120.0, 60.0, "minutes"),
    (0.0, 1.0, "seconds"),
)


def format_bytes(size_bytes: float) -> str:
    """Return a size in MB, GB or TB, such as `1.5 GB`. The units are decimal."""
    unit, name = next((row for row in _BYTE_UNITS if size_bytes >= row[0]), _BYTE_UNITS[-1])
    return f"{size_bytes / unit:,.1f} {name}"


def format_duration(seconds: float) -> str:
    """Return a length of time in the largest unit that fits twice, such as `3 hours`.

    Args:
        seconds: The length, not negative.
    """
    unit, name = next((unit, name) for start, unit, name in _TIME_UNITS if seconds >= start)
    return f"{seconds / unit:,.0f} {name}"
