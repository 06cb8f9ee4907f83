"""Decoder of a text of line protocol that arrives in chunks, such as a file of past readings."""

from typing import Final

from services.formats.line_protocol import decode_lines
from services.formats.parsing.point_times import Precision
from services.formats.parsing.result import MAX_FAULTS, DecodeResult, Fault, ReserveTimestamps
from services.formats.parsing.table.options import DEFAULT_OPTIONS, TableOptions
from services.formats.parsing.table.unix_times import MIN_FILE_TS, old_time_error
from services.point import SeriesPoint
from services.reading import END_OF_TIME, Reading

_MISSING_TS: Final = -END_OF_TIME


class LineTextDecoder:
    """Decodes line protocol, with a fault for each line whose time is missing or too old.

    Args:
        precision: Unit of the times.
        options: Which times are accepted.
    """

    def __init__(self, precision: Precision, options: TableOptions = DEFAULT_OPTIONS) -> None:
        self._precision = precision
        self._require_time = options.require_time
        self._min_ts = MIN_FILE_TS if options.is_file and not options.allow_old else 0
        self._has_points = False
        self._has_faults = False

    @property
    def notes(self) -> list[str]:
        """Notes about the meaning of the text."""
        if self._has_points or not self._has_faults:
            return []
        return ["no line is line protocol: name the format with --format, or --delimiter '|'"]

    def decode(
        self, text: bytes, arrival_ts: int, reserve: ReserveTimestamps | None = None
    ) -> DecodeResult:
        """Decode the next lines. The index of a fault counts from the first of them."""
        if self._require_time:
            reserve = _reserve_missing_ts
        decoded = decode_lines(text, arrival_ts, self._precision, reserve)
        has_points = bool(decoded.readings or decoded.skipped_text_count)
        self._has_points = self._has_points or has_points
        self._has_faults = self._has_faults or bool(decoded.faults)
        if all(reading.ts >= self._min_ts for reading in decoded.readings):
            return decoded
        # Decode the same lines again, one by one, to name those with a fault.
        return self._decode_each_line(text, arrival_ts, reserve)

    def _decode_each_line(
        self, text: bytes, arrival_ts: int, reserve: ReserveTimestamps | None
    ) -> DecodeResult:
        readings, faults, omitted, skipped = [], [], 0, 0
        points: dict[str, SeriesPoint | None] = {}
        for index, line in enumerate(text.split(b"\n")):
            decoded = decode_lines(line, arrival_ts, self._precision, reserve)
            readings += [reading for reading in decoded.readings if reading.ts >= self._min_ts]
            faults += [fault._replace(item_index=index) for fault in decoded.faults]
            fault = self._time_fault(decoded.readings)
            if fault:
                faults.append(Fault(index, fault))
            omitted += decoded.omitted_fault_count
            skipped += decoded.skipped_text_count
            points.update(decoded.points)
        omitted += max(0, len(faults) - MAX_FAULTS)
        return DecodeResult(readings, faults[:MAX_FAULTS], omitted, skipped, points=points)

    def _time_fault(self, readings: list[Reading]) -> str:
        """Return the fault in the time of a point, empty if nothing is."""
        ts = min((reading.ts for reading in readings), default=self._min_ts)
        if ts < 0:
            return "its time is missing"
        if ts >= self._min_ts:
            return ""
        error = old_time_error(ts)
        error.hint += "; --precision names the unit of all times"
        return str(error)


def _reserve_missing_ts(_count: int) -> int:
    """Return a negative time, which marks readings without a time."""
    return _MISSING_TS
