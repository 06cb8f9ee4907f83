"""Units of the times of points, and a check: some programs send milliseconds as nanoseconds."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from services.errors import MalformedError
from services.reading import ts_fault

Precision = Literal["ns", "us", "ms", "s", "m", "h", "auto"]
"""Unit of the times of a text; "auto" takes the unit from the magnitude of each time."""


class TimeScale(NamedTuple):
    """A conversion to microseconds: multiply by `factor` or divide by `divisor`; one is 1."""

    factor: int
    divisor: int = 1

    def to_microseconds(self, timestamp: int) -> int:
        """Convert a time, and round it to the nearest microsecond."""
        return (timestamp * self.factor + self.divisor // 2) // self.divisor


SCALES: Final[dict[str, TimeScale]] = {
    "ns": TimeScale(1, 1_000),
    "us": TimeScale(1),
    "ms": TimeScale(1_000),
    "s": TimeScale(1_000_000),
    "m": TimeScale(60_000_000),
    "h": TimeScale(3_600_000_000),
}
_AUTO_BOUNDS: Final = (
    (5_000_000_000, "s"),
    (5_000_000_000_000, "ms"),
    (5_000_000_000_000_000, "us"),
)

_COARSER_UNITS: Final[Mapping[str, Mapping[str, int]]] = {
    "ns": {"s": 1, "ms": 10**3, "us": 10**6},
    "us": {"s": 1, "ms": 10**3},
    "ms": {"s": 1},
}
"""Units that each unit is mistaken for, with their number in a second."""

_MIN_SECONDS: Final = 1_200_000_000
_MAX_SECONDS: Final = 2_000_000_000
"""Times from 2008 to 2033. In a unit that is too fine, they lie in the first 23 days of 1970."""

MAX_MISTAKEN_TS: Final = _MAX_SECONDS * 1_000
"""Time in microseconds up to which a time can have the wrong unit."""


def accepted_ts(timestamp: int, precision: Precision, now: int, min_plain_ts: int) -> int:
    """Convert the time of a point to microseconds.

    Args:
        timestamp: The time.
        precision: Its unit.
        now: Current time in microseconds.
        min_plain_ts: Time in microseconds from which on the unit can't be mistaken.

    Raises:
        MalformedError: The time is not accepted, or certainly has another unit.
    """
    unit = resolve_precision(timestamp, precision)
    ts = SCALES[unit].to_microseconds(timestamp)
    fault = ts_fault(ts, now)
    if fault:
        raise MalformedError(fault)
    if ts < min_plain_ts:
        check_unit(timestamp, unit)
    return ts


def resolve_precision(timestamp: int, precision: Precision) -> str:
    """Return the unit of a time, which is a key of `SCALES`."""
    if precision != "auto":
        return precision
    return next((name for bound, name in _AUTO_BOUNDS if abs(timestamp) < bound), "ns")


def check_unit(timestamp: int, unit: str) -> None:
    """Refuse a time of the first days of 1970 that is a usual time in a coarser unit.

    Args:
        timestamp: The time.
        unit: The unit of the text: ns, us, ms, or a coarser one.

    Raises:
        MalformedError: The time has another unit.
    """
    for other, per_second in _COARSER_UNITS.get(unit, {}).items():
        if _MIN_SECONDS * per_second <= timestamp <= _MAX_SECONDS * per_second:
            raise MalformedError(
                f"the time {timestamp} in {unit} is in 1970: it looks like {other}",
                f"send it with precision={other}",
            )
