"""The one kind of frame: a ready-made WebSocket text frame that carries the time of its sending."""

from typing import Final

_HEAD: Final = b'{"type":"readings","at":"'
_TAIL: Final = b'","series":{"1":[[1795342272.123456],[42.17]]}}'
_DIGITS: Final = 20
_PAYLOAD: Final = 125
"""The longest that a frame of two bytes of header can carry."""

HEADER: Final = bytes([0x81, _PAYLOAD])
SIZE: Final = len(HEADER) + _PAYLOAD
_FIRST_DIGIT: Final = len(HEADER) + len(_HEAD)


def stamped(at: int) -> bytes:
    """A frame, sent at this time. at: nanoseconds of the monotonic clock."""
    payload = _HEAD + str(at).zfill(_DIGITS).encode() + _TAIL
    return HEADER + payload.ljust(_PAYLOAD)


def stamp_of(data: bytes, start: int) -> int:
    """When the frame that begins here was sent. Raises ValueError where no frame begins."""
    if not data.startswith(HEADER, start):
        raise ValueError("a torn frame")
    first = start + _FIRST_DIGIT
    return int(data[first : first + _DIGITS])
