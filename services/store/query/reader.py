"""The reader: queries for series, the newest reading, and the history of any range.

Each answer is read in one transaction, so that its cursor belongs to exactly its rows.
"""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import Connection, Engine, func, select

from services.command import Rename, SeriesCommand
from services.concurrency import Interrupt
from services.errors import (
    MalformedError,
    SeriesExistsError,
    UnknownSeriesError,
)
from services.formats.commands import command_fault
from services.position import Cursor
from services.reading import Reading
from services.restriction import NO_RESTRICTION, Restriction
from services.retention_policy import RetentionPolicy
from services.store import tables
from services.store.interval import Interval
from services.store.query.downsampling import SeriesData, TimeRange, downsample
from services.store.query.gaps import LossSummary, RecordedGap, read_gaps, read_loss_summary
from services.store.query.growth import Growth, read_growth
from services.store.query.kinds import KindGuesser
from services.store.query.previous_value import TimedValue, read_previous_value
from services.store.query.range_reader import RangeReader
from services.store.query.selection import SelectedSeries, find_selected, where_selected
from services.store.query.series_list import SeriesInfo, list_series, newest_reading
from services.store.query.transaction import ReadTransactions, read_each
from services.store.query.value_samples import ValueSampler
from services.store.rollup.coverage import read_coverage
from services.store.series import find_series
from services.tag_filter import ALL_TAGS, TagFilter


class History(NamedTuple):
    """Some series in a range.

    Attributes:
        cursor: The place in the journal up to which the answer is complete, None before the first
            commit.
        series: Readings or buckets by the name of the series.
        gaps: Gaps of any series in the range.
        before: The last value before the range by the name of the series, None without one;
            empty unless the query asks for it.
    """

    cursor: Cursor | None
    series: dict[str, SeriesData]
    gaps: Sequence[RecordedGap] = ()
    before: Mapping[str, TimedValue | None] = MappingProxyType({})


class Reader:
    """Queries to the database. A missing database is treated as an empty one.

    Its methods may raise StoreUnavailableError and StoreDamagedError.

    Attributes:
        ranges: Questions about a range.

    Args:
        engine: An engine that can read.
        journal: Name of the journal in `journal_position`.
    """

    def __init__(self, engine: Engine, journal: str) -> None:
        self._transactions = ReadTransactions(engine, journal)
        self._kinds = KindGuesser()
        self._samples = ValueSampler()
        self.ranges = RangeReader(self._transactions, self._kinds)

    def cursor(self) -> Cursor | None:
        """Return the place up to which the journal is stored, None before the first commit."""
        return self._transactions.run(self._transactions.read_cursor, None)

    def loss_summary(self, since: int) -> LossSummary:
        """Summarize the gaps and refused readings since a time in microseconds."""
        return self._transactions.run(
            lambda connection: read_loss_summary(connection, since), LossSummary(0, None, 0)
        )

    def growth(
        self, now: int, policy: RetentionPolicy, query_seconds: float = 0.25
    ) -> Growth | None:
        """Estimate the growth of the database.

        Args:
            now: Time in microseconds.
            policy: The retention policy.
            query_seconds: Time that the query may take, approximately.

        Returns:
            None if there is too little data for an estimate.
        """
        return self._transactions.run(
            lambda connection: read_growth(connection, now, policy, query_seconds), None
        )

    def newest_reading(
        self, interrupt: Interrupt | None = None, *, restriction: Restriction = NO_RESTRICTION
    ) -> Reading | None:
        """Return the reading with the latest time of all series, None without readings."""
        return self._transactions.run(
            lambda connection: newest_reading(connection, restriction), None, interrupt
        )

    def list_series(
        self,
        interrupt: Interrupt | None = None,
        *,
        patterns: Sequence[str] = (),
        tags: TagFilter = ALL_TAGS,
        restriction: Restriction = NO_RESTRICTION,
    ) -> list[SeriesInfo]:
        """Return the selected series, ordered by name.

        Args:
            interrupt: Ends the query when it is due.
            patterns: Names and patterns of the series; empty for all series.
            tags: Conditions on the points of the series.
            restriction: What may be read.

        Raises:
            QueryInterruptedError: The interrupt was due.
        """

        def read(connection: Connection) -> list[SeriesInfo]:
            return list_series(
                connection,
                patterns,
                tags,
                restriction,
                kinds=self._kinds,
                samples=self._samples,
            )

        return self._transactions.run(read, [], interrupt)

    def count_series(
        self,
        patterns: Sequence[str],
        interrupt: Interrupt | None = None,
        *,
        tags: TagFilter = ALL_TAGS,
        restriction: Restriction = NO_RESTRICTION,
    ) -> int:
        """Return the number of series that match any of the patterns; of all series without any.

        Args:
            patterns: Names and patterns.
            interrupt: Ends the query when it is due.
            tags: Conditions on the points of the series.
            restriction: What may be read.

        Raises:
            QueryInterruptedError: The interrupt was due.
        """

        def count(connection: Connection) -> int:
            query = select(func.count()).select_from(tables.series)
            selected = where_selected(query, patterns, tags, restriction.series)
            return int(connection.execute(selected).scalar_one())

        return self._transactions.run(count, 0, interrupt)

    def count_unknown_series(self, names: Collection[str]) -> int:
        """Return how many of the names belong to no series."""

        def count(connection: Connection) -> int:
            stored = connection.execute(select(tables.series.c.name)).scalars()
            return len(set(names).difference(stored))

        return self._transactions.run(count, len(names))

    def check_command(self, command: SeriesCommand) -> int:
        """Check that a command can be carried out now.

        Returns:
            The purge floor of the series: the time in microseconds before which it has no readings
            but only buckets.

        Raises:
            MalformedError: The command is not valid.
            UnknownSeriesError: The series does not exist.
            SeriesExistsError: The new name belongs to a series already.
        """
        fault = command_fault(command)
        if fault:
            raise MalformedError(fault)
        new_name = command.name if isinstance(command, Rename) else None
        names = [command.series, *([new_name] if new_name else [])]

        def check(connection: Connection) -> tuple[int | None, bool]:
            stored = find_series(connection, names)
            series = stored.get(command.series)
            purge_floor = (
                None if series is None else read_coverage(connection, series.id).purge_floor
            )
            return purge_floor, new_name in stored

        unknown: tuple[int | None, bool] = None, False
        purge_floor, exists = self._transactions.run(check, unknown)
        if purge_floor is None:
            raise UnknownSeriesError(f"there is no series {command.series!r}")
        if exists:
            raise SeriesExistsError(f"there is a series {new_name!r} already")
        return purge_floor

    def history(
        self,
        patterns: Sequence[str],
        time_range: TimeRange,
        max_points: int,
        max_series: int,
        *,
        tags: TagFilter = ALL_TAGS,
        restriction: Restriction = NO_RESTRICTION,
        interrupt: Interrupt | None = None,
        with_before: bool = False,
    ) -> History:
        """Return series in a range.

        Args:
            patterns: Names and patterns of the series; empty for all series.
            time_range: The range.
            max_points: Number of readings or buckets of each series at most.
            max_series: Number of series at most, the first ones by name.
            tags: Conditions on the points of the series.
            restriction: What may be read. The range must be within its times.
            interrupt: Ends the query when it is due.
            with_before: True to read the last value before the range, too.

        Raises:
            QueryInterruptedError: The interrupt was due.
        """
        before: dict[str, TimedValue | None] = {}
        visible = Interval.of_restriction(restriction)

        def read(connection: Connection, series: SelectedSeries) -> SeriesData:
            if with_before:
                start = time_range.start
                before[series.name] = read_previous_value(connection, series.id, start, visible)
            return downsample(
                connection, series.id, series.unit, time_range, max_points, visible=visible
            )

        def read_all(connection: Connection) -> History:
            selected = find_selected(connection, patterns, tags, max_series, restriction.series)
            series = read_each(connection, selected, read, interrupt)
            gaps = read_gaps(connection, time_range.start, time_range.end)
            return History(self._transactions.read_cursor(connection), series, gaps, before)

        return self._transactions.run(read_all, History(None, {}), interrupt)
