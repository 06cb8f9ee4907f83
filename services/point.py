"""Points: measurement, field and tags of a series that came in line protocol."""

from collections.abc import Mapping
from typing import TypeAlias

import msgspec


# gc=False: it can't be part of a reference cycle, so the garbage collector skips it.
class SeriesPoint(msgspec.Struct, frozen=True, gc=False):
    """The part of a line-protocol point that identifies a series.

    Attributes:
        measurement: Measurement, as it was sent.
        field: Name of the field, also if it is the default field `value`.
        tags: Tags, sorted by key.
    """

    measurement: str
    field: str
    tags: dict[str, str]


SeriesPoints: TypeAlias = Mapping[str, SeriesPoint | None]
"""Points by the name of their series. None stands for the point that follows from the name."""
