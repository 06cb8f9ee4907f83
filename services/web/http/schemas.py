"""The documents of the API: what requests may send, and what responses hold.

The docstrings and descriptions are part of the API's description.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from services.reading import MAX_NAME_CHARS, MAX_UNIT_CHARS
from services.web.http.contract import Content

Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME_CHARS, description="Name of a series")]
Unit = Annotated[str, Meta(max_length=MAX_UNIT_CHARS)]
Seconds = Annotated[float, Meta(description="Unix time in seconds")]


class SelectionQuery(Struct):
    """The series that a request is about."""

    series: Annotated[
        list[str], Meta(description="Names, or patterns with *; all series without it")
    ] = []
    measurement: Annotated[list[str], Meta(description="Measurements, or patterns with *")] = []
    field: Annotated[list[str], Meta(description="Fields, or patterns with *")] = []
    tag: Annotated[
        list[str],
        Meta(
            description="Values of the tag KEY, or patterns with *; an empty one for series that"
            " do not have the tag. There may be several parameters with different keys"
        ),
    ] = msgspec.field(default_factory=list, name="tag.KEY")


class NewReading(Struct):
    """A reading. Without a time it gets its time of arrival.

    The time may also be named `time` or `timestamp`.
    """

    series: Name
    value: float
    ts: float | str | None = None
    time: float | str | None = None
    timestamp: float | str | None = None
    unit: Unit | None = None


class NewReadings(Struct):
    """A list of readings, in an object."""

    readings: list[NewReading]


class Written(Struct):
    """Confirmation that the journal has the readings."""

    ok: Literal[True]
    written: Annotated[int, Meta(ge=0)]


class ItemFault(Struct):
    """The reason why an item is not a valid reading. `index` counts items from 0."""

    index: int
    error: str


class Refusal(Struct):
    """An error of the API.

    A partly refused write has `written`, the number of readings that were written, the first
    `errors`, and in `more_errors` the number of further ones. In a 503, `taken` is false if nothing
    was written. It is missing if a lost answer leaves that open. In a 403, `reason` is why the host
    name or the page was refused, with the `host` and the `origin` of the request.
    """

    ok: Literal[False]
    error: str
    status: Annotated[int, Meta(ge=400, le=599)]
    written: int | UnsetType = UNSET
    errors: list[ItemFault] | UnsetType = UNSET
    more_errors: int | UnsetType = UNSET
    taken: Literal[False] | UnsetType = UNSET
    reason: Literal["host", "origin", "site"] | UnsetType = UNSET
    host: str | UnsetType = UNSET
    origin: str | UnsetType = UNSET


class TimedValueItem(Struct):
    """A value and its time."""

    t: Seconds
    value: float


class SeriesColumns(Struct):
    """A series in a range: readings (`t`, `value`), or buckets of `bucket` seconds.

    The `t` of a bucket is its start. `before` is the last reading before the range, null if there
    is none; it is there if the request asks for it.
    """

    unit: str | None
    tier: str
    bucket: float | None
    t: list[float]
    value: list[float] | UnsetType = UNSET
    min: list[float] | UnsetType = UNSET
    max: list[float] | UnsetType = UNSET
    mean: list[float | None] | UnsetType = UNSET
    count: list[int] | UnsetType = UNSET
    before: TimedValueItem | UnsetType | None = UNSET


class GapItem(Struct):
    """Readings that are known to be missing. Null is unknown."""

    from_: float | None = msgspec.field(name="from")
    to: float | None
    count: int | None
    reason: str


class HistoryDocument(Struct):
    """Series in a range. `cursor` is the position of exactly these readings, for `/live`."""

    from_: Seconds = msgspec.field(name="from")
    to: Seconds
    cursor: str | None
    series: dict[str, SeriesColumns]
    gaps: list[GapItem]


class PartItem(Struct):
    """The health of a part.

    `answers` is true for a Redis that answers but accepts no writes, and `refused` for one that
    refuses a command until somebody acts. `behind_seconds` is the time that the oldest reading has
    waited.
    """

    ok: bool
    answers: bool | UnsetType = UNSET
    refused: bool | UnsetType = UNSET
    error: str | UnsetType = UNSET
    behind_seconds: float | UnsetType = UNSET


class NotedGap(GapItem):
    """A gap, and the time at which it was noticed."""

    noted_at: Seconds


class GapsItem(Struct):
    """Gaps that were noticed in the last 24 hours."""

    count: int
    newest: NotedGap | None


class StorageItem(Struct):
    """The database and its disk, in bytes. `full_at` is when the disk is full at this rate."""

    low: bool
    note: str | None
    size: int
    free: int
    per_day: int | None
    full_at: Seconds | None


class StatusDocument(Struct):
    """The health of all parts. Null is unknown."""

    ok: bool
    redis: PartItem
    database: PartItem
    writer: PartItem
    storage: StorageItem | None
    gaps: GapsItem | None
    refused: int | None


class InfluxError2(Struct):
    """An error in the form of InfluxDB 2."""

    code: str
    message: str


class InfluxBadLine(Struct):
    """A line with a fault. `line_number` counts from 1."""

    error_message: str
    line_number: int
    original_line: str


class InfluxError3(Struct):
    """An error in the form of InfluxDB 3."""

    error: str
    data: list[InfluxBadLine] | InfluxBadLine | UnsetType = UNSET


REFUSAL: Final = Content((Refusal,))


def error_contents(*statuses: int, content: Content = REFUSAL) -> dict[int, Content | None]:
    """Return the same content for each of these statuses."""
    return dict.fromkeys(statuses, content)
