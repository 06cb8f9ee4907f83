"""The readings of a message, decoded when they are used for the first time.

A follower receives every message, but most of the time there is no viewer who needs its readings.
"""

from collections.abc import Iterator, Sequence
from typing import Final, overload

from services.errors import MalformedError
from services.formats.json import decode_entry
from services.reading import Reading

_NAME_FIELD: Final = b'"series":'


class LazyReadings(Sequence[Reading]):
    """The readings of a message; empty if it is malformed, which the writer reports.

    Args:
        text: The message. Before it is decoded, its readings are counted by their names, which
            are encoded in one way only.
    """

    __slots__ = ("_decoded", "_text")

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._decoded: list[Reading] | None = None

    def __len__(self) -> int:
        return self._text.count(_NAME_FIELD) if self._decoded is None else len(self._decoded)

    @overload
    def __getitem__(self, index: int) -> Reading: ...
    @overload
    def __getitem__(self, index: slice) -> list[Reading]: ...
    def __getitem__(self, index: int | slice) -> Reading | list[Reading]:
        return self._decode()[index]

    def __iter__(self) -> Iterator[Reading]:
        return iter(self._decode())

    def _decode(self) -> list[Reading]:
        if self._decoded is None:
            try:
                self._decoded = decode_entry(self._text).readings
            except MalformedError:
                self._decoded = []
            self._text = b""
        return self._decoded
