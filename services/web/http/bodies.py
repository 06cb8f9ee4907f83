"""Request bodies: their size, their completeness, and compression.

The connection (`client_connection.py`) bounds the time in which a body arrives, and the memory that
bodies take.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from flask import Request
from gevent.lock import BoundedSemaphore
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import (
    BadRequest,
    ClientDisconnected,
    RequestEntityTooLarge,
    ServiceUnavailable,
    UnsupportedMediaType,
)

from services.errors import OversizedError
from services.web.http.clients import current_client
from services.web.http.decompression import ENCODINGS, decompress

LARGE_BODY_BYTES: Final = 65_536
"""Size from which on decoding a body would delay live viewers."""

MAX_BODY_BYTES: Final = 25_000_000
"""Bytes of a body, as it arrives and when it is unpacked."""

_PIECE_BYTES: Final = 262_144
"""Bytes that are read at once, as many as are received at once."""

_SLOT_WAIT_SECONDS: Final = 10.0


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


class FormlessRequest(Request):
    """A request whose body is never parsed as a form.

    Reading a form would write uploaded files to disk, as large as a body may be.
    """

    want_form_data_parsed = False


def read_body(request: Request) -> Body:
    """Read the body of a request.

    Raises:
        MalformedError: The compressed data is damaged.
        HTTPException: The body is incomplete, too large, or compressed in an unknown way; or too
            many others are large.
    """
    is_compressed = _is_compressed(request)
    length = request.content_length
    is_large = length is None or length > LARGE_BODY_BYTES
    data = read_raw_body(request)
    if length is None and len(data) >= MAX_BODY_BYTES:
        # Werkzeug cuts a body without a length at the limit, without an error.
        raise RequestEntityTooLarge
    if is_compressed and not is_large:
        try:
            data, is_compressed = decompress(data, LARGE_BODY_BYTES), False
        except OversizedError:
            is_large = True
    return Body(data, is_compressed, is_large)


def read_raw_body(request: Request, max_bytes: int = MAX_BODY_BYTES) -> bytes:
    """Return the body of a request as it arrived.

    The server hands out an incomplete body when the sender disconnects, and the beginning of a
    number is a number as well.

    Raises:
        BadRequest: The body is incomplete.
        RequestEntityTooLarge: The body is larger than `max_bytes`.
        ServiceUnavailable: Too many other bodies are large.
    """
    length = request.content_length
    try:
        data = _receive(request, length, max_bytes)
    except (ClientDisconnected, ParseException) as error:
        raise BadRequest("the body is incomplete, or its chunks can't be read") from error
    if length is not None and len(data) < length:
        raise BadRequest(f"the body ended after {len(data)} of {length} bytes")
    return data


def _receive(request: Request, length: int | None, max_bytes: int) -> bytes:
    if length is None or not request.environ.get("wsgi.input_terminated"):
        request.max_content_length = max_bytes
        return request.get_data(cache=False)
    # Gunicorn's input ends with the body. Werkzeug would read smaller pieces, which copies more.
    if length > max_bytes:
        raise RequestEntityTooLarge
    read = request.environ["wsgi.input"].read
    return b"".join(iter(lambda: read(_PIECE_BYTES), b""))


@contextmanager
def occupy_slot(slots: BoundedSemaphore) -> Iterator[None]:
    """Hold a slot, and wait for one if none is free.

    Raises:
        ServiceUnavailable: No slot became free in time, or the client has disconnected meanwhile.
    """
    has_waited = slots.locked()
    if not slots.acquire(timeout=_SLOT_WAIT_SECONDS):
        raise ServiceUnavailable("too many large requests at once: try again later")
    try:
        if has_waited and current_client().is_gone():
            raise ServiceUnavailable("the client disconnected while its request waited")
        yield
    finally:
        slots.release()


def _is_compressed(request: Request) -> bool:
    """Return True if the body of a request is compressed. Raises UnsupportedMediaType."""
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding in ENCODINGS:
        return True
    if encoding in {"", "identity"}:
        return False
    raise UnsupportedMediaType(f"Content-Encoding must be gzip or deflate, not {encoding!r:.50}")
