"""Lanes of the fair queue: kinds of requests that don't wait for each other."""

import re
import socket
from typing import Final

WRITE_LANES: Final = frozenset({"write", "large write"})

_PEEKED_BYTES: Final = 98_304
"""Bytes by which a request is assigned to a lane: a head, and a body that is small."""

_MAX_SMALL_BYTES: Final = 16_384
"""Size of a body up to which it is received and decoded at once."""

_HEALTH_PATHS: Final = ("/livez", "/readyz", "/health", "/ready", "/ping", "/api/status")
_LIVE_PATHS: Final = ("/live", "/api/stream")
_READ_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,12})[ \t]*\r\n", re.IGNORECASE)


def lane_of_request(method: str, path: str, length: int | None) -> str:
    """Return the lane of a request.

    Args:
        method: Its method.
        path: Its path, with or without the base path.
        length: Length of its body in bytes, None if the body has chunks and can have any size.
    """
    for health_path in _HEALTH_PATHS:
        if path.endswith(health_path):
            return health_path
    if path.endswith(_LIVE_PATHS):
        return "live"
    if method in _READ_METHODS:
        return "read"
    return "large write" if length is None or length > _MAX_SMALL_BYTES else "write"


def peek_lane(connection: socket.socket) -> str:
    """Return the lane of the request that arrives, empty if nothing has arrived."""
    try:
        data = connection.recv(_PEEKED_BYTES, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return ""
    except OSError:
        data = b""
    return lane_of_bytes(data)


def lane_of_bytes(data: bytes) -> str:
    """Return the lane of a request from its first bytes.

    A request that has not arrived completely gets a lane of its own, because it may never do.
    """
    head, end, body = data.partition(b"\r\n\r\n")
    if not end:
        return "incomplete"
    method, _, rest = head.decode("latin-1").partition(" ")
    path = rest.partition(" ")[0].partition("?")[0]
    length = _body_length(method, head + b"\r\n")
    if length is not None and len(body) < length <= _MAX_SMALL_BYTES:
        return "incomplete"
    return lane_of_request(method, path, length)


def _body_length(method: str, head: bytes) -> int | None:
    """Return the length that a head states. None if it states none, but may have a body."""
    found = _LENGTH.search(head)
    if found:
        return int(found[1])
    return 0 if method in _READ_METHODS else None
