"""The source `stdin`: lines of standard input, as JSON, CSV or line protocol."""

import logging
import os
import select
from typing import Final

from services.concurrency import Shutdown
from services.errors import MalformedError
from services.formats.parsing.result import DecodeResult
from services.formats.parsing.table.options import TableOptions
from services.formats.text_stream import TextOptions, TextStream
from services.producer.source_context import SourceContext

logger = logging.getLogger("producer")

_STDIN: Final = 0
_READ_BYTES: Final = 65_536
_POLL_MILLISECONDS: Final = 200
_MAX_LOGGED_FAULTS: Final = 100
_OPTIONS: Final = TextOptions(table=TableOptions(is_file=True))


def run(feed: SourceContext) -> None:
    """Publish the readings of standard input until it ends.

    While Redis is unavailable, nothing is read, so the program at the other end of the pipe waits.
    A table whose header is not understood ends the source: a restart would read from its middle.
    """
    stream, faults = TextStream(_OPTIONS, clock=feed.clock), 0
    notes: set[str] = set()
    try:
        while chunk := _read(feed.stop):
            faults = _publish(feed, stream.feed(chunk), faults)
            _log_notes(stream, notes)
        faults = _publish(feed, stream.finish(), faults)
        _log_notes(stream, notes)
    except MalformedError as error:
        logger.error("standard input can't be read: %s", error)  # noqa: TRY400 (no programming error)
    if faults > _MAX_LOGGED_FAULTS:
        logger.warning("standard input ended: %d invalid lines were left out", faults)


def _log_notes(stream: TextStream, logged: set[str]) -> None:
    """Log the notes about the text, each once."""
    for note in stream.notes:
        if note not in logged:
            logged.add(note)
            logger.info("standard input: %s", note)


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
