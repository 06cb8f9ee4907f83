"""The source `stdin`: lines of standard input, as JSON, CSV or line protocol."""

import logging
import os
import select
from typing import Final

from services.concurrency import Shutdown
from services.formats.parsing.result import DecodeResult
from services.formats.text_stream import TextStream
from services.producer.source_context import SourceContext

logger = logging.getLogger("producer")

_STDIN: Final = 0
_READ_BYTES: Final = 65_536
_POLL_MILLISECONDS: Final = 200
_MAX_LOGGED_FAULTS: Final = 100


def run(feed: SourceContext) -> None:
    """Publish the readings of standard input until it ends.

    While Redis is unavailable, nothing is read, so the program at the other end of the pipe waits.
    """
    stream, faults = TextStream(clock=feed.clock), 0
    while chunk := _read(feed.stop):
        faults = _publish(feed, stream.feed(chunk), faults)
    faults = _publish(feed, stream.finish(), faults)
    if faults > _MAX_LOGGED_FAULTS:
        logger.warning("standard input ended: %d invalid lines were left out", faults)


def _read(shutdown: Shutdown) -> bytes:
    """Return the next bytes; none at the end of the input or after the shutdown."""
    # Not through sys.stdin: this thread would hold its lock when the process ends.
    poll = select.poll()
    poll.register(_STDIN, select.POLLIN)
    while not shutdown.requested:
        if poll.poll(_POLL_MILLISECONDS):
            return os.read(_STDIN, _READ_BYTES)
    return b""


def _publish(feed: SourceContext, decoded: DecodeResult, faults: int) -> int:
    """Publish the readings, log the first faults, and return the new number of faults."""
    feed.put_patiently(decoded.readings, decoded.points)
    for fault in decoded.faults:
        faults += 1
        if faults <= _MAX_LOGGED_FAULTS:
            logger.warning(
                "line %d of standard input left out: %s", fault.item_index + 1, fault.reason
            )
    return faults + decoded.omitted_fault_count
