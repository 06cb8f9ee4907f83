"""The report about a text and its meaning."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Final

from services.formats.parsing.result import DecodeResult
from services.formats.parsing.table.description import TableColumn, TableDescription
from services.formats.text_encoding import encoding_name
from services.formats.text_stream import TextStream

MAX_FAULTS_SHOWN: Final = 20
_MAX_SERIES_SHOWN: Final = 20
_MAX_SERIES_IN_JSON: Final = 1_000
_MAX_COLUMNS_SHOWN: Final = 50
_MAX_NAME_CHARS: Final = 80

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FORMATS: Final = {"json": "JSON", "csv": "CSV", "lines": "line protocol"}
_DELIMITERS: Final = {",": "commas", ";": "semicolons", "\t": "tabs"}

_series_of, _ts_of, _unit_of = itemgetter(0), itemgetter(1), itemgetter(3)


class TextReport:
    """Collects the counts, units and times of a text.

    Attributes:
        refused_count: Items that are not valid readings.
        faults: Sentences about the first of them.
        error: Sentence about what ended the work early, empty if nothing did.
    """

    def __init__(self) -> None:
        self.refused_count = 0
        self.faults: list[str] = []
        self.error = ""
        self._counts: Counter[str] = Counter()
        self._units: dict[str, str] = {}
        self._first_ts: int | None = None
        self._last_ts: int | None = None
        self._skipped: Counter[str] = Counter()
        self._skipped_text_count = 0

    def add(self, decoded: DecodeResult) -> None:
        """Add the readings and skipped values of a decoded part. Its faults are added one by one.

        Args:
            decoded: The part.
        """
        self._skipped.update(decoded.skipped)
        self._skipped_text_count += decoded.skipped_text_count
        readings = decoded.readings
        if not readings:
            return
        self._counts.update(map(_series_of, readings))
        units = dict(zip(map(_series_of, readings), map(_unit_of, readings), strict=True))
        self._units.update((series, unit) for series, unit in units.items() if unit)
        first, last = min(map(_ts_of, readings)), max(map(_ts_of, readings))
        self._first_ts = first if self._first_ts is None else min(first, self._first_ts)
        self._last_ts = last if self._last_ts is None else max(last, self._last_ts)

    def add_fault(self, sentence: str) -> bool:
        """Add a refused item. Return True if it is one of the first, which are shown."""
        self.refused_count += 1
        is_shown = self.refused_count <= MAX_FAULTS_SHOWN
        if is_shown:
            self.faults.append(sentence)
        return is_shown

    def summary(self, verb: str, reading_count: int | None = None) -> str:
        """Return the counts in one line.

        Args:
            verb: The first word, such as "sent".
            reading_count: Number of readings that were sent, None for all.
        """
        count = self._counts.total() if reading_count is None else reading_count
        text = f"{verb} {_format_count(count, 'reading')} of {len(self._counts)} series"
        if self._skipped_text_count:
            text += f", skipped {_format_count(self._skipped_text_count, 'text value')}"
        if self._skipped:
            text += f", skipped {_format_count(self._skipped.total(), 'missing value')}"
        return f"{text}, refused {self.refused_count}" if self.refused_count else text

    def lines(self, stream: TextStream) -> Iterator[str]:
        """Yield the lines that describe the text, its series and its times."""
        if stream.format is not None:
            yield f"format: {_describe_format(stream)}"
        if stream.description is not None:
            columns = stream.description.columns
            shown = [_describe_column(column) for column in columns[:_MAX_COLUMNS_SHOWN]]
            yield f"columns: {'; '.join(shown)}{_more(len(columns) - _MAX_COLUMNS_SHOWN)}"
        if self._counts:
            names = list(self._counts)[:_MAX_SERIES_SHOWN]
            series = ", ".join(self._describe_series(name) for name in names)
            yield f"series: {series}{_more(len(self._counts) - _MAX_SERIES_SHOWN)}"
        if self._first_ts is not None and self._last_ts is not None:
            yield f"times: {_format_time(self._first_ts)} to {_format_time(self._last_ts)}"
        if self._skipped:
            words = ", ".join(f"{count} {word}" for word, count in self._skipped.most_common())
            yield f"skipped: {words}"
        for note in stream.notes:
            yield f"note: {note}"

    def document(
        self, stream: TextStream, *, reading_count: int, dry_run: bool
    ) -> dict[str, object]:
        """Return the report for programs.

        Args:
            stream: The text.
            reading_count: Number of readings that were sent, or understood in a dry run.
            dry_run: True if nothing was sent on purpose.
        """
        names = list(self._counts)[:_MAX_SERIES_IN_JSON]
        table = stream.description
        return {
            "dry_run": dry_run,
            "readings": reading_count,
            "series_count": len(self._counts),
            "series": [
                {"name": name, "unit": self._units.get(name), "readings": self._counts[name]}
                for name in names
            ],
            "first": None if self._first_ts is None else _format_time(self._first_ts),
            "last": None if self._last_ts is None else _format_time(self._last_ts),
            "skipped": dict(self._skipped),
            "skipped_texts": self._skipped_text_count,
            "refused": self.refused_count,
            "refusals": self.faults,
            "format": stream.format,
            "encoding": encoding_name(stream.encoding),
            "delimiter": table.delimiter if table else None,
            "decimal": table.decimal if table else None,
            "has_header": table.has_header if table else None,
            "columns": [column._asdict() for column in table.columns] if table else [],
            "notes": stream.notes,
            "error": self.error or None,
        }

    def _describe_series(self, name: str) -> str:
        unit = self._units.get(name)
        count = _format_count(self._counts[name], "reading")
        return f"{_shorten(name)} ({f'{unit}, ' if unit else ''}{count})"


def _describe_format(stream: TextStream) -> str:
    text = f"{_FORMATS[stream.format or 'lines']} in {encoding_name(stream.encoding)}"
    return (
        text if stream.description is None else f"{text}, {_describe_dialect(stream.description)}"
    )


def _describe_dialect(table: TableDescription) -> str:
    delimiter = _DELIMITERS.get(table.delimiter, table.delimiter)
    decimal = f", decimal {'comma' if table.decimal == ',' else 'point'}" if table.decimal else ""
    header = "with a header" if table.has_header else "without a header"
    return f"{header}, cells separated by {delimiter}{decimal}"


def _describe_column(column: TableColumn) -> str:
    header = _shorten(" ".join(column.header.split())) or "(no name)"
    if column.series is None:
        return f"{header} = {column.role}"
    unit = f" in {column.unit}" if column.unit else ""
    return f"{header} = {column.role} of {_shorten(column.series)}{unit}"


def _format_time(ts: int) -> str:
    moment = _EPOCH + timedelta(microseconds=ts)
    return moment.isoformat().replace("+00:00", "Z")


def _shorten(text: str) -> str:
    return text if len(text) <= _MAX_NAME_CHARS else f"{text[: _MAX_NAME_CHARS - 1]}…"


def _more(count: int) -> str:
    return f" and {count} more" if count > 0 else ""


def _format_count(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
