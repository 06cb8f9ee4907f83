"""The intake: a body becomes messages, within limits, and the journal takes all of them or none."""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from services.broker import Journal, Message
from services.clock import TimestampAllocator
from services.errors import OversizedError, StoreUnavailableError
from services.formats.parsing.result import DecodeResult, Fault
from services.reading import Reading
from services.settings import Settings
from services.store import Reader
from services.web.http.bodies import BodyReader
from services.web.http.query_pool import QueryPool
from services.web.write.publish_batcher import PublishBatcher

MAX_NEW_SERIES: Final = 20_000
"""Series that one request may bring into being."""


class DecodedWrite(NamedTuple):
    """What a request wants to write.

    more: faults that are only counted; texts: values that are left out.
    """

    messages: Sequence[Message]
    faults: Sequence[Fault]
    more: int
    texts: int

    @property
    def size(self) -> int:
        """How many readings it writes."""
        return sum(message.reading_count for message in self.messages)

    @property
    def refused(self) -> int:
        """How many items are at fault."""
        return len(self.faults) + self.more


class Ingest:
    """Takes what requests want to write. A part of each web process."""

    def __init__(
        self, settings: Settings, journal: Journal, reader: Reader, queries: QueryPool
    ) -> None:
        self.stamps = TimestampAllocator()
        self._settings = settings
        self._post = PublishBatcher(journal)
        self._reader = reader
        self._bodies = BodyReader(queries)

    def publish_request(
        self, decoder: Callable[[bytes], DecodeResult], partly: bool = True
    ) -> DecodedWrite:
        """Decode this request's body and publish what is good of it.

        partly: whether to publish anything where something is at fault. Raises what `Bodies` and
        `Journal.publish` raise, and OversizedError for more than may come at once.
        """
        write = self._bodies.decode(lambda body: self._write(body, decoder))
        if write.messages and (partly or not write.faults):
            self._post.publish(write.messages)
        return write

    def _write(self, body: bytes, decoder: Callable[[bytes], DecodeResult]) -> DecodedWrite:
        decoded = decoder(body)
        self._check_series(decoded.readings)
        messages = Message.of(decoded.readings)
        self._check_messages(messages)
        return DecodedWrite(
            messages, decoded.faults, decoded.omitted_fault_count, decoded.skipped_text_count
        )

    def _check_series(self, readings: Collection[Reading]) -> None:
        if len(readings) <= MAX_NEW_SERIES:
            return
        names = {reading.series for reading in readings}
        unknown = 0
        if len(names) > MAX_NEW_SERIES:
            with suppress(StoreUnavailableError):
                unknown = self._reader.count_unknown_series(names)
        if unknown > MAX_NEW_SERIES:
            raise OversizedError(
                f"{unknown} new series at once, and at most {MAX_NEW_SERIES} may be: send fewer"
            )

    def _check_messages(self, messages: Sequence[Message]) -> None:
        """A journal that is full now may be tried again; one that is too small may not."""
        size = sum(len(message.text) for message in messages)
        most = self._settings
        if len(messages) > most.journal_max_entries or size > most.journal_max_bytes:
            raise OversizedError("the journal can't hold so many readings at once: send fewer")
