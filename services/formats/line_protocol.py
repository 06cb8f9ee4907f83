"""Readings as InfluxDB's line protocol: `cpu,host=attic usage=12.5,load=3i 1763793660000000000`.

Most lines are plain: a key and fields that were seen before, numbers, and a time. Lines of one
field each are then read many at once, others one by one. Whatever is not plain is read by the
grammar, which also knows what is wrong with it.
"""

import re
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

import msgspec

from services.errors import MalformedError
from services.formats.parsing.json_stream import MAX_ITEM_CHARS
from services.formats.parsing.point_grammar import OpenStringError, Point, parse_point, parse_value
from services.formats.parsing.point_names import point_of_series, series_of_field
from services.formats.parsing.result import DecodeResult, ReadingCollector, ReserveTimestamps
from services.reading import MAX_AHEAD_MICROSECONDS, Reading, ts_fault

Precision = Literal["ns", "us", "ms", "s", "m", "h", "auto"]
"""What a time counts. auto: seconds, or what is so large that it must count something smaller."""


class _Scale(NamedTuple):
    """A time is multiplied by `factor` and divided by `divisor` to count microseconds."""

    factor: int
    divisor: int = 1

    def microseconds(self, stamp: int) -> int:
        return (stamp * self.factor + self.divisor // 2) // self.divisor


_SCALES: Final[dict[str, _Scale]] = {
    "ns": _Scale(1, 1_000),
    "us": _Scale(1),
    "ms": _Scale(1_000),
    "s": _Scale(1_000_000),
    "m": _Scale(60_000_000),
    "h": _Scale(3_600_000_000),
}
_AUTO: Final = ((5_000_000_000, "s"), (5_000_000_000_000, "ms"), (5_000_000_000_000_000, "us"))

_CHUNK: Final = 4_096
_MOST_KNOWN: Final = 100_000
_MOST_JOINED: Final = 8
_MOST_FLOAT: Final = 1.7976931348623157e308
_NINE: Final = ord("9")

# Strings, escapes, and blanks that JSON would overlook.
_UNUSUAL: Final = (b'"', b"\\", b"\t", b"\r")
_STRING_END = re.compile(rb'(?:[^"\\]|\\.)*"')

_known: dict[bytes, tuple[str, str | None]] = {}
"""Name and unit of series by key and field as written: plain tuples, which are unpacked faster."""

# A number must be JSON's here, which knows neither `1i` nor NaN. What it refuses is read elsewhere.
_decode_numbers = msgspec.json.Decoder(list[tuple[float, int]]).decode

# What `Reading(...)` does, at a third of the cost.
_new = tuple.__new__


def decode_lines(
    text: bytes, now: int, precision: Precision = "ns", reserve: ReserveTimestamps | None = None
) -> DecodeResult:
    """Read lines of points; each field that is a number or a boolean is a reading.

    now: the time of arrival in microseconds; see `formats.json.decode`, also for `reserve`. The
    place of a fault is its line, from 0. Raises OversizedError.
    """
    return _LineDecoder(text, now, precision).decoded(reserve)


def encode_lines(readings: Iterable[Reading]) -> bytes:
    """A line for each reading, with its time in nanoseconds. Units have no place there."""
    return "".join(
        f"{point_of_series(r.series)}={r.value!r} {r.ts}000\n" for r in readings
    ).encode()


class _LineDecoder:
    """The lines of one text, on their way to readings."""

    def __init__(self, text: bytes, now: int, precision: Precision) -> None:
        self._now = now
        self._precision = precision
        self._gathering = ReadingCollector(now)
        self._gathering.check_count(text.count(b"\n"))
        self._rows = text.removesuffix(b"\n").split(b"\n")
        self._alike = precision in _SCALES and not any(c in text for c in _UNUSUAL)

    def decoded(self, reserve: ReserveTimestamps | None) -> DecodeResult:
        for start in range(0, len(self._rows), _CHUNK):
            end = min(start + _CHUNK, len(self._rows))
            if not (self._alike and self._read_alike(start, end)):
                self._read(start, end)
            self._gathering.check_count()
        return self._gathering.result(reserve)

    def _read_alike(self, start: int, end: int) -> bool:
        """Read these lines at once, if each is plain and has one field; else none of them."""
        if self._rows[start].rpartition(b"=")[0] not in _known:
            return False
        fields, _, texts = zip(
            *[row.rpartition(b"=") for row in self._rows[start:end]], strict=True
        )
        try:
            series = [_known[field] for field in fields]
            numbers = _decode_numbers(b"[[%b]]" % b"],[".join(texts).replace(b" ", b","))
        except (LookupError, msgspec.MsgspecError):
            return False
        factor, divisor = _SCALES[self._precision]
        half = divisor // 2
        times = [(stamp * factor + half) // divisor for _, stamp in numbers]
        if min(times) < 0 or max(times) > self._now + MAX_AHEAD_MICROSECONDS:
            return False
        self._gathering.readings += [
            _new(Reading, (name, ts, value, unit))
            for (name, unit), (value, _), ts in zip(series, numbers, times, strict=True)
        ]
        return True

    def _read(self, start: int, end: int) -> None:
        """Read these lines: what is plain here, which is most of it, and the rest elsewhere."""
        rows, readings, latest = (
            self._rows,
            self._gathering.readings,
            self._now + MAX_AHEAD_MICROSECONDS,
        )
        # With a factor of 0 no time is read here.
        factor, divisor = _SCALES.get(self._precision, (0, 1))
        half = divisor // 2
        for place in range(start, end):
            size = len(readings)
            try:
                key, fields, stamp = rows[place].split(b" ")
                ts = (int(stamp) * factor + half) // divisor
                if not (0 < ts <= latest and stamp.isdigit()):
                    raise ValueError  # noqa: TRY301 (as the others)
                for field in fields.split(b","):
                    name, _, text = field.partition(b"=")
                    value = float(text) if text[-1] <= _NINE else parse_value(text.decode())
                    if not -_MOST_FLOAT <= value <= _MOST_FLOAT or b"_" in text:
                        raise ValueError  # noqa: TRY301
                    named, unit = _known[b"%b %b" % (key, name)]
                    readings.append(_new(Reading, (named, ts, value, unit)))
            except (ValueError, LookupError, MalformedError):
                del readings[size:]
                self._read_any(place)

    def _read_any(self, place: int) -> None:
        """Read a line by the grammar."""
        line = self._rows[place]
        start = line.lstrip(b" \t\0\r")[:1]
        if start in {b"", b"#"}:
            return
        try:
            self._take(self._point(place, line))
        except UnicodeDecodeError:
            self._gathering.add_fault(place, "not UTF-8")
        except MalformedError as error:
            self._gathering.add_fault(place, str(error))

    def _point(self, place: int, line: bytes) -> Point:
        """The point at this place. Line breaks within a string are part of it."""
        for _ in range(_MOST_JOINED):
            if len(line) > MAX_ITEM_CHARS:
                raise MalformedError(f"a line must have at most {MAX_ITEM_CHARS} bytes")
            try:
                point = parse_point(line.decode())
            except OpenStringError:
                more = self._string_end(place + line.count(b"\n") + 1)
                if not more:
                    raise
                line = b"\n".join([line, *more])
            else:
                # What belonged to a string is no line of its own.
                for taken in range(place + 1, place + 1 + line.count(b"\n")):
                    self._rows[taken] = b""
                return point
        raise MalformedError("unbalanced quotes")

    def _string_end(self, place: int) -> list[bytes]:
        """The lines from this place on to the one in which a string ends; none if it does not."""
        size = 0
        for end in range(place, len(self._rows)):
            size += len(self._rows[end])
            if size > MAX_ITEM_CHARS:
                break
            if _STRING_END.match(self._rows[end]):
                return self._rows[place : end + 1]
        return []

    def _take(self, point: Point) -> None:
        """Take the readings of a point. Raises MalformedError."""
        ts = self._microseconds(point.stamp)
        found = [
            (*_series(point, field.raw, field.name), field.value)
            for field in point.fields
            if field.value is not None
        ]
        for name, unit, value in found:
            self._gathering.add(name, ts, value, unit)
        self._gathering.skipped_text_count += len(point.fields) - len(found)

    def _microseconds(self, stamp: int | None) -> int | None:
        if stamp is None:
            return None
        precision: str = self._precision
        if precision == "auto":
            precision = next((name for bound, name in _AUTO if abs(stamp) < bound), "ns")
        ts = _SCALES[precision].microseconds(stamp)
        fault = ts_fault(ts, self._now)
        if fault:
            raise MalformedError(fault)
        return ts


def _series(point: Point, raw: str, field: str) -> tuple[str, str | None]:
    """Name and unit of a field's series, which are remembered. Raises MalformedError."""
    written = f"{point.key} {raw}".encode()
    known = _known.get(written)
    if known is not None:
        return known
    name, unit = series_of_field(point.measurement, point.tags, field)
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    _known[written] = name, unit
    return name, unit
