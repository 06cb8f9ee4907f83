"""Lines with faults, as responses and dead letters quote them."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from services.broker.dead_letters import MAX_TEXT_BYTES
from services.formats.parsing.result import Fault
from services.web.write.unstorable_series import UnstorableLine

_MAX_QUOTED_LINES: Final = 100
_MAX_QUOTE_BYTES: Final = 200


class BadLine(NamedTuple):
    """A line with a fault.

    Attributes:
        number: Number of the line, from 1.
        text: The line, or its beginning.
        error: The fault.
    """

    number: int
    text: str
    error: str

    def __str__(self) -> str:
        return f"unable to parse '{self.text}': {self.error}"


def lines_of(text: bytes, faults: Sequence[Fault]) -> list[UnstorableLine]:
    """Return the lines of faults, each with its reason. The longest lines are cut."""
    if not faults:
        return []
    lines = text.split(b"\n")
    return [(lines[fault.item_index][:MAX_TEXT_BYTES], fault.reason) for fault in faults]


def quote_lines(text: bytes, faults: Sequence[Fault]) -> list[BadLine]:
    """Quote the lines of the first faults."""
    if not faults:
        return []
    lines = text.split(b"\n")
    return [
        BadLine(
            fault.item_index + 1,
            lines[fault.item_index][:_MAX_QUOTE_BYTES].decode(errors="replace").strip(),
            fault.reason,
        )
        for fault in faults[:_MAX_QUOTED_LINES]
    ]
