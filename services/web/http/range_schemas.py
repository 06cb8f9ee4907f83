"""The documents of the API about a range: statistics of series, and increases of counters.

The docstrings and descriptions are part of the API's description.
"""

import msgspec
from msgspec import Struct

from services.series_settings import SeriesKind
from services.store import PeriodLength
from services.web.http.schemas import Seconds, TimedValueItem


class StatisticsItem(Struct):
    """Statistics of a series. Null is what the range or the kind of the series does not give.

    `slope` is the difference per second, `integral` the value times seconds. `durations` are the
    seconds of each value of a state.
    """

    unit: str | None
    kind: SeriesKind
    count: int
    min: float | None
    max: float | None
    mean: float | None
    first: TimedValueItem | None
    last: TimedValueItem | None
    difference: float | None
    slope: float | None
    integral: float | None
    durations: dict[str, float] | None


class StatisticsDocument(Struct):
    """Statistics of series in a range."""

    from_: Seconds = msgspec.field(name="from")
    to: Seconds
    cursor: str | None
    series: dict[str, StatisticsItem]


class IncreaseItem(Struct):
    """Increases of a counter: `t` are the starts of the periods.

    An increase is null in a period without readings.
    """

    unit: str | None
    t: list[Seconds]
    increase: list[float | None]
    total: float | None


class IncreaseDocument(Struct):
    """Increases of counters in the periods of a range."""

    from_: Seconds = msgspec.field(name="from")
    to: Seconds
    per: PeriodLength
    zone: str
    cursor: str | None
    series: dict[str, IncreaseItem]
