"""External messages, which other tools publish on the channel, on their way into the journal."""

from typing import Final, NamedTuple

from services.broker import Message
from services.clock import TimestampAllocator
from services.errors import MalformedError
from services.formats.json import decode_json
from services.formats.parsing.result import MAX_FAULTS, DecodeResult

_MAX_TEXT_BYTES: Final = 1 << 20
_MAX_REASONS: Final = 20
"""Faults of one message that become dead letters of their own; more are only counted."""


class DecodedMessage(NamedTuple):
    """The content of an external message.

    Attributes:
        messages: Its readings, encoded for the journal.
        reasons: The reasons why some of its readings, or all, can't be stored.
    """

    messages: list[Message]
    reasons: list[str]


class ExternalMessageDecoder:
    """Decodes external messages. Readings without a time get the time of arrival."""

    def __init__(self) -> None:
        self._arrival_ts = 0
        self._timestamps = TimestampAllocator(lambda: self._arrival_ts)

    def decode(self, text: bytes, arrival_ts: int) -> DecodedMessage:
        """Decode the text of a message that arrived at a time in microseconds since 1970."""
        self._arrival_ts = arrival_ts
        if len(text) > _MAX_TEXT_BYTES:
            return DecodedMessage([], [f"larger than {_MAX_TEXT_BYTES} bytes"])
        try:
            decoded = decode_json(text, arrival_ts, self._timestamps.reserve, MAX_FAULTS)
        except MalformedError as error:
            return DecodedMessage([], [str(error)])
        return DecodedMessage(Message.of(decoded.readings), _reasons(decoded))


def _reasons(decoded: DecodeResult) -> list[str]:
    listed = decoded.faults[:_MAX_REASONS]
    reasons = [f"reading {fault.item_index}: {fault.reason}" for fault in listed]
    omitted = len(decoded.faults) - len(listed) + decoded.omitted_fault_count
    if omitted:
        reasons.append(f"and {omitted} more of its readings")
    if decoded.is_cut:
        reasons.append(f"after {MAX_FAULTS} faults the rest of the message was not read")
    return reasons
