"""Ingest: decodes the body of a write, enforces limits, and publishes to the journal."""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import Final, NamedTuple

from gevent.lock import BoundedSemaphore

from services.broker import MAX_CALL_BYTES, Journal, Message
from services.clock import TimestampAllocator, now_microseconds
from services.errors import OversizedError, StoreUnavailableError
from services.formats.parsing.result import (
    MAX_READINGS_PER_TEXT,
    DecodeResult,
    Fault,
    GiveWayFunction,
    do_nothing,
)
from services.metric import Sample
from services.metric_table import READINGS_PUBLISHED, READINGS_REJECTED
from services.settings import Settings
from services.store import Reader
from services.web.access.restriction import are_allowed
from services.web.http.bodies import Body, occupy_slot
from services.web.http.give_way import GiveWay
from services.web.http.threads import Threads
from services.web.write.bad_lines import BadLine, lines_of, quote_lines
from services.web.write.publish_batcher import PublishBatcher
from services.web.write.text_format import WriteFormat
from services.web.write.unstorable_series import UnstorableLine, UnstorableSeriesReport

MAX_NEW_SERIES: Final = 20_000
"""Series that one request may create."""

_MAX_BODY_FAULTS: Final = MAX_READINGS_PER_TEXT
"""Faults of a body above which it is refused as a whole. To find one takes up to 0.01 ms."""

_MAX_INLINE_BYTES: Final = 16_384
"""Size up to which a body is decoded without a thread. Meanwhile nothing else can run."""

_MAX_INLINE_FAULTS: Final = 1_000
"""Faults of a body above which it is decoded again, in a thread. To find them takes 10 ms."""


class DecodedWrite(NamedTuple):
    """The content of a write.

    Attributes:
        messages: The good readings, as messages for the journal.
        faults: The first faults.
        bad_lines: Lines of the first faults, if the format has lines.
        omitted_fault_count: Number of faults that are not in `faults`.
        skipped_text_count: Number of values that are texts. They are left out.
        unstorable: The first lines with a series that can't be stored. They are no faults.
        unstorable_count: Number of values that are left out because of that.
        forbidden_count: Number of readings of series that the sender may not write.
    """

    messages: Sequence[Message]
    faults: Sequence[Fault]
    bad_lines: Sequence[BadLine]
    omitted_fault_count: int
    skipped_text_count: int
    unstorable: Sequence[UnstorableLine] = ()
    unstorable_count: int = 0
    forbidden_count: int = 0

    @property
    def is_complete(self) -> bool:
        """True if nothing was refused or left out."""
        return not (self.faults or self.skipped_text_count or self.unstorable_count)

    @property
    def reading_count(self) -> int:
        """Number of good readings."""
        return sum(message.reading_count for message in self.messages)

    @property
    def fault_count(self) -> int:
        """Number of items with a fault."""
        return len(self.faults) + self.omitted_fault_count


class Ingest:
    """Decodes and publishes writes. Each web process has one.

    Args:
        settings: Bounds of the journal.
        journal: Receives the messages.
        reader: Knows which series exist.
        threads: Two threads, which decode long bodies.
        is_congested: Returns True while requests wait. Decoding in a thread gives way to them.
        max_new_series: Series that one request may create.
    """

    def __init__(
        self,
        settings: Settings,
        journal: Journal,
        reader: Reader,
        threads: Threads,
        *,
        is_congested: Callable[[], bool] = lambda: False,
        max_new_series: int = MAX_NEW_SERIES,
    ) -> None:
        self._settings = settings
        self._reader = reader
        self._threads = threads
        self._is_congested = is_congested
        self._max_new_series = max_new_series
        self._timestamps = TimestampAllocator()
        self._batcher = PublishBatcher(journal)
        self._malformed_count = self._unstorable_count = 0
        self._unstorable = UnstorableSeriesReport(journal)
        # A body of medium size never waits for a large one.
        self._medium_slot = BoundedSemaphore(1)
        self._large_slot = BoundedSemaphore(1)

    def decode(
        self, body: Body, write_format: WriteFormat, allowed: Container[str] | None
    ) -> DecodedWrite:
        """Decode a body. What may take long is done in a thread, for one body at a time.

        Args:
            body: The body.
            write_format: Its format.
            allowed: The series that the sender may write, None for all.

        Raises:
            MalformedError: The body is damaged, or not in this format at all.
            OversizedError: The body holds more than one request may write.
            ServiceUnavailable: Too many other bodies take long.
        """
        if not body.is_large and len(body.data) <= _MAX_INLINE_BYTES:
            text = body.unpack()
            plain = self._decode_plain(text, write_format, allowed)
            if plain is not None:
                return plain
            result = self._parse(text, write_format, allowed, _MAX_INLINE_FAULTS)
            if not result.is_cut:
                return self._checked(text, result, write_format)
        with occupy_slot(self._large_slot if body.is_large else self._medium_slot):
            return self._threads.run(self._decode, body, write_format, allowed)

    def publish(self, write: DecodedWrite) -> None:
        """Publish the messages of a write, all or none.

        Raises:
            BrokerUnavailableError: Redis does not answer.
            JournalFullError: The journal is full.
        """
        self._malformed_count += write.fault_count
        if write.messages:
            self._batcher.publish(write.messages)
        if write.unstorable_count:
            self._unstorable_count += write.unstorable_count
            self._unstorable.report(write.unstorable, write.unstorable_count)

    def samples(self) -> Iterator[Sample]:
        """Yield the samples of the readings so far."""
        yield Sample(READINGS_PUBLISHED, self._batcher.published_count)
        yield Sample(READINGS_REJECTED, self._batcher.refused_count, ("journal_full",))
        yield Sample(READINGS_REJECTED, self._malformed_count, ("malformed",))
        yield Sample(READINGS_REJECTED, self._unstorable_count, ("unstorable",))

    def _decode(
        self, body: Body, write_format: WriteFormat, allowed: Container[str] | None
    ) -> DecodedWrite:
        text = body.unpack()
        give_way = GiveWay(self._is_congested)
        plain = self._decode_plain(text, write_format, allowed, give_way)
        if plain is not None:
            return plain
        result = self._parse(text, write_format, allowed, _MAX_BODY_FAULTS, give_way)
        if result.is_cut:
            raise OversizedError(
                f"more than {_MAX_BODY_FAULTS} items that are no readings: send fewer at once"
            )
        return self._checked(text, result, write_format)

    def _decode_plain(
        self,
        text: bytes,
        write_format: WriteFormat,
        allowed: Container[str] | None,
        give_way: GiveWayFunction = do_nothing,
    ) -> DecodedWrite | None:
        """Decode and encode a plain text without a tuple for each reading, None for another."""
        if write_format.decode_plain is None:
            return None
        batches = write_format.decode_plain(text, now_microseconds(), give_way=give_way)
        if batches is None:
            return None
        if not are_allowed(chain.from_iterable(batch.series for batch in batches), allowed):
            return None
        names = chain.from_iterable(batch.series for batch in batches)
        self._check_new_series(names, sum(map(len, batches)))
        messages = list(map(Message.of_batch, batches))
        self._check_size(messages)
        return DecodedWrite(messages, [], [], 0, 0)

    def _parse(
        self,
        text: bytes,
        write_format: WriteFormat,
        allowed: Container[str] | None,
        max_faults: int,
        give_way: GiveWayFunction = do_nothing,
    ) -> DecodeResult:
        decode = partial(
            write_format.decode,
            text,
            now_microseconds(),
            reserve=self._timestamps.reserve,
            max_faults=max_faults,
            give_way=give_way,
        )
        result = decode(allowed=None)
        if are_allowed(map(itemgetter(0), result.readings), allowed):
            return result
        # To find the faults takes several times as long, so senders who obey don't pay for it.
        return decode(allowed=allowed)

    def _checked(
        self, text: bytes, result: DecodeResult, write_format: WriteFormat
    ) -> DecodedWrite:
        faults = [fault for fault in result.faults if not fault.is_unstorable]
        unstorable = [fault for fault in result.faults if fault.is_unstorable]
        bad_lines = quote_lines(text, faults) if write_format.is_lines else []
        self._check_new_series(map(itemgetter(0), result.readings), len(result.readings))
        messages = Message.of(result.readings, result.points)
        self._check_size(messages)
        return DecodedWrite(
            messages,
            faults,
            bad_lines,
            result.omitted_fault_count - (result.unstorable_count - len(unstorable)),
            result.skipped_text_count,
            lines_of(text, unstorable),
            result.unstorable_count,
            result.forbidden_count,
        )

    def _check_new_series(self, names_of_readings: Iterable[str], reading_count: int) -> None:
        if reading_count <= self._max_new_series:
            return
        names = set(names_of_readings)
        unknown = 0
        if len(names) > self._max_new_series:
            with suppress(StoreUnavailableError):
                unknown = self._reader.count_unknown_series(names)
        if unknown > self._max_new_series:
            raise OversizedError(
                f"{unknown} new series in one request, the limit is {self._max_new_series}:"
                " send fewer at once"
            )

    def _check_size(self, messages: Sequence[Message]) -> None:
        """Refuse for good what even an empty journal can't hold. A full one may have room later."""
        size = sum(len(message.text) for message in messages)
        settings = self._settings
        if len(messages) > settings.journal_max_entries or size > settings.journal_max_bytes:
            raise OversizedError("more readings than the journal can hold: send fewer at once")
        if size > MAX_CALL_BYTES:
            raise OversizedError(
                f"the readings make messages of {size >> 20} MiB, the limit is"
                f" {MAX_CALL_BYTES >> 20}: send fewer at once, or use shorter names"
            )
