"""External messages, which other tools publish on the channel, on their way into the journal."""

from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

from services.broker import Message
from services.clock import TimestampAllocator
from services.errors import MalformedError
from services.formats.json import decode_json
from services.formats.parsing.result import MAX_FAULTS, DecodeResult

_MAX_TEXT_BYTES: Final = 1 << 20
_MAX_PENDING_MESSAGES: Final = 10_000
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
    """Decodes external messages. Readings without a time get the time of arrival.

    Args:
        clock: Wall clock in microseconds since 1970.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._timestamps = TimestampAllocator(clock)

    def decode(self, text: bytes) -> DecodedMessage:
        """Decode the text of an external message."""
        if len(text) > _MAX_TEXT_BYTES:
            return DecodedMessage([], [f"larger than {_MAX_TEXT_BYTES} bytes"])
        try:
            decoded = decode_json(text, self._clock(), self._timestamps.reserve, MAX_FAULTS)
        except MalformedError as error:
            return DecodedMessage([], [str(error)])
        return DecodedMessage(Message.of(decoded.readings), _reasons(decoded))


class PendingMessages:
    """External messages that wait until the journal accepts them.

    Bounded: when there are too many, the oldest ones are dropped.
    """

    def __init__(self, max_messages: int = _MAX_PENDING_MESSAGES) -> None:
        self._max_messages = max_messages
        self._messages: deque[Message] = deque()
        self._dropped = 0

    def __len__(self) -> int:
        return len(self._messages)

    def add(self, message: Message) -> None:
        """Add a message at the end."""
        if len(self._messages) == self._max_messages:
            self._messages.popleft()
            self._dropped += 1
        self._messages.append(message)

    def oldest(self) -> Message:
        """Return the oldest message. Raises IndexError if no message waits."""
        return self._messages[0]

    def remove_oldest(self) -> None:
        """Remove the oldest message. Raises IndexError if no message waits."""
        self._messages.popleft()

    def clear(self) -> None:
        """Remove all messages."""
        self._messages.clear()

    def take_dropped_count(self) -> int:
        """Return the number of messages that were dropped since the last call."""
        dropped, self._dropped = self._dropped, 0
        return dropped


def _reasons(decoded: DecodeResult) -> list[str]:
    listed = decoded.faults[:_MAX_REASONS]
    reasons = [f"reading {fault.item_index}: {fault.reason}" for fault in listed]
    omitted = len(decoded.faults) - len(listed) + decoded.omitted_fault_count
    if omitted:
        reasons.append(f"and {omitted} more of its readings")
    if decoded.is_cut:
        reasons.append(f"after {MAX_FAULTS} faults the rest of the message was not read")
    return reasons
