"""Tables that InfluxDB writes: CSV with `_time`, `_measurement`, `_field`, `_value` and tags."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, Self

from services.errors import MalformedError
from services.formats.parsing.point_names import FieldSeries, series_of_field

_NEEDED: Final = ("_time", "_measurement", "_field", "_value")
_IGNORED: Final = frozenset({"", "result", "table", "_start", "_stop"})
_ANNOTATIONS: Final = frozenset({"group", "datatype", "default"})
_OTHER_ANNOTATIONS: Final = frozenset({"constant", "concat", "timezone"})
_LINE_PROTOCOL_TYPES: Final = frozenset({"measurement", "tag", "field", "ignored", "ignore"})


class InfluxColumns(NamedTuple):
    """Indexes of the columns of a table that InfluxDB has written.

    Attributes:
        tags: Index and key of each tag.
    """

    time: int
    measurement: int
    field: int
    value: int
    tags: Mapping[int, str]

    @classmethod
    def is_header(cls, cells: Sequence[str]) -> bool:
        """Return True for the header of a table that InfluxDB has written."""
        names = {cell.strip() for cell in cells}
        return bool(names & {"_measurement", "_field"}) or (
            {"result", "table"} <= names and bool(names & {"_time", "_value"})
        )

    @classmethod
    def from_header(cls, cells: Sequence[str]) -> Self:
        """Understand a header for which `is_header` is True.

        Raises:
            MalformedError: A column is missing or has no name.
        """
        names = [cell.strip() for cell in cells]
        missing = [name for name in _NEEDED if names.count(name) != 1]
        if missing:
            raise MalformedError(
                f"a table of InfluxDB needs one column {missing[0]}",
                "export it without pivot() and keep()",
            )
        tags = {
            index: name
            for index, name in enumerate(names)
            if name not in _IGNORED and name not in _NEEDED
        }
        if len(set(tags.values())) < len(tags) or "" in names[1:]:
            raise MalformedError("a table of InfluxDB has a tag without a name of its own")
        time, measurement, field, value = (names.index(name) for name in _NEEDED)
        return cls(time, measurement, field, value, tags)

    def series(self, cells: Sequence[str]) -> FieldSeries:
        """Return the series of a row. A tag without a value counts as missing.

        Raises:
            MalformedError: The name breaks a rule.
        """
        tags = {key: cells[index] for index, key in self.tags.items() if cells[index]}
        measurement, field = cells[self.measurement], cells[self.field]
        if not measurement or not field:
            raise MalformedError("the measurement or the field is missing")
        return series_of_field(measurement, tags, field)


def check_annotation(cells: Sequence[str]) -> bool:
    """Check a line that begins with `#`.

    Returns:
        True for an annotation of InfluxDB, False for a comment.

    Raises:
        MalformedError: The annotation changes what the table means, and is not supported.
    """
    name, *words = (cell.strip() for cell in cells)
    word, _, more = name.removeprefix("#").partition(" ")
    if word in _OTHER_ANNOTATIONS or (word == "datatype" and more):
        raise MalformedError(
            f"the annotation #{word} of InfluxDB is not supported",
            "export the table with influx query --raw",
        )
    if word not in _ANNOTATIONS or not words:
        return False
    if word == "datatype" and any(
        text.partition("|")[0].partition(":")[0] in _LINE_PROTOCOL_TYPES for text in words
    ):
        raise MalformedError(
            "the annotation #datatype has types for writing to InfluxDB",
            "convert the table to line protocol",
        )
    # The first cell of the default is the name of the result.
    if word == "default" and any(words[1:]):
        raise MalformedError("the annotation #default with values is not supported")
    return True
