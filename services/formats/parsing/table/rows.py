"""Rows of a table whose columns are known."""

from collections.abc import Collection
from operator import itemgetter
from sys import float_info
from typing import Final

from services.errors import MalformedError
from services.formats.parsing.json_stream import MAX_ITEM_CHARS
from services.formats.parsing.result import ReadingCollector
from services.formats.parsing.table.cell_numbers import CellNumbers, missing_value
from services.formats.parsing.table.columns import CsvColumns
from services.formats.parsing.table.dialect import split_cells, unescape_formula
from services.formats.parsing.table.header_names import is_data, is_name
from services.formats.parsing.table.options import TableOptions
from services.formats.parsing.table.row_cells import RowCells
from services.formats.parsing.table.times import TableTimes
from services.point import SeriesPoint
from services.reading import Reading, series_fault, unit_fault

_MAX_GROUPS: Final = 100_000
"""Maximum number of names of series whose units are remembered."""

_MAX_VALUE: Final = float_info.max
_new = tuple.__new__


class _Series:
    """State of a series: its unit, and whether its values state it."""

    __slots__ = (
        "cell",
        "default_unit",
        "has_bare_values",
        "last_ts",
        "last_value",
        "name",
        "stated_unit",
        "unit",
        "unit_text",
        "values_have_unit",
    )

    def __init__(self, cell: int, name: str, unit: str | None) -> None:
        self.cell = cell
        self.name = name
        self.unit = unit
        self.default_unit = unit
        self.unit_text = ""
        self.stated_unit = unit
        self.has_bare_values = False
        self.last_ts = -1
        self.last_value = 0.0
        self.values_have_unit = False


class TableRows:
    """Decodes the rows of a table.

    Args:
        columns: The columns of the table.
        delimiter: Character between two cells.
        options: What the operator says about the table.

    Attributes:
        columns: The columns.
        numbers: Parser of the values.
        times: Parser of the times.
        points: Points of the series of a table that InfluxDB has written.
    """

    def __init__(self, columns: CsvColumns, delimiter: str, options: TableOptions) -> None:
        self.columns = columns
        self.numbers = CellNumbers(options.decimal, delimiter)
        self.times = TableTimes(options, columns.hint)
        self.points: dict[str, SeriesPoint | None] = {}
        self._delimiter = delimiter
        self._options = options
        self._cells = RowCells(columns, delimiter, options)
        self._cell_count = len(columns.described)
        self._key = itemgetter(*columns.keys) if columns.keys else _no_key
        self._groups: dict[object, list[_Series]] = {}

    def add_row(self, index: int, line: str, collector: ReadingCollector, arrival_ts: int) -> None:
        """Decode a line and add its readings.

        Args:
            index: Index of the line, for the faults of single values.
            line: The line.
            collector: Receives the readings and faults.
            arrival_ts: Current time in microseconds.

        Raises:
            MalformedError: The whole line is refused.
        """
        cells = self.split(line)
        if not cells:
            return
        text = self._cells.time(cells)
        if not text and not any(cell.strip() for cell in cells):
            return
        ts = self.times.parse(text, arrival_ts) if text else None
        group = self._groups.get(self._key(cells)) or self._new_group(cells)
        if ts is None and self._options.require_time:
            raise MalformedError("its time is missing")
        self._add_values(index, cells, group, ts, collector)

    def split(self, line: str) -> list[str]:
        """Split a line into as many cells as the table has columns.

        Returns:
            The cells; none for a comment or a blank line.

        Raises:
            MalformedError: The line has other cells than the header.
        """
        if line[:1] == "#":
            return []
        if len(line) > MAX_ITEM_CHARS:
            raise MalformedError(f"a line must have at most {MAX_ITEM_CHARS} bytes")
        delimiter = self._delimiter
        cells = split_cells(line, delimiter) if '"' in line else line.split(delimiter)
        return cells if len(cells) == self._cell_count else self._cells.fit(cells, line)

    def leave_out(self, cells: Collection[int]) -> None:
        """Leave out columns of values."""
        columns = self.columns
        described = tuple(
            column._replace(role="ignored", series=None, unit=None) if index in cells else column
            for index, column in enumerate(columns.described)
        )
        values = tuple(column for column in columns.values if column.cell not in cells)
        self.columns = columns._replace(described=described, values=values)

    def _add_values(
        self,
        index: int,
        cells: list[str],
        group: list[_Series],
        ts: int | None,
        collector: ReadingCollector,
    ) -> None:
        unit_cell, readings = self.columns.unit, collector.readings
        is_file = self._options.is_file
        is_plain, to_float = self.numbers.is_plain, self.numbers.to_float
        for series in group:
            text = cells[series.cell]
            try:
                if unit_cell is not None and cells[unit_cell] != series.unit_text:
                    self._set_unit(series, cells[unit_cell])
                if series.has_bare_values and is_plain(text):
                    value = to_float(text)
                else:
                    word = missing_value(text)
                    if word is not None:
                        collector.skipped[word] += 1
                        continue
                    value = self._parse(series, text)
                if ts == series.last_ts and is_file:
                    _check_repeated(series, value)
                if not -_MAX_VALUE <= value <= _MAX_VALUE:
                    raise MalformedError(f"{text[:40]!r} is not a finite number")  # noqa: TRY301
            except MalformedError as error:
                is_named = self.columns.keys and len(group) == 1
                collector.add_fault(index, str(error) if is_named else f"{series.name}: {error}")
                continue
            if ts is None:
                collector.add(series.name, None, value, series.unit)
            else:
                series.last_ts, series.last_value = ts, value
                readings.append(_new(Reading, (series.name, ts, value, series.unit)))

    def _parse(self, series: _Series, text: str) -> float:
        """Parse a value that may have a unit. All values of a series must have it, or none."""
        value, unit = self.numbers.parse(text, series.unit)
        if unit is None and series.values_have_unit:
            raise MalformedError(f"{text[:40]!r} has no unit, unlike the values before it")
        if unit is not None and series.unit is None:
            if series.has_bare_values:
                raise MalformedError(f"{text[:40]!r} has a unit, unlike the values before it")
            series.unit, series.values_have_unit = unit, True
        series.has_bare_values = not series.values_have_unit
        return value

    def _set_unit(self, series: _Series, text: str) -> None:
        """Take the unit of a cell for the readings from here on."""
        unit = unescape_formula(text.strip()) or None
        if unit is not None:
            fault = unit_fault(unit) or (is_data(unit) and f"{unit:.40} is no unit")
            if fault:
                raise MalformedError(fault)
            if self._options.is_file and series.stated_unit not in {None, unit}:
                raise MalformedError(
                    f"the unit {unit} differs from {series.stated_unit} on the lines before it"
                )
            series.stated_unit = unit
        series.unit = unit or series.default_unit
        series.unit_text = text

    def _new_group(self, cells: list[str]) -> list[_Series]:
        """Return the series that the key cells of a row name, and remember them."""
        columns = self.columns
        if columns.influx is not None:
            name, unit, point = columns.influx.series(cells)
            self.points[name] = point
            group = [_Series(columns.influx.value, name, unit)]
        else:
            start = self._start_of_name(cells)
            group = [_Series(c.cell, _joined(start, c.name), c.unit) for c in columns.values]
        if len(self._groups) >= _MAX_GROUPS:
            self._groups.clear()
        self._groups[self._key(cells)] = group
        return group

    def _start_of_name(self, cells: list[str]) -> str | None:
        if not self.columns.keys:
            return None
        name = unescape_formula(cells[self.columns.keys[0]].strip())
        if not name:
            raise MalformedError("the name of the series is missing")
        # An operator may name a column of numbers; `3.temp` can't be taken for a value.
        is_joined = self._options.columns is not None and self.columns.values[0].name is not None
        if not is_name(name) and not (is_joined and name.isdigit()):
            raise MalformedError(
                f"{name[:40]!r} is a value, and can't be the name of a series",
                "write a word before a number, such as sensor 1",
            )
        fault = series_fault(name)
        if fault:
            raise MalformedError(fault)
        return name


def _check_repeated(series: _Series, value: float) -> None:
    """Check a value that has the time of the value before it.

    Raises:
        MalformedError: It is another value, so it would replace the one before it.
    """
    if value != series.last_value:
        raise MalformedError(
            "the line before it has another value at the same time",
            "if a column tells series apart, name it series with --columns",
        )


def _no_key(_cells: list[str]) -> None:
    """Return the key of the rows of a table whose columns each hold one series."""


def _joined(start: str | None, end: str | None) -> str:
    """Return the name of a series that a cell and a column name together."""
    name = ".".join(part for part in (start, end) if part is not None)
    fault = series_fault(name)
    if fault:
        raise MalformedError(fault)
    return name
