"""Tables decoded as `stripchart import` does it."""

from datetime import UTC, datetime
from typing import Any

from services.formats.csv import CsvDecoder
from services.formats.parsing.result import DecodeResult
from services.formats.parsing.table.options import TableOptions
from services.formats.parsing.table.times import TableTimes, TimeHint
from services.reading import Reading

NOW = 1_795_342_272_123_456
"""Time of the import: 2026-11-22 10:11:12 UTC."""

T1, T2, T3 = "2026-08-02T15:30:00Z", "2026-08-02T15:35:00Z", "2026-08-02T15:40:00Z"

Row = tuple[str, str, float, str | None]
"""Series, time as `2026-08-02 15:30:00` in UTC, value and unit."""


def file_times(hint: TimeHint | None = None, **options: Any) -> TableTimes:
    return TableTimes(TableOptions(**{"is_file": True, **options}), hint or TimeHint())


def file_decoder(**options: Any) -> CsvDecoder:
    return CsvDecoder(TableOptions(**{"is_file": True, "require_time": True, **options}))


def decode_file(text: str, **options: Any) -> DecodeResult:
    decoder = file_decoder(**options)
    decoded = decoder.decode(text.encode(), NOW)
    decoder.finish()
    return decoded


def rows_of(decoded: DecodeResult) -> list[Row]:
    """Return the readings with times that people can read."""
    return [(r.series, utc(r.ts), r.value, r.unit) for r in decoded.readings]


def utc(ts: int) -> str:
    return str(datetime.fromtimestamp(ts / 1e6, UTC).replace(tzinfo=None))


def readings_by_series(decoded: DecodeResult) -> dict[str, list[float]]:
    values: dict[str, list[float]] = {}
    for reading in decoded.readings:
        values.setdefault(reading.series, []).append(reading.value)
    return values


def units_by_series(readings: list[Reading]) -> dict[str, str | None]:
    return {reading.series: reading.unit for reading in readings}
