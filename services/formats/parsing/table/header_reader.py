"""Reader of the header of a table."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from services.errors import MalformedError
from services.formats.parsing.table.columns import CsvColumns, ValueColumn
from services.formats.parsing.table.columns_hint import ANY_COLUMNS, columns_option, option_of_row
from services.formats.parsing.table.description import ColumnRole, TableColumn
from services.formats.parsing.table.header_names import (
    LEFT_OUT,
    HeaderName,
    NameRole,
    is_data,
    is_name,
    parse_name,
    time_hint,
)
from services.formats.parsing.table.influx import InfluxColumns
from services.formats.parsing.table.options import TableOptions
from services.formats.parsing.unit_names import is_unit
from services.reading import series_fault, unit_fault

_TIME_WORD = re.compile(r"time|date|zeit|datum")
_LETTERS: Final = frozenset("ABCDEFGH")
"""Letters that tell phases or sensors apart, if B is among them: no quantity is in A and in B."""


def columns_of_header(cells: Sequence[str], options: TableOptions) -> CsvColumns:
    """Understand a header.

    Args:
        cells: The cells of the header, or the names of the option `columns`.
        options: What the operator says about the table.

    Raises:
        MalformedError: The header is not understood, or is a row of data.
    """
    if InfluxColumns.is_header(cells):
        return _influx_columns(cells)
    names = [parse_name(cell) for cell in _without_empty_end(cells)]
    if not any(name.role == "time" for name in names) and any(is_data(n.text) for n in names):
        option = option_of_row([name.text for name in names])
        raise MalformedError("the table has no header", f"name the columns, for example {option}")
    return _HeaderReader(names, options).columns()


class _HeaderReader:
    """Finds the meaning of the names of one header."""

    def __init__(self, names: list[HeaderName], options: TableOptions) -> None:
        self._names = names
        self._options = options
        self._left_out = (
            {i for i, name in enumerate(names) if name.text in LEFT_OUT}
            if options.columns is not None
            else set()
        )

    def columns(self) -> CsvColumns:
        """Return the columns of the table.

        Raises:
            MalformedError: The header is not understood.
        """
        self._check_names()
        times = self._times()
        keys, values, units = (self._indexes(role) for role in ("series", "value", "unit"))
        if not keys and len(self._names) > len(times) + len(values) + len(units):
            # Only beside names of series is `state` more than the name of one of the values.
            values = [index for index in values if self._names[index].name.lower() != "state"]
        for role, found in (("series", keys), ("value", values), ("unit", units)):
            if len(found) > 1:
                reason = f"{self._quote(found)} both seem to hold the {role}"
                raise self._error(reason, dict.fromkeys(found[1:], "-"))
        if not times and not (keys and values):
            raise self._no_times()
        if not times and self._options.require_time:
            raise self._error("the table has no column of times")
        others = self._others(values)
        if values:
            column = self._names[values[0]]
            name = None if keys else column.series
            found_values = [ValueColumn(values[0], name, column.unit)]
        else:
            found_values = self._series_columns(others)
        if units and len(found_values) > 1:
            raise self._error(f"{self._quote(units)} may belong to several columns")
        hint = time_hint((self._names[i] for i in times), self._options.timezone)
        if hint.date_format and len(times) > 1 and not self._options.date_format:
            raise MalformedError(
                "dates and times of day stand in two columns",
                "name their format with --date-format, for example dd/mm/yyyy hh:mm:ss",
            )
        described = self._describe(times, keys, tuple(found_values), units)
        unit = units[0] if units else None
        return CsvColumns(described, times, tuple(keys), tuple(found_values), unit, hint)

    def _check_names(self) -> None:
        seen: set[str] = set()
        for index, name in enumerate(self._names):
            if index in self._left_out:
                continue
            if not name.text and not self._may_be_unnamed(index):
                # Programs also write the times as an index without a name.
                is_index = index == 0 and not self._indexes("time")
                changes = {index: "time" if is_index else "-"}
                raise self._error(f"column {index + 1} has no name", changes)
            if name.text in seen:
                changes = {index: f"{name.text} {index + 1}"}
                raise self._error(f"two columns have the name {name.text!r:.40}", changes)
            seen.add(name.text)
            if name.role == "zone":
                raise MalformedError(
                    f"the column {name.text!r:.40} with zones of times is not understood",
                    "name one zone with --timezone, and leave the column out with --columns",
                )

    def _may_be_unnamed(self, index: int) -> bool:
        """Return True for the first column of a table that programs write with its row numbers."""
        is_header = self._options.columns is None
        is_wide = bool(self._indexes("time")) and not self._indexes("value")
        return is_header and is_wide and index == 0

    def _indexes(self, *roles: NameRole) -> list[int]:
        return [
            index
            for index, name in enumerate(self._names)
            if name.role in roles and index not in self._left_out
        ]

    def _times(self) -> tuple[int, ...]:
        found = self._indexes("time")
        words = [self._names[index].name.lower().strip() for index in found]
        if sorted(words) == ["date", "time"]:
            return (found[words.index("date")], found[words.index("time")])
        if sorted(words) == ["last_changed", "last_updated"]:
            return (found[words.index("last_changed")],)
        if len(found) > 1:
            changes = dict.fromkeys(found[1:], "-")
            raise self._error(f"{self._quote(found)} both seem to hold times", changes)
        return tuple(found)

    def _others(self, values: list[int]) -> list[int]:
        """Return the columns that may each hold a series.

        Raises:
            MalformedError: A column may tell series apart, or its meaning is open.
        """
        doubtful = self._indexes("identifier", "other", "counter") if values else []
        if not values and self._options.columns is None:
            doubtful = self._indexes("identifier")
        if doubtful:
            left_out = dict.fromkeys(doubtful, "-")
            keys = dict.fromkeys(self._indexes("series"), "-")
            raise self._error(
                f"{self._quote(doubtful[:1])} may tell series apart, or hold other values",
                left_out,
                left_out | keys | {doubtful[0]: "series"},
            )
        return self._indexes("other", "harmless", "identifier", "counter", "value")

    def _series_columns(self, others: list[int]) -> list[ValueColumn]:
        if not others:
            raise self._error("the table has no column of values")
        counts = Counter(self._names[index].series for index in others)
        no_units = self._names_without_units()
        columns = []
        for index in others:
            name = self._names[index]
            # Two columns such as `Temperature (in)` and `Temperature (out)` keep their brackets.
            is_unique = counts[name.series] == 1
            series = name.series if is_unique else name.text
            fault = (series and series_fault(series)) or unit_fault(name.unit)
            if fault:
                raise MalformedError(f"column {index + 1}: {fault}")
            if series and not is_name(series):
                changes = {i: f"column {i + 1}" for i in others if is_data(self._names[i].series)}
                reason = f"column {index + 1} has a value as its name: {series!r:.40}"
                raise self._error(reason, changes)
            unit = name.unit if is_unique or name.series not in no_units else None
            may_be_text = name.role in {"harmless", "value"}
            columns.append(ValueColumn(index, series, unit, may_be_text, name.role == "counter"))
        return columns

    def _names_without_units(self) -> set[str]:
        """Return the names that several columns have, with brackets that are no units."""
        brackets: dict[str, set[str]] = {}
        for name in self._names:
            if name.bracket:
                brackets.setdefault(name.series, set()).add(name.bracket)
        return {
            name
            for name, found in brackets.items()
            if not all(map(is_unit, found)) or ("B" in found and found <= _LETTERS)
        }

    def _describe(
        self,
        times: tuple[int, ...],
        keys: list[int],
        values: tuple[ValueColumn, ...],
        units: list[int],
    ) -> tuple[TableColumn, ...]:
        value_of = {column.cell: column for column in values}
        roles: dict[int, ColumnRole] = dict.fromkeys(times, "time")
        roles.update(dict.fromkeys(keys, "series"))
        roles.update(dict.fromkeys(value_of, "value"))
        roles.update(dict.fromkeys(units, "unit"))
        return tuple(
            TableColumn(
                name.text,
                roles.get(index, "ignored"),
                value_of[index].name if index in value_of and not keys else None,
                value_of[index].unit if index in value_of else None,
            )
            for index, name in enumerate(self._names)
        )

    def _quote(self, indexes: list[int]) -> str:
        names = " and ".join(repr(self._names[index].text[:40]) for index in indexes[:2])
        return f"the columns {names}" if len(indexes) > 1 else f"the column {names}"

    def _no_times(self) -> MalformedError:
        words = [name.name.lower() for name in self._names]
        index = next((i for i, word in enumerate(words) if _TIME_WORD.search(word)), 0)
        error = self._error("no column of the table has a name such as time", {index: "time"})
        if self._options.columns is None:
            error.hint += "; delete lines above the header, if there are any"
        return error

    def _error(self, reason: str, *changes: dict[int, str]) -> MalformedError:
        """Return an error with the options that would help.

        Args:
            reason: The error.
            changes: Names of columns by index: one change, or one that leaves columns out and one
                that uses them.
        """
        names = [name.text for name in self._names]
        options = [columns_option(names, change) for change in changes]
        if self._options.columns is not None or not options or None in options:
            return MalformedError(reason, f"{ANY_COLUMNS}; the name - leaves a column out")
        if len(options) == 1:
            return MalformedError(reason, f"name the columns, for example {options[0]}")
        return MalformedError(
            reason, f"name the columns: {options[0]} leaves it out, {options[1]} uses it"
        )


def _without_empty_end(cells: Sequence[str]) -> list[str]:
    """Return the cells without the empty ones that a delimiter at the end of the line makes."""
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return list(cells[:end])


def _influx_columns(cells: Sequence[str]) -> CsvColumns:
    influx = InfluxColumns.from_header(cells)
    roles: dict[int, ColumnRole] = {influx.time: "time", influx.value: "value"}
    roles |= dict.fromkeys((influx.measurement, influx.field), "series")
    roles |= dict.fromkeys(influx.tags, "tag")
    described = tuple(
        TableColumn(cell.strip(), roles.get(index, "ignored")) for index, cell in enumerate(cells)
    )
    values = (ValueColumn(influx.value, None, None),)
    keys = (influx.measurement, influx.field, *influx.tags)
    return CsvColumns(described, (influx.time,), keys, values, None, influx=influx)
