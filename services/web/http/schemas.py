"""The documents of the API: what is answered, and what may be sent."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from services.reading import MAX_NAME_CHARS, MAX_UNIT_CHARS
from services.web.http.contract import Content

Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME_CHARS, description="A series")]
Unit = Annotated[str, Meta(max_length=MAX_UNIT_CHARS)]
Seconds = Annotated[float, Meta(description="Unix time in seconds")]


class NewReading(Struct):
    """A reading; without `ts` it is of the time of its arrival."""

    series: Name
    value: float
    ts: float | str | None = None
    unit: Unit | None = None


class NewReadings(Struct):
    """A list of readings, in an object."""

    readings: list[NewReading]


class Written(Struct):
    """The journal has the readings."""

    ok: Literal[True]
    written: Annotated[int, Meta(ge=0)]


class ItemFault(Struct):
    """Why an item is no reading. index: where it stands among the items, from 0."""

    index: int
    error: str


class Refusal(Struct):
    """An error of the API.

    Of a write: how many readings are written all the same, the first faults, and how many more
    there are. taken: false where nothing was; missing where a lost answer leaves it open.
    """

    ok: Literal[False]
    error: str
    status: Annotated[int, Meta(ge=400, le=599)]
    written: int | UnsetType = UNSET
    errors: list[ItemFault] | UnsetType = UNSET
    more_errors: int | UnsetType = UNSET
    taken: Literal[False] | UnsetType = UNSET


class SeriesItem(Struct):
    """A series with its first and last time and its last value; null without readings."""

    name: Name
    unit: str | None
    tags: str | None
    first: Seconds | None
    last: Seconds | None
    value: float | None


class SeriesList(Struct):
    """Every series, by name."""

    series: list[SeriesItem]


class SeriesColumns(Struct):
    """A series in a range: readings (`t`, `value`), or buckets of `bucket` seconds.

    `t` of a bucket is its start.
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


class GapItem(Struct):
    """Readings that are known to be missing; what is not known is null."""

    from_: float | None = msgspec.field(name="from")
    to: float | None
    count: int | None
    reason: str


class HistoryDocument(Struct):
    """Series in a range. cursor: the journal's position of exactly what was read, for `/live`."""

    from_: Seconds = msgspec.field(name="from")
    to: Seconds
    cursor: str | None
    series: dict[str, SeriesColumns]
    gaps: list[GapItem]


class PartItem(Struct):
    """Whether a part does its work. behind_seconds: how long the oldest reading has waited."""

    ok: bool
    error: str | UnsetType = UNSET
    behind_seconds: float | UnsetType = UNSET


class NotedGap(GapItem):
    """A gap, and when it was noticed."""

    noted_at: Seconds


class GapsItem(Struct):
    """Gaps that were noted in the last 24 hours."""

    count: int
    newest: NotedGap | None


class StorageItem(Struct):
    """The database and its disk, in bytes. full_at: when there will be no room at this rate."""

    low: bool
    note: str | None
    size: int
    free: int
    per_day: int | None
    full_at: Seconds | None


class StatusDocument(Struct):
    """How all parts are; null is what is not known."""

    ok: bool
    redis: PartItem
    database: PartItem
    writer: PartItem
    storage: StorageItem | None
    gaps: GapsItem | None
    refused: int | None


class SeriesChange(Struct, forbid_unknown_fields=True):
    """What is to be changed of a series: one of these, or both. An empty unit is none."""

    name: Name | UnsetType = UNSET
    unit: Unit | UnsetType | None = UNSET


class CommandItem(Struct):
    """A command to the writer; its fields are those of what it does."""

    do: Literal["rename", "unit", "erase", "delete"]
    series: Name
    name: Name | UnsetType = UNSET
    unit: Unit | UnsetType | None = UNSET
    from_: Seconds | UnsetType = msgspec.field(name="from", default=UNSET)
    to: Seconds | UnsetType = UNSET


class Corrected(Struct):
    """The journal has the commands. cursor: when history has reached it, they are carried out.

    whole_buckets_before: a time in seconds before which only whole buckets can be erased.
    """

    ok: Literal[True]
    cursor: str
    commands: list[CommandItem]
    whole_buckets_before: Seconds | UnsetType = UNSET


class InfluxError2(Struct):
    """An error as InfluxDB 2 says it."""

    code: str
    message: str


class InfluxBadLine(Struct):
    """A line at fault. line_number: from 1."""

    error_message: str
    line_number: int
    original_line: str


class InfluxError3(Struct):
    """An error as InfluxDB 3 says it."""

    error: str
    data: list[InfluxBadLine] | InfluxBadLine | UnsetType = UNSET


REFUSAL: Final = Content((Refusal,))


def error_contents(*statuses: int, content: Content = REFUSAL) -> dict[int, Content | None]:
    """The same document for each of these statuses."""
    return dict.fromkeys(statuses, content)
