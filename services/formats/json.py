"""Readings as JSON: the messages of the channel and the journal, and the input of clients.

There are two decoders. `decode_json` is lenient, for untrusted input: it checks each reading on its
own, and adds the times that are missing. `decode_entry` is strict, for journal entries: they were
checked before they were appended, so it expects the format of `encode_message` and only verifies
the columns. `decode_entries` does the same for many entries at once, which is faster. Input that is
plain never comes to `decode_json`: see `formats/parsing/plain_json.py`.
"""

from codecs import BOM_UTF8
from collections.abc import Callable, Container, Iterable, Sequence
from typing import Any

import msgspec

from services.errors import MalformedError
from services.formats.parsing.json_items import iterate_documents
from services.formats.parsing.json_stream import has_several_lines, iterate_items
from services.formats.parsing.json_times import time_of_item
from services.formats.parsing.result import (
    MAX_FAULTS,
    MAX_REASON_CHARS,
    DecodeResult,
    GiveWayFunction,
    ReadingCollector,
    ReserveTimestamps,
    do_nothing,
)
from services.point import SeriesPoint, SeriesPoints
from services.reading import (
    MAX_EXACT_SECONDS,
    MAX_TS,
    MICROSECONDS,
    Reading,
    ReadingBatch,
    is_valid_batch,
    series_fault,
    ts_fault,
    ts_from_iso8601,
    ts_from_seconds,
    unit_fault,
    value_fault,
)


# gc=False: these objects can't be part of a reference cycle, so the garbage collector skips them.
class _WireReading(msgspec.Struct, omit_defaults=True, gc=False):
    series: str
    ts: float
    value: float
    unit: str | None = None


class _WireMessage(msgspec.Struct, gc=False):
    readings: list[_WireReading]
    points: dict[str, SeriesPoint] | msgspec.UnsetType = msgspec.UNSET


class _MessageId(msgspec.Struct, gc=False):
    id: str | None = None


_decode_id = msgspec.json.Decoder(_MessageId).decode
_decode_wire = msgspec.json.Decoder(_WireMessage).decode
_decode_wires = msgspec.json.Decoder(list[_WireMessage]).decode
_encode_wire = msgspec.json.Encoder().encode


def encode_message(readings: Iterable[Reading], points: SeriesPoints | None = None) -> bytes:
    """Encode readings as a message. The journal adds its id later.

    Args:
        readings: The readings.
        points: Points of all their series, None if they did not come in line protocol.
    """
    return _encode_wire(
        _WireMessage(
            [
                _WireReading(series, ts / MICROSECONDS, value, unit)
                for series, ts, value, unit in readings
            ],
            # Most points follow from their names: to repeat them would double a message.
            msgspec.UNSET if points is None else _unusual_points(points),
        )
    )


def encode_batch(batch: ReadingBatch[str]) -> bytes:
    """Encode readings as a message. All of them came in line protocol and have points, or none."""
    seconds = [ts / MICROSECONDS for ts in batch.ts]
    readings = list(map(_WireReading, batch.series, seconds, batch.value, batch.unit))
    points = _unusual_points(batch.points) if batch.points else msgspec.UNSET
    return _encode_wire(_WireMessage(readings, points))


def _unusual_points(points: SeriesPoints) -> dict[str, SeriesPoint]:
    """Return the points that do not follow from names. Most messages have none."""
    if not any(points.values()):
        return {}
    return {name: point for name, point in points.items() if point is not None}


def decode_json(
    text: bytes,
    arrival_ts: int,
    reserve: ReserveTimestamps | None = None,
    max_faults: int | None = None,
    *,
    give_way: GiveWayFunction = do_nothing,
    allowed: Container[str] | None = None,
) -> DecodeResult:
    """Decode untrusted input: a reading, a list of readings, a message, or one of these a line.

    Args:
        text: The input.
        arrival_ts: Time of arrival in microseconds. It is the time of readings without one, and
            times more than ten minutes later are refused.
        reserve: Reserves unique times of arrival; see `ReadingCollector.result`.
        max_faults: Number of faults after which decoding ends; see `ReadingCollector`.
        give_way: Lets more urgent work go first; see `ReadingCollector`.
        allowed: The series that the sender may write, None for all.

    Raises:
        MalformedError: The text has no items to tell apart.
        OversizedError: The text has too many readings.
    """
    text = text.removeprefix(BOM_UTF8)

    def new_collector() -> ReadingCollector:
        return ReadingCollector(arrival_ts, max_faults, give_way, allowed=allowed)

    return _collect_lenient(text, new_collector, arrival_ts).result(reserve)


def message_id(text: bytes) -> str | None:
    """Return the id of a message, None if it has none or is no JSON."""
    # Most texts without an id need not be parsed.
    if b'"id"' not in text or not text.lstrip().startswith(b"{"):
        return None
    try:
        return _decode_id(text).id
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def decode_entry(text: bytes) -> DecodeResult:
    """Decode the message of a journal entry. Each reading must have a time.

    Raises:
        MalformedError: The entry is not a message.
        OversizedError: The entry has too many readings.
    """
    decoded = _decode_strict(text)
    if decoded is not None:
        return decoded
    # Decode it item by item, to keep the valid readings and name the faults of the others.
    return _collect_lenient(text, lambda: ReadingCollector(0, MAX_FAULTS), None).result(None)


def decode_entries(texts: Sequence[bytes]) -> ReadingBatch[str] | None:
    """Decode the messages of many journal entries at once.

    Returns:
        Their readings in order, or None if any entry differs from the format of `encode_message`.
        Then each entry needs `decode_entry`.
    """
    try:
        messages = _decode_wires(b"[%b]" % b",".join(texts))
        # A text with a comma at its top level would count as two messages.
        if len(messages) != len(texts):
            return None
        wires = [wire for message in messages for wire in message.readings]
        names = [wire.series for wire in wires]
        batch = ReadingBatch(
            names,
            [round(wire.ts * MICROSECONDS) for wire in wires],
            [wire.value for wire in wires],
            [wire.unit for wire in wires],
            _points(messages, names),
        )
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
        return None
    return batch if is_valid_batch(batch, MAX_EXACT_SECONDS * MICROSECONDS) else None


def _points(messages: Sequence[_WireMessage], names: Sequence[str]) -> SeriesPoints:
    """Return the points of the messages that came in line protocol.

    Args:
        messages: The messages.
        names: The series of all their readings.
    """
    with_points = [message for message in messages if message.points is not msgspec.UNSET]
    if len(with_points) < len(messages):
        names = [wire.series for message in with_points for wire in message.readings]
    points: dict[str, SeriesPoint | None] = dict.fromkeys(names)
    for message in with_points:
        if message.points:
            points.update(message.points)
    return points


def _decode_strict(text: bytes) -> DecodeResult | None:
    """Decode a message as a whole. Return None if anything in it is invalid."""
    try:
        message = _decode_wire(text)
        readings = [
            Reading(r.series, ts_from_seconds(r.ts), r.value, r.unit) for r in message.readings
        ]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    if not is_valid_batch(ReadingBatch.from_readings(readings)):
        return None
    names = [reading.series for reading in readings]
    return DecodeResult(readings, [], points=_points([message], names))


def _collect_lenient(
    text: bytes, new_collector: Callable[[], ReadingCollector], arrival_ts: int | None
) -> ReadingCollector:
    """Collect the items of a document, or of one on each line.

    An `arrival_ts` of None means a journal entry, whose readings must have a time.
    """
    try:
        return _collect(iterate_items(text), new_collector(), arrival_ts)
    except MalformedError:
        if not has_several_lines(text):
            raise
    return _collect(iterate_documents(text), new_collector(), arrival_ts)


def _collect(
    items: Iterable[object], collector: ReadingCollector, arrival_ts: int | None
) -> ReadingCollector:
    for index, item in enumerate(items):
        fault = _add_item(item, arrival_ts, collector)
        if fault:
            collector.add_fault(index, fault)
            if collector.has_too_many_faults:
                break
        collector.end_step()
    return collector


def _add_item(item: object, arrival_ts: int | None, collector: ReadingCollector) -> str:
    """Add the reading that an item holds. Returns the fault, or an empty text."""
    # Millions of numbers fit into a small compressed text, and an exception for each takes long.
    if not isinstance(item, dict):
        return str(item) if isinstance(item, MalformedError) else "a reading must be an object"
    try:
        _add_reading(item, arrival_ts, collector)
    except MalformedError as error:
        return str(error)
    return ""


def _add_reading(item: dict[str, Any], arrival_ts: int | None, collector: ReadingCollector) -> None:
    """Add the reading that an object holds. Raises MalformedError if it does not hold one."""
    series: Any = item.get("series")
    value: Any = item.get("value")
    unit: Any = item.get("unit")
    for key in ("series", "value"):
        if key not in item:
            raise MalformedError(f"{key} is missing")
    # Nearly all readings have no other keys.
    has_others = len(item) > 2 + ("ts" in item) + ("unit" in item)
    ts = time_of_item(item, _parse_ts) if has_others else _parse_optional_ts(item.get("ts"))
    if ts is None and arrival_ts is None:
        fault = series_fault(series) or value_fault(value) or unit_fault(unit)
        raise MalformedError(fault or "ts is missing")
    now = MAX_TS if arrival_ts is None else arrival_ts
    fault = ts_fault(ts, now) if ts is not None else None
    if fault:
        raise MalformedError(fault)
    collector.add(series, ts, value, unit)


def _parse_optional_ts(value: object) -> int | None:
    return None if value is None else _parse_ts(value)


def _parse_ts(value: object) -> int:
    try:
        if isinstance(value, str):
            return ts_from_iso8601(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return ts_from_seconds(value)
    except (ValueError, OverflowError) as error:
        raise MalformedError(f"ts can't be read: {error}"[:MAX_REASON_CHARS]) from error
    raise MalformedError("ts must be a number of seconds or an ISO 8601 string")
