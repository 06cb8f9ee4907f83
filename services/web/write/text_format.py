"""Formats of the bodies of writes: how a text is decoded."""

from collections.abc import Container, Sequence
from typing import NamedTuple, Protocol

from services.formats.parsing.result import DecodeResult, GiveWayFunction, ReserveTimestamps
from services.reading import ReadingBatch


class Decoder(Protocol):
    """Decodes a text.

    `arrival_ts` is in microseconds since 1970. `reserve` reserves timestamps for readings
    without one. After `max_faults` decoding ends. `give_way` is called every few milliseconds.
    A reading of a series that is not `allowed` is a fault.
    """

    def __call__(
        self,
        text: bytes,
        arrival_ts: int,
        *,
        reserve: ReserveTimestamps | None,
        max_faults: int,
        give_way: GiveWayFunction,
        allowed: Container[str] | None,
    ) -> DecodeResult:
        """Return the readings and faults of a text. Raises MalformedError, OversizedError."""


class PlainDecoder(Protocol):
    """Decodes a text that is plain, in much less time."""

    def __call__(
        self, text: bytes, arrival_ts: int, *, give_way: GiveWayFunction
    ) -> Sequence[ReadingBatch[str]] | None:
        """Return the readings in batches of one message each, None if the text is not plain."""


class WriteFormat(NamedTuple):
    """A format of bodies.

    Attributes:
        decode: Decodes a text.
        decode_plain: Decodes a text that is plain, None if the format has no such texts.
        is_lines: True if the place of a fault is a line of the text, which is worth quoting.
    """

    decode: Decoder
    decode_plain: PlainDecoder | None = None
    is_lines: bool = False
