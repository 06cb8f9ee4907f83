"""Request bodies, with a bound on how many large ones are in memory.

A large body takes memory while it arrives, and many times its size while it is decoded. So only a
few may be in memory at a time.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final, NamedTuple

import gevent
from flask import request
from gevent.lock import BoundedSemaphore
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import (
    BadRequest,
    ClientDisconnected,
    RequestEntityTooLarge,
    RequestTimeout,
    ServiceUnavailable,
    UnsupportedMediaType,
)

from services.errors import OversizedError
from services.web.http.decompression import ENCODINGS, decompress

LARGE_BODY_BYTES: Final = 65_536
"""Size from which on decoding a body would delay live viewers."""

MAX_BODY_BYTES: Final = 25_000_000
"""Bytes of a body, as it arrives and when it is unpacked."""

MAX_LARGE_BODIES: Final = 4
_SLOT_WAIT_SECONDS: Final = 10.0
MAX_ARRIVAL_SECONDS: Final = 60.0
"""Time in which a body must arrive."""


class Body(NamedTuple):
    """A body that has arrived completely.

    Attributes:
        data: Its bytes, as they arrived or already unpacked.
        is_compressed: True if `data` must be unpacked.
        is_large: True if a thread should decode it.
    """

    data: bytes
    is_compressed: bool
    is_large: bool

    def unpack(self) -> bytes:
        """Return the bytes without compression.

        Raises:
            MalformedError: The compressed data is damaged.
            OversizedError: It has more than `MAX_BODY_BYTES` when unpacked.
        """
        return decompress(self.data, MAX_BODY_BYTES) if self.is_compressed else self.data


class BodyReader:
    """Reads request bodies.

    Args:
        max_arrival_seconds: Time in which a body must arrive.
    """

    def __init__(self, max_arrival_seconds: float = MAX_ARRIVAL_SECONDS) -> None:
        self._max_arrival_seconds = max_arrival_seconds
        self._large_slots = BoundedSemaphore(MAX_LARGE_BODIES)

    @contextmanager
    def read(self) -> Iterator[Body]:
        """Read the body of this request. A large one occupies a slot until the block ends.

        Raises:
            MalformedError: The compressed data is damaged.
            HTTPException: The body is incomplete, too large, late, or compressed in an unknown
                way; or too many others are large.
        """
        is_compressed = _is_compressed()
        length = request.content_length
        is_large = length is None or length > LARGE_BODY_BYTES
        with ExitStack() as stack:
            if is_large:
                stack.enter_context(occupy_slot(self._large_slots))
            data = self.read_raw()
            if length is None and len(data) >= MAX_BODY_BYTES:
                # Werkzeug cuts a body without a length at the limit, without an error.
                raise RequestEntityTooLarge
            if is_compressed and not is_large:
                try:
                    data, is_compressed = decompress(data, LARGE_BODY_BYTES), False
                except OversizedError:
                    is_large = True
                    stack.enter_context(occupy_slot(self._large_slots))
            yield Body(data, is_compressed, is_large)

    def read_raw(self) -> bytes:
        """Return the body of this request as it arrived. The caller bounds its size.

        The server hands out an incomplete body when the sender disconnects, and the beginning of a
        number is a number as well. A sender that lost power never disconnects.

        Raises:
            BadRequest: The body is incomplete.
            RequestEntityTooLarge: The body is larger than the request's limit.
            RequestTimeout: The body did not arrive in time.
        """
        late = RequestTimeout("the body did not arrive in time")
        try:
            with gevent.Timeout(self._max_arrival_seconds, late):
                data = request.get_data(cache=False)
        except (ClientDisconnected, ParseException) as error:
            raise BadRequest("the body is incomplete, or its chunks can't be read") from error
        length = request.content_length
        if length is not None and len(data) < length:
            raise BadRequest(f"the body ended after {len(data)} of {length} bytes")
        return data


@contextmanager
def occupy_slot(slots: BoundedSemaphore) -> Iterator[None]:
    """Hold a slot, and wait for one if none is free.

    Raises:
        ServiceUnavailable: No slot became free in time.
    """
    if not slots.acquire(timeout=_SLOT_WAIT_SECONDS):
        raise ServiceUnavailable("too many large requests at once: try again later")
    try:
        yield
    finally:
        slots.release()


def _is_compressed() -> bool:
    """Return True if the body of this request is compressed. Raises UnsupportedMediaType."""
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding in ENCODINGS:
        return True
    if encoding in {"", "identity"}:
        return False
    raise UnsupportedMediaType(f"Content-Encoding must be gzip or deflate, not {encoding!r:.50}")
