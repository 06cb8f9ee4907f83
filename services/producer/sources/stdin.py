"""Lines of standard input: JSON, CSV or line protocol."""

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
_PIECE: Final = 65_536
_LOOK_MILLISECONDS: Final = 200
_MOST_TOLD: Final = 100


def run(feed: SourceContext) -> None:
    """Put what the lines bring until they end. Whoever writes them waits while Redis is away."""
    stream, refused = TextStream(clock=feed.clock), 0
    while piece := _read(feed.stop):
        refused = _put(feed, stream.feed(piece), refused)
    refused = _put(feed, stream.finish(), refused)
    if refused > _MOST_TOLD:
        logger.warning("standard input has ended: %d lines of it were left out", refused)


def _read(stop: Shutdown) -> bytes:
    """What there is, or nothing at the end and when asked to stop."""
    # Not by sys.stdin: its lock would be held by this thread when the process ends.
    waiting = select.poll()
    waiting.register(_STDIN, select.POLLIN)
    while not stop.requested:
        if waiting.poll(_LOOK_MILLISECONDS):
            return os.read(_STDIN, _PIECE)
    return b""


def _put(feed: SourceContext, decoded: DecodeResult, refused: int) -> int:
    feed.put_patiently(decoded.readings)
    for fault in decoded.faults:
        refused += 1
        if refused <= _MOST_TOLD:
            logger.warning("line %d of standard input: %s", fault.item_index + 1, fault.reason)
    return refused + decoded.omitted_fault_count
