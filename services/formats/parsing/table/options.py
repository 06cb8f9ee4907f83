"""Options for a table: facts that its text alone can't show."""

from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Final


@dataclass(frozen=True, slots=True)
class TableOptions:
    """Statements of the operator about a table. None means that the table shows it.

    Attributes:
        delimiter: Character between two cells.
        decimal: Decimal separator, "." or ",".
        columns: Names of the columns of a table without a header: the words of a header, or
            names of series; "-" or an empty name leaves a column out. They replace a header that
            the table has.
        timezone: Zone of times that state none.
        date_format: Format of the times, as `time.strptime` knows it, or as in dd/mm/yyyy hh:mm.
        is_file: True for past readings. Then numbers are times in seconds, milliseconds,
            microseconds or nanoseconds by their size, and times before 2000 are refused.
        allow_old: True to accept times before 2000 also in a file.
        require_time: True to refuse readings without a time. Otherwise they get their time of
            arrival.
    """

    delimiter: str | None = None
    decimal: str | None = None
    columns: tuple[str, ...] | None = None
    timezone: tzinfo = UTC
    date_format: str | None = None
    is_file: bool = False
    allow_old: bool = False
    require_time: bool = False


DEFAULT_OPTIONS: Final = TableOptions()
