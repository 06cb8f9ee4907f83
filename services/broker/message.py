"""Messages and commands, encoded as the items that append.lua takes."""

from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple, Self

from services.command import Command
from services.formats.commands import encode_command
from services.formats.json import encode_message
from services.reading import MAX_READINGS_PER_MESSAGE, Reading


class Message(NamedTuple):
    """A message without its id.

    Attributes:
        reading_count: Number of readings in the text.
        text: The message as JSON.
    """

    reading_count: int
    text: bytes

    @classmethod
    def of(cls, readings: Iterable[Reading]) -> list[Self]:
        """Encode readings as few messages as possible, in the same order."""
        remaining = iter(readings)
        parts = iter(lambda: list(islice(remaining, MAX_READINGS_PER_MESSAGE)), [])
        return [cls(len(part), encode_message(part)) for part in parts]


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
