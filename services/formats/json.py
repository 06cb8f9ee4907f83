"""Readings as JSON: the messages of the channel and the journal, and what others send us.

Two doors lead in, and they differ in what they forgive. `decode` takes whatever a stranger or
an HTTP client sends, judges each reading alone, and stamps those without a time. `decode_entry`
takes a journal entry, which was judged before it was acknowledged and is not judged again;
`decode_entries` takes many of them at once, as long as all are as we make them.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from services.errors import MalformedError
from services.formats.parsing.json_stream import (
    MAX_ITEM_CHARS,
    has_several_lines,
    iterate_items,
    iterate_lines,
    parse_document,
)
from services.formats.parsing.result import DecodeResult, ReadingCollector, ReserveTimestamps
from services.reading import (
    MAX_EXACT_SECONDS,
    MAX_TS,
    MICROSECONDS,
    Reading,
    ReadingBatch,
    series_fault,
    ts_fault,
    ts_from_iso8601,
    ts_from_seconds,
    unit_fault,
    value_fault,
)

# A reason may quote what it is about.
_MOST_REASON: Final = 200


# They hold nothing that could refer back to them: the garbage collector need not look.
class _WireReading(msgspec.Struct, omit_defaults=True, gc=False):
    series: str
    ts: float
    value: float
    unit: str | None = None


class _WireMessage(msgspec.Struct, gc=False):
    readings: list[_WireReading]


_decode_wire = msgspec.json.Decoder(_WireMessage).decode
_decode_wires = msgspec.json.Decoder(list[_WireMessage]).decode
_encode_wire = msgspec.json.Encoder().encode


def encode_message(readings: Iterable[Reading]) -> bytes:
    """The message for these readings, without the id that the journal gives it."""
    return _encode_wire(
        _WireMessage(
            [
                _WireReading(series, ts / MICROSECONDS, value, unit)
                for series, ts, value, unit in readings
            ]
        )
    )


def decode_json(text: bytes, now: int, reserve: ReserveTimestamps | None = None) -> DecodeResult:
    """Read one reading, a list of readings, a message, or one of these on each line.

    now: the time of arrival in microseconds, which decides what times are too far ahead. Readings
    without a time get it, those of one series one after the other; `reserve` gives the first of
    as many microseconds as that takes. Raises MalformedError when no item can be told from another,
    OversizedError.
    """
    return _decoded(text, now).result(reserve)


def message_id(text: bytes) -> str | None:
    """The id of a message, or None when it has none, or is too large to be looked into."""
    if len(text) > MAX_ITEM_CHARS:
        return None
    try:
        document = parse_document(text)
    except MalformedError:
        return None
    found = document.get("id") if isinstance(document, dict) else None
    return found if isinstance(found, str) else None


def decode_entry(text: bytes) -> DecodeResult:
    """Read the message of a journal entry. Raises MalformedError when it is none at all."""
    try:
        message = _decode_wire(text)
        readings = [
            Reading(r.series, ts_from_seconds(r.ts), r.value, r.unit) for r in message.readings
        ]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _decoded(text, None).result(None)
    if _are_good(ReadingBatch.from_readings(readings)):
        return DecodeResult(readings, [])
    return _decoded(text, None).result(None)


def decode_entries(texts: Sequence[bytes]) -> ReadingBatch[str] | None:
    """Read the messages of many journal entries, in their order.

    None when not all of them are as we make them: then each is to be read by itself.
    """
    try:
        messages = _decode_wires(b"[%b]" % b",".join(texts))
        # One text that holds two messages is none.
        if len(messages) != len(texts):
            return None
        wires = [wire for message in messages for wire in message.readings]
        bulk = ReadingBatch(
            [wire.series for wire in wires],
            [round(wire.ts * MICROSECONDS) for wire in wires],
            [wire.value for wire in wires],
            [wire.unit for wire in wires],
        )
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
        return None
    return bulk if _are_good(bulk, MAX_EXACT_SECONDS * MICROSECONDS) else None


def _are_good(bulk: ReadingBatch[str], last_ts: int = MAX_TS) -> bool:
    """Whether times, names and units can be stored. Each name and unit is looked at once."""
    return not bulk or (
        min(bulk.ts) >= 0
        and max(bulk.ts) <= last_ts
        and not any(map(series_fault, set(bulk.series)))
        and not any(map(unit_fault, set(bulk.unit)))
    )


def _decoded(text: bytes, now: int | None) -> ReadingCollector:
    try:
        return _judge(iterate_items(text), now)
    except MalformedError:
        # One line that is no JSON is no list of lines.
        if not has_several_lines(text):
            raise
    return _judge(iterate_lines(text), now)


def _judge(found: Iterable[object], now: int | None) -> ReadingCollector:
    gathering = ReadingCollector(now or 0)
    for place, item in enumerate(found):
        try:
            _take(item, now, gathering)
        except MalformedError as error:
            gathering.add_fault(place, str(error))
        gathering.check_count()
    return gathering


def _take(item: object, now: int | None, gathering: ReadingCollector) -> None:
    """Take the reading that an item is. Raises MalformedError where it is none."""
    if isinstance(item, MalformedError):
        raise item
    if not isinstance(item, dict):
        raise MalformedError("a reading must be an object")
    series: Any = item.get("series")
    value: Any = item.get("value")
    unit: Any = item.get("unit")
    for key in ("series", "value"):
        if key not in item:
            raise MalformedError(f"{key} is missing")
    ts = _ts(item.get("ts"))
    if ts is None and now is None:
        fault = series_fault(series) or value_fault(value) or unit_fault(unit)
        raise MalformedError(fault or "ts is missing")
    fault = ts_fault(ts, MAX_TS if now is None else now) if ts is not None else None
    if fault:
        raise MalformedError(fault)
    gathering.add(series, ts, value, unit)


def _ts(value: object) -> int | None:
    if value is None:
        return None
    try:
        if isinstance(value, str):
            return ts_from_iso8601(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return ts_from_seconds(value)
    except (ValueError, OverflowError) as error:
        raise MalformedError(f"ts can't be read: {error}"[:_MOST_REASON]) from error
    raise MalformedError("ts must be a number of seconds or an ISO 8601 text")
