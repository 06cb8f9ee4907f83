"""Description of a table as it was understood, for people."""

from typing import Literal, NamedTuple

ColumnRole = Literal["time", "series", "value", "unit", "tag", "ignored"]


class TableColumn(NamedTuple):
    """One column of a table.

    Attributes:
        header: Name of the column in the table, or in the option that names the columns.
        role: Meaning of its cells.
        series: Name of the series if the column holds the values of one series.
        unit: Unit of that series, None if the header states none.
    """

    header: str
    role: ColumnRole
    series: str | None = None
    unit: str | None = None


class TableDescription(NamedTuple):
    """Description of a table as it was understood.

    Attributes:
        columns: The columns in their order.
        delimiter: Character between two cells.
        decimal: Decimal separator, None if no value shows it.
        has_header: True if the table names its columns.
    """

    columns: tuple[TableColumn, ...]
    delimiter: str
    decimal: str | None
    has_header: bool
