"""Messages and commands, encoded as the items that append.lua takes."""

from collections.abc import Iterable
from itertools import islice
from operator import itemgetter
from typing import NamedTuple, Self

from services.command import Command
from services.formats.commands import encode_command
from services.formats.json import encode_batch, encode_message
from services.point import SeriesPoints
from services.reading import MAX_READINGS_PER_MESSAGE, Reading, ReadingBatch


class Message(NamedTuple):
    """A message without its id.

    Attributes:
        reading_count: Number of readings in the text.
        text: The message as JSON.
    """

    reading_count: int
    text: bytes

    @classmethod
    def of(cls, readings: Iterable[Reading], points: SeriesPoints | None = None) -> list[Self]:
        """Encode readings as few messages as possible, in the same order.

        All series of a message came in line protocol, or none. So readings of both kinds make
        messages of their own, and only those of each series keep their order.

        Args:
            readings: The readings.
            points: Points of the series that came in line protocol; other names are ignored.
        """
        remaining = iter(readings)
        parts = iter(lambda: list(islice(remaining, MAX_READINGS_PER_MESSAGE)), [])
        if not points:
            return [cls(len(part), encode_message(part)) for part in parts]
        return [message for part in parts for message in cls._of_part(part, points)]

    @classmethod
    def of_batch(cls, batch: ReadingBatch[str]) -> Self:
        """Encode at most `MAX_READINGS_PER_MESSAGE` readings."""
        return cls(len(batch), encode_batch(batch))

    @classmethod
    def _of_part(cls, part: list[Reading], points: SeriesPoints) -> list[Self]:
        names = set(map(itemgetter(0), part))
        if names <= points.keys():
            own_points = dict(zip(names, map(points.__getitem__, names), strict=True))
            return [cls(len(part), encode_message(part, own_points))]
        with_point = {name: points[name] for name in names if name in points}
        sent = [reading for reading in part if reading.series in with_point]
        others = [reading for reading in part if reading.series not in with_point]
        messages = [cls(len(sent), encode_message(sent, with_point))] if sent else []
        return [*messages, cls(len(others), encode_message(others))]


class EncodedCommand(NamedTuple):
    """A command without its id.

    Attributes:
        kind: Always "c". A message has its reading count here.
        text: The command as JSON.
    """

    kind: str
    text: bytes

    @classmethod
    def of(cls, command: Command) -> Self:
        """Encode a command."""
        return cls("c", encode_command(command))
