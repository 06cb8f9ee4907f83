"""Check of the unit of a point's time: some programs send milliseconds as nanoseconds."""

from collections.abc import Mapping
from typing import Final

from services.errors import MalformedError

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
