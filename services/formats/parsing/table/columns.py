"""Columns of a table: which of them hold times, names of series, values and units."""

from typing import NamedTuple

from services.formats.parsing.table.description import TableColumn
from services.formats.parsing.table.influx import InfluxColumns
from services.formats.parsing.table.times import TimeHint


class ValueColumn(NamedTuple):
    """A column of values.

    Attributes:
        cell: Index of the column.
        name: Name of its series, or the end of that name; None if other columns name the series.
        unit: Unit of its series, None if the header states none.
        may_be_text: True if the column may hold texts that name no series.
        may_count: True if the column may hold the numbers of the rows.
    """

    cell: int
    name: str | None
    unit: str | None
    may_be_text: bool = False
    may_count: bool = False


class CsvColumns(NamedTuple):
    """Indexes of the columns of a table.

    Attributes:
        described: All columns, for people.
        times: Columns of the times: none, one, or a date and a time of day.
        keys: Columns that name the series.
        values: Columns of the values.
        unit: Column of the units, None without one.
        hint: What the header says about the times.
        influx: Columns of a table that InfluxDB has written, otherwise None.
    """

    described: tuple[TableColumn, ...]
    times: tuple[int, ...]
    keys: tuple[int, ...]
    values: tuple[ValueColumn, ...]
    unit: int | None
    hint: TimeHint = TimeHint()
    influx: InfluxColumns | None = None

    @property
    def min_cells(self) -> int:
        """Minimum number of cells of a row. Units at its end may be missing."""
        needed = (*self.times, *self.keys, *(column.cell for column in self.values))
        if self.keys and len(self.values) == 1:
            return max(needed) + 1
        return len(self.described)
