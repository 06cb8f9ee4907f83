"""Bounded decompression of gzip and deflate: a small body can't become a huge one."""

import zlib
from collections.abc import Iterator
from typing import Final

from services.errors import MalformedError, OversizedError

_CHUNK_BYTES: Final = 65_536
_SLICE_BYTES: Final = 16_384
"""Input that zlib gets at a time. The rest of a slice is copied for each member of a gzip file,
and a hostile body has a million members."""

_DETECT_HEADER: Final = zlib.MAX_WBITS | 32
"""Makes zlib accept its own header or that of gzip."""

ENCODINGS: Final = frozenset({"gzip", "x-gzip", "deflate"})


def decompress(body: bytes, max_bytes: int) -> bytes:
    """Unpack a body that is compressed with gzip or deflate.

    Args:
        body: The compressed bytes.
        max_bytes: Bytes that it may have when unpacked.

    Raises:
        MalformedError: The body is damaged or incomplete.
        OversizedError: It has more than `max_bytes` when unpacked.
    """
    chunks = []
    size = 0
    try:
        for chunk in _unpack(body):
            size += len(chunk)
            if size > max_bytes:
                raise OversizedError(f"more than {max_bytes} bytes when unpacked")
            chunks.append(chunk)
    except zlib.error as error:
        raise MalformedError(f"can't be unpacked: {error}") from error
    return b"".join(chunks)


def _unpack(body: bytes) -> Iterator[bytes]:
    """Unpack all members of a compressed body, chunk by chunk."""
    unpacker = zlib.decompressobj(_DETECT_HEADER)
    for start in range(0, len(body), _SLICE_BYTES):
        packed = body[start : start + _SLICE_BYTES]
        while packed:
            if unpacker.eof:
                unpacker = zlib.decompressobj(_DETECT_HEADER)
            yield unpacker.decompress(packed, _CHUNK_BYTES)
            packed = unpacker.unused_data or unpacker.unconsumed_tail
    while body and not unpacker.eof:
        chunk = unpacker.decompress(b"", _CHUNK_BYTES)
        if not chunk:
            raise MalformedError("can't be unpacked: its end is missing")
        yield chunk
