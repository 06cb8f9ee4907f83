"""The bodies of requests: small ones as they come, of large ones only so many at once.

A large body takes the process's memory while it arrives, and many times its size while it is
decoded. So a few may arrive at a time, and one is decoded, in a thread: nothing live waits for it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

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
from services.web.http.query_pool import QueryPool

T = TypeVar("T")

LARGE: Final = 65_536
"""Bytes of a body whose decoding would be felt by live viewers."""

MAX_BODY_BYTES: Final = 25_000_000
"""Bytes of a body, as it comes and when it is unpacked."""

MAX_LARGE_BODIES: Final = 4
_WAIT_SECONDS: Final = 10.0
_ARRIVE_SECONDS: Final = 60.0


class BodyReader:
    """Takes the bodies of requests. queries: its threads decode large ones."""

    def __init__(self, queries: QueryPool) -> None:
        self._queries = queries
        self._arriving = BoundedSemaphore(MAX_LARGE_BODIES)
        self._decoding = BoundedSemaphore(1)

    def decode(self, decoder: Callable[[bytes], T]) -> T:
        """What the decoder makes of this request's body, unpacked. Raises what it raises.

        Raises what `whole_body` raises, OversizedError, ServiceUnavailable where too many others
        are large, UnsupportedMediaType, MalformedError for what can't be unpacked.
        """
        packed = _packed()
        size = request.content_length
        if size is not None and size <= LARGE:
            return self._decode_small(decoder, whole_body(), packed)
        with _turn(self._arriving):
            body = whole_body()
            if size is None and len(body) >= MAX_BODY_BYTES:
                # Werkzeug takes a body without a length up to the limit, and says nothing of more.
                raise RequestEntityTooLarge
            return self._decode_large(decoder, body, packed)

    def _decode_small(self, decoder: Callable[[bytes], T], body: bytes, packed: bool) -> T:
        if not packed:
            return decoder(body)
        try:
            unpacked = decompress(body, LARGE)
        except OversizedError:
            with _turn(self._arriving):
                return self._decode_large(decoder, body, packed)
        return decoder(unpacked)

    def _decode_large(self, decoder: Callable[[bytes], T], body: bytes, packed: bool) -> T:
        with _turn(self._decoding):
            return self._queries.run(
                lambda: decoder(decompress(body, MAX_BODY_BYTES) if packed else body)
            )


def whole_body() -> bytes:
    """This request's body. Raises BadRequest for a part of one, RequestEntityTooLarge.

    RequestTimeout where it does not arrive within a minute: its sender may have lost power.
    The server gives what there is when a sender goes away, and the beginning of a number is one.
    """
    try:
        with gevent.Timeout(_ARRIVE_SECONDS, RequestTimeout("the body did not arrive in time")):
            body = request.get_data(cache=False)
    except (ClientDisconnected, ParseException) as error:
        raise BadRequest("the body does not come whole, in chunks that can be read") from error
    size = request.content_length
    if size is not None and len(body) < size:
        raise BadRequest(f"the body ended after {len(body)} of {size} bytes")
    return body


def _packed() -> bool:
    """Whether this request's body is compressed. Raises UnsupportedMediaType."""
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding in ENCODINGS:
        return True
    if encoding in {"", "identity"}:
        return False
    raise UnsupportedMediaType(f"Content-Encoding must be gzip or deflate, not {encoding!r:.50}")


@contextmanager
def _turn(semaphore: BoundedSemaphore) -> Iterator[None]:
    if not semaphore.acquire(timeout=_WAIT_SECONDS):
        raise ServiceUnavailable("too many large requests at once")
    try:
        yield
    finally:
        semaphore.release()
