"""Bodies that come compressed: unpacked piece by piece, so that a small one can't become huge."""

import zlib
from collections.abc import Iterator
from typing import Final

from services.errors import MalformedError, OversizedError

_PIECE: Final = 65_536
# What is left of a slice is copied for each member, and a hostile body has a million of them.
_SLICE: Final = 16_384
_AUTO_HEADER: Final = zlib.MAX_WBITS | 32
"""Either a header of gzip or one of zlib."""

ENCODINGS: Final = frozenset({"gzip", "x-gzip", "deflate"})


def decompress(body: bytes, most: int) -> bytes:
    """What is behind gzip or deflate. Raises MalformedError; OversizedError beyond `most` bytes."""
    pieces = []
    size = 0
    try:
        for piece in _pieces(body):
            size += len(piece)
            if size > most:
                raise OversizedError(f"more than {most} bytes when unpacked")
            pieces.append(piece)
    except zlib.error as error:
        raise MalformedError(f"can't be unpacked: {error}") from error
    return b"".join(pieces)


def _pieces(body: bytes) -> Iterator[bytes]:
    """What is packed, of all members that follow one another."""
    unpacker = zlib.decompressobj(_AUTO_HEADER)
    for start in range(0, len(body), _SLICE):
        rest = body[start : start + _SLICE]
        while rest:
            if unpacker.eof:
                unpacker = zlib.decompressobj(_AUTO_HEADER)
            yield unpacker.decompress(rest, _PIECE)
            rest = unpacker.unused_data or unpacker.unconsumed_tail
    while body and not unpacker.eof:
        piece = unpacker.decompress(b"", _PIECE)
        if not piece:
            raise MalformedError("can't be unpacked: its end is missing")
        yield piece
