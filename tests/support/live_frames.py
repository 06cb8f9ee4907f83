"""Parsers for what the web service sends to viewers: WebSocket frames and Server-Sent Events."""

from typing import Final, NamedTuple

CLOSE: Final = 0x88
"""The first byte of a close frame."""

TEXT: Final = 0x81
"""The first byte of a whole text frame."""


class WebSocketFrame(NamedTuple):
    """A frame from a server. The first byte has its kind; CLOSE and TEXT are the usual ones."""

    first_byte: int
    payload: bytes

    @property
    def close_code(self) -> int:
        """The code of a close frame."""
        return int.from_bytes(self.payload[:2])

    @property
    def close_reason(self) -> str:
        """The reason of a close frame."""
        return self.payload[2:].decode()


def parse_websocket(buffer: bytes) -> tuple[list[WebSocketFrame], bytes]:
    """Split off the whole frames of a server's WebSocket stream. Return them and the rest."""
    frames = []
    offset = 0
    while len(buffer) - offset >= 2:
        length, start = buffer[offset + 1], offset + 2
        if length == 126:
            length, start = int.from_bytes(buffer[start : start + 2]), start + 2
        elif length == 127:
            length, start = int.from_bytes(buffer[start : start + 8]), start + 8
        if len(buffer) < start + length:
            break
        frames.append(WebSocketFrame(buffer[offset], buffer[start : start + length]))
        offset = start + length
    return frames, buffer[offset:]


def parse_events(buffer: bytes) -> tuple[list[dict[str, str]], bytes]:
    """Split off the whole events of an event stream. Return the fields of each and the rest."""
    *events, rest = buffer.split(b"\n\n")
    fields = [dict(line.split(": ", 1) for line in event.decode().split("\n")) for event in events]
    return fields, rest
