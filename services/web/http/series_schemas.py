"""The documents of the API about series: their list, and changes to them.

The docstrings and descriptions are part of the API's description.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from services.series_settings import (
    COLOR_PATTERN,
    MAX_DECIMALS,
    MAX_LABEL_CHARS,
    MAX_STATES,
    SeriesKind,
)
from services.web.http.schemas import Name, Seconds, Unit

Label = Annotated[
    str, Meta(max_length=MAX_LABEL_CHARS, description="Text to show instead of the name")
]
Decimals = Annotated[int, Meta(ge=0, le=MAX_DECIMALS, description="Digits after the decimal point")]
Color = Annotated[str, Meta(pattern=COLOR_PATTERN)]
States = Annotated[
    dict[str, str],
    Meta(max_length=MAX_STATES, description="Words by value; a value is a number as text"),
]


class TagsItem(Struct):
    """Measurement, field and tags of a series that came in line protocol."""

    measurement: str
    field: str
    tags: dict[str, str]


class SampleItem(Struct):
    """A summary of the newest values of a series, from which the digits to show can be derived."""

    decimals: Annotated[
        int, Meta(ge=0, description="Most digits after the decimal point that one was sent with")
    ]
    typical: Annotated[float, Meta(description="Median of the magnitudes that are not zero")]
    spread: Annotated[float, Meta(description="Difference between the largest and smallest one")]


class SeriesItem(Struct):
    """A series with its first and last time and its last value. They are null without readings.

    Settings are null if they are not set. `guessed_kind` is the kind that its readings suggest.
    """

    name: Name
    unit: str | None
    tags: TagsItem | None
    first: Seconds | None
    last: Seconds | None
    value: float | None
    label: Label | None
    kind: SeriesKind | None
    decimals: Decimals | None
    color: Color | None
    states: States | None
    guessed_kind: SeriesKind
    sample: SampleItem | None


class SeriesList(Struct):
    """Every series, by name."""

    series: list[SeriesItem]


class SeriesChange(Struct, forbid_unknown_fields=True):
    """Changes to a series: one or more of these fields. Null removes, and so does an empty text."""

    name: Name | UnsetType = UNSET
    unit: Unit | UnsetType | None = UNSET
    label: Label | UnsetType | None = UNSET
    kind: SeriesKind | Literal[""] | UnsetType | None = UNSET
    decimals: Decimals | Literal[""] | UnsetType | None = UNSET
    color: Color | Literal[""] | UnsetType | None = UNSET
    states: States | Literal[""] | UnsetType | None = UNSET


class CommandItem(Struct):
    """A command to the writer. Its fields depend on `do`."""

    do: Literal["rename", "unit", "settings", "erase", "delete"]
    series: Name
    name: Name | UnsetType = UNSET
    unit: Unit | UnsetType | None = UNSET
    label: Label | UnsetType | None = UNSET
    kind: SeriesKind | UnsetType | None = UNSET
    decimals: Decimals | UnsetType | None = UNSET
    color: Color | UnsetType | None = UNSET
    states: States | UnsetType | None = UNSET
    from_: Seconds | UnsetType = msgspec.field(name="from", default=UNSET)
    to: Seconds | UnsetType = UNSET


class Corrected(Struct):
    """Confirmation that the journal has the commands.

    They are carried out when the cursor of a history has reached `cursor`. Before
    `whole_buckets_before` only whole buckets can be erased.
    """

    ok: Literal[True]
    cursor: str
    commands: list[CommandItem]
    whole_buckets_before: Seconds | UnsetType = UNSET
