"""The readings of a message, decoded when they are used for the first time.

A follower receives every message, but most of the time there is no viewer who needs its readings.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, overload

from services.errors import MalformedError
from services.formats.json import decode_entries, decode_entry
from services.reading import Reading, ReadingBatch

_NAME_FIELD: Final = b'"series":'
_POINTS_FIELD: Final = b'],"points":'


class LazyReadings(Sequence[Reading]):
    """The readings of a message; empty if it is malformed, which the writer reports.

    Args:
        text: The message. Before it is decoded, its readings are counted by their names, which
            are encoded in one way only.
    """

    __slots__ = ("_count", "_decoded", "_text")

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._decoded: ReadingBatch[str] | None = None
        self._count: int | None = None

    @property
    def columns(self) -> ReadingBatch[str]:
        """The readings in columns, which take half as long to decode."""
        if self._decoded is None:
            self._decoded = decode_entries([self._text]) or _decode_with_faults(self._text)
            self._text = b""
        return self._decoded

    def __len__(self) -> int:
        if self._decoded is not None:
            return len(self._decoded)
        if self._count is None:
            # A tag of a point may be called "series" too. The points are the last field.
            end = self._text.rfind(_POINTS_FIELD)
            self._count = self._text.count(_NAME_FIELD, 0, end if end >= 0 else len(self._text))
        return self._count

    @overload
    def __getitem__(self, index: int) -> Reading: ...
    @overload
    def __getitem__(self, index: slice) -> list[Reading]: ...
    def __getitem__(self, index: int | slice) -> Reading | list[Reading]:
        return list(self)[index]

    def __iter__(self) -> Iterator[Reading]:
        batch = self.columns
        return map(Reading, batch.series, batch.ts, batch.value, batch.unit)


def _decode_with_faults(text: bytes) -> ReadingBatch[str]:
    """Decode the valid readings of a message."""
    try:
        decoded = decode_entry(text)
    except MalformedError:
        return ReadingBatch()
    return replace(ReadingBatch.from_readings(decoded.readings), points=decoded.points)
