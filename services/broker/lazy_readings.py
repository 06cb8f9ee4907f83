"""What is in a message: its readings, which are decoded when somebody first looks at them.

Whoever follows the journal takes every message, and most of the time nobody is there to see it.
"""

from collections.abc import Iterator, Sequence
from typing import Final, overload

from services.errors import MalformedError
from services.formats.json import decode_entry
from services.reading import Reading

_NAME: Final = b'"series":'


class LazyReadings(Sequence[Reading]):
    """The readings of a message; none where it is malformed, which is the writer's to say.

    Their number is told without decoding, by the names that the text holds as we write it.
    """

    __slots__ = ("_decoded", "_text")

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._decoded: list[Reading] | None = None

    def __len__(self) -> int:
        return self._text.count(_NAME) if self._decoded is None else len(self._decoded)

    @overload
    def __getitem__(self, place: int) -> Reading: ...
    @overload
    def __getitem__(self, place: slice) -> list[Reading]: ...
    def __getitem__(self, place: int | slice) -> Reading | list[Reading]:
        return self._look()[place]

    def __iter__(self) -> Iterator[Reading]:
        return iter(self._look())

    def _look(self) -> list[Reading]:
        if self._decoded is None:
            try:
                self._decoded = decode_entry(self._text).readings
            except MalformedError:
                self._decoded = []
            self._text = b""
        return self._decoded
