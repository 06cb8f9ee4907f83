"""What is asked of the database: the series there are, the newest reading, and any range.

Every answer is read in one transaction, so that its cursor is the position of exactly its rows.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeAlias, TypeVar

from sqlalchemy import Connection, Engine, Row, ScalarSelect, func, or_, select

from services.cursor import Cursor
from services.errors import StoreMissingError
from services.reading import MICROSECONDS, Reading, ts_to_seconds
from services.store import tables
from services.store.engine import translated
from services.store.losses import Gap, Losses, gaps_between, losses_since
from services.store.recorder import read_position

# Steps that people count time in, in seconds: a bucket is the first that gives few enough.
_STEPS: Final = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900,
    1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400,
)  # fmt: skip
_DAY: Final = 86_400


T = TypeVar("T")
_Series: TypeAlias = Row[int, str, str | None]


class TimeRange(NamedTuple):
    """From a time on, up to another one or without an end; both in microseconds, inclusive."""

    start: int
    end: int | None

    def bucket_seconds(self, newest: int, points: int) -> int:
        """The shortest bucket of which this range, up to `newest`, holds at most `points`."""
        end = newest if self.end is None else min(self.end, newest)
        for seconds in _STEPS:
            if self._buckets(end, seconds) <= points:
                return seconds
        days = -(-(end - self.start) // (points * _DAY * MICROSECONDS))
        while self._buckets(end, days * _DAY) > points:
            days += 1
        return days * _DAY

    def _buckets(self, end: int, seconds: int) -> int:
        width = seconds * MICROSECONDS
        return end // width - self.start // width + 1


class SeriesInfo(NamedTuple):
    """A series with its first, last and newest; times in microseconds, None without readings."""

    name: str
    unit: str | None
    tags: str | None
    first_ts: int | None
    last_ts: int | None
    last_value: float | None


class Bucket(NamedTuple):
    """The readings of one stretch of time. start: seconds; size: how many readings."""

    start: int
    least: float
    most: float
    mean: float
    size: int


class Columns(NamedTuple):
    """One series in a range: its readings, or its buckets where there were too many of those.

    bucket: the width of a bucket in seconds, or None where `readings` holds (seconds, value).
    """

    unit: str | None
    bucket: int | None
    readings: Sequence[tuple[float, float]]
    buckets: Sequence[Bucket]


class History(NamedTuple):
    """What the database holds of some series in a range, at the position `cursor`.

    gaps: what is known to be missing in that range, of any series.
    """

    cursor: Cursor | None
    series: dict[str, Columns]
    gaps: Sequence[Gap] = ()


class Reader:
    """Questions to the database; where there is none yet, it is an empty one.

    All of them may raise StoreUnavailableError. journal: its name in `journal_position`.
    """

    def __init__(self, engine: Engine, journal: str) -> None:
        self._engine = engine
        self._journal = journal

    def _ask(self, question: Callable[[Connection], T], empty: T) -> T:
        try:
            with translated(), self._engine.begin() as connection:
                return question(connection)
        except StoreMissingError:
            return empty

    def cursor(self) -> Cursor | None:
        """The journal's position that the database has reached, if it has any."""
        return self._ask(self._cursor, None)

    def _cursor(self, connection: Connection) -> Cursor | None:
        position = read_position(connection, self._journal)
        return position[0] if position is not None else None

    def losses(self, since: int) -> Losses:
        """What was noted as lost or refused since a time in microseconds."""
        return self._ask(lambda connection: losses_since(connection, since), Losses(0, None, 0))

    def newest(self) -> Reading | None:
        """The reading with the latest time of all series."""
        return self._ask(_newest, None)

    def series(self) -> list[SeriesInfo]:
        """Every series, by name."""
        return self._ask(_all_series, [])

    def history(
        self, patterns: Sequence[str], during: TimeRange, points: int, most_series: int
    ) -> History:
        """At most `points` readings or buckets of each series that a pattern names.

        A pattern is a name, or has `*` for any characters; no pattern names all series. Of the
        series that are named, the first `most_series` by name are answered.
        """

        def read(connection: Connection) -> History:
            chosen = _chosen(connection, patterns, most_series)
            columns = {row.name: _columns(connection, row, during, points) for row in chosen}
            gaps = gaps_between(connection, during.start, during.end)
            return History(self._cursor(connection), columns, gaps)

        return self._ask(read, History(None, {}))


def _newest(connection: Connection) -> Reading | None:
    last = _last_ts()
    query = select(tables.series, last.label("last_ts")).order_by(last.desc().nulls_last())
    row = connection.execute(query.limit(1)).first()
    if row is None or row.last_ts is None:
        return None
    value = connection.execute(
        select(tables.readings.c.value).where(
            tables.readings.c.series_id == row.id, tables.readings.c.ts == row.last_ts
        )
    ).scalar_one()
    return Reading(row.name, row.last_ts, value, row.unit)


def _all_series(connection: Connection) -> list[SeriesInfo]:
    readings = tables.readings.alias()
    first = (
        select(func.min(readings.c.ts))
        .where(readings.c.series_id == tables.series.c.id)
        .scalar_subquery()
    )
    edges = select(tables.series, first.label("first_ts"), _last_ts().label("last_ts")).subquery()
    query = (
        select(edges, tables.readings.c.value)
        .outerjoin(
            tables.readings,
            (tables.readings.c.series_id == edges.c.id) & (tables.readings.c.ts == edges.c.last_ts),
        )
        .order_by(edges.c.name)
    )
    return [
        SeriesInfo(r.name, r.unit, r.tags, r.first_ts, r.last_ts, r.value)
        for r in connection.execute(query)
    ]


def _last_ts() -> ScalarSelect[int]:
    readings = tables.readings.alias()
    return (
        select(func.max(readings.c.ts))
        .where(readings.c.series_id == tables.series.c.id)
        .scalar_subquery()
    )


def _chosen(connection: Connection, patterns: Sequence[str], most: int) -> Sequence[_Series]:

    query = select(tables.series.c.id, tables.series.c.name, tables.series.c.unit)
    if patterns:
        name = tables.series.c.name
        conditions = [name == pattern for pattern in patterns]
        conditions += [name.op("GLOB")(_glob(pattern)) for pattern in patterns if "*" in pattern]
        query = query.where(or_(*conditions))
    return connection.execute(query.order_by(tables.series.c.name).limit(most)).all()


def _glob(pattern: str) -> str:
    """The pattern in SQLite's GLOB, where only `*` keeps a meaning of its own."""
    return "".join(f"[{c}]" if c in "?[" else c for c in pattern)


def _columns(connection: Connection, series: _Series, during: TimeRange, points: int) -> Columns:
    ts, value = tables.readings.c.ts, tables.readings.c.value
    inside = [tables.readings.c.series_id == series.id, ts >= during.start]
    if during.end is not None:
        inside.append(ts <= during.end)
    query = select(ts, value).where(*inside)
    rows = connection.execute(query.order_by(ts).limit(points + 1)).all()
    if len(rows) <= points:
        readings = [(ts_to_seconds(r.ts), r.value) for r in rows]
        return Columns(series.unit, None, readings, ())
    newest = connection.execute(select(func.max(ts)).where(*inside)).scalar_one()
    oldest = TimeRange(rows[0].ts, during.end)
    seconds = oldest.bucket_seconds(newest, points)
    start = (ts // (seconds * MICROSECONDS)) * seconds
    buckets = connection.execute(
        select(start, func.min(value), func.max(value), func.avg(value), func.count())
        .where(*inside)
        .group_by(start)
        .order_by(start)
    )
    return Columns(series.unit, seconds, (), [Bucket(*row) for row in buckets])
