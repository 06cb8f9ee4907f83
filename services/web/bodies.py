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
from werkzeug.exceptions import RequestEntityTooLarge, RequestTimeout, ServiceUnavailable

from services.web.queries import Queries

T = TypeVar("T")

LARGE: Final = 65_536
"""Bytes of a body whose decoding would be felt by live viewers."""

MOST_ARRIVING: Final = 4
_WAIT_SECONDS: Final = 10.0
_ARRIVE_SECONDS: Final = 60.0


class Bodies:
    """Takes the bodies of requests. queries: its threads decode large ones."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries
        self._arriving = BoundedSemaphore(MOST_ARRIVING)
        self._decoding = BoundedSemaphore(1)

    def decode(self, decoder: Callable[[bytes], T]) -> T:
        """What the decoder makes of this request's body. Raises what it raises.

        Raises RequestEntityTooLarge, RequestTimeout for a body that does not arrive within a
        minute, ServiceUnavailable where too many others are large.
        """
        size = request.content_length
        if size is not None and size <= LARGE:
            return decoder(request.get_data(cache=False))
        with _turn(self._arriving):
            with gevent.Timeout(_ARRIVE_SECONDS, RequestTimeout("the body did not arrive in time")):
                body = request.get_data(cache=False)
            if size is None and len(body) >= (request.max_content_length or 0):
                # Werkzeug takes a body without a length up to the limit, and says nothing of more.
                raise RequestEntityTooLarge
            with _turn(self._decoding):
                return self._queries.ask(decoder, body)


@contextmanager
def _turn(semaphore: BoundedSemaphore) -> Iterator[None]:
    if not semaphore.acquire(timeout=_WAIT_SECONDS):
        raise ServiceUnavailable("too many large requests at once")
    try:
        yield
    finally:
        semaphore.release()
