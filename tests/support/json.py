"""Decoding of untrusted JSON."""

from services.formats.json import decode_json
from services.reading import Reading

NOW = 1_795_342_272_123_456
"""Time of arrival, in microseconds."""


def decode_valid(text: bytes | str) -> list[Reading]:
    """Return the readings of a text that has no fault."""
    decoded = decode_json(text.encode() if isinstance(text, str) else text, NOW)
    assert decoded.faults == []
    return decoded.readings


def only_fault(item: str) -> str:
    """Return the reason why the only reading of a text is invalid."""
    decoded = decode_json(item.encode(), NOW)
    assert decoded.readings == []
    assert [fault.item_index for fault in decoded.faults] == [0]
    return decoded.faults[0].reason
