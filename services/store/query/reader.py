"""What is asked of the database: the series there are, the newest reading, and any range.

Every answer is read in one transaction, so that its cursor is the position of exactly its rows.
"""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple, TypeAlias, TypeVar

from sqlalchemy import Connection, Engine, Row, ScalarSelect, func, or_, select

from services.command import Command, Rename
from services.errors import (
    MalformedError,
    SeriesExistsError,
    StoreMissingError,
    UnknownSeriesError,
)
from services.formats.commands import command_fault
from services.position import Cursor
from services.reading import Reading
from services.retention_policy import RetentionPolicy
from services.store import tables
from services.store.position import read_checkpoint
from services.store.query.downsampling import SeriesData, TimeRange, downsample
from services.store.query.gaps import LossSummary, RecordedGap, read_gaps, read_loss_summary
from services.store.query.growth import Growth, read_growth
from services.store.rollup.coverage import read_coverage
from services.store.series import find_series
from services.store.sqlite.engine import translate_errors

T = TypeVar("T")
_Series: TypeAlias = Row[int, str, str | None]


class SeriesInfo(NamedTuple):
    """A series with its first, last and newest; times in microseconds, None without readings."""

    name: str
    unit: str | None
    tags: str | None
    first_ts: int | None
    last_ts: int | None
    last_value: float | None


class History(NamedTuple):
    """What the database holds of some series in a range, at the position `cursor`.

    gaps: what is known to be missing in that range, of any series.
    """

    cursor: Cursor | None
    series: dict[str, SeriesData]
    gaps: Sequence[RecordedGap] = ()


class Reader:
    """Questions to the database; where there is none yet, it is an empty one.

    All of them may raise StoreUnavailableError. journal: its name in `journal_position`.
    """

    def __init__(self, engine: Engine, journal: str) -> None:
        self._engine = engine
        self._journal = journal

    def _ask(self, question: Callable[[Connection], T], empty: T) -> T:
        try:
            with translate_errors(), self._engine.begin() as connection:
                return question(connection)
        except StoreMissingError:
            return empty

    def cursor(self) -> Cursor | None:
        """The journal's position that the database has reached, if it has any."""
        return self._ask(self._cursor, None)

    def _cursor(self, connection: Connection) -> Cursor | None:
        checkpoint = read_checkpoint(connection, self._journal)
        return checkpoint.cursor if checkpoint is not None else None

    def loss_summary(self, since: int) -> LossSummary:
        """What was noted as lost or refused since a time in microseconds."""
        return self._ask(
            lambda connection: read_loss_summary(connection, since), LossSummary(0, None, 0)
        )

    def growth(self, now: int, keep: RetentionPolicy, seconds: float = 0.25) -> Growth | None:
        """How fast the database grows, if that can be told.

        now: microseconds since 1970. keep: what is kept. seconds: what the question may take.
        """
        return self._ask(lambda connection: read_growth(connection, now, keep, seconds), None)

    def newest_reading(self) -> Reading | None:
        """The reading with the latest time of all series."""
        return self._ask(_newest, None)

    def list_series(self) -> list[SeriesInfo]:
        """Every series, by name."""
        return self._ask(_all_series, [])

    def count_unknown_series(self, names: Collection[str]) -> int:
        """How many of these names no series has."""

        def count(connection: Connection) -> int:
            known = connection.execute(select(tables.series.c.name)).scalars()
            return len(set(names).difference(known))

        return self._ask(count, len(names))

    def check_command(self, command: Command) -> int:
        """Whether a command could be carried out as things are.

        Returns before what time, in microseconds, the series has no readings but only buckets.
        Raises MalformedError, UnknownSeriesError, SeriesExistsError.
        """
        fault = command_fault(command)
        if fault:
            raise MalformedError(fault)
        taken = command.name if isinstance(command, Rename) else None

        def ask(connection: Connection) -> tuple[int | None, bool]:
            known = find_series(connection, [command.series, *([taken] if taken else [])])
            found = known.get(command.series)
            floor = None if found is None else read_coverage(connection, found.id).floor
            return floor, taken in known

        unknown: tuple[int | None, bool] = None, False
        floor, exists = self._ask(ask, unknown)
        if floor is None:
            raise UnknownSeriesError(f"there is no series {command.series!r}")
        if exists:
            raise SeriesExistsError(f"there is a series {taken!r} already")
        return floor

    def history(
        self, patterns: Sequence[str], during: TimeRange, points: int, most_series: int
    ) -> History:
        """At most `points` readings or buckets of each series that a pattern names.

        A pattern is a name, or has `*` for any characters; no pattern names all series. Of the
        series that are named, the first `most_series` by name are answered.
        """

        def read(connection: Connection) -> History:
            chosen = _chosen(connection, patterns, most_series)
            columns = {
                row.name: downsample(connection, row.id, row.unit, during, points) for row in chosen
            }
            gaps = read_gaps(connection, during.start, during.end)
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
