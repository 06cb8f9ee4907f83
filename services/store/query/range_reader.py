"""Questions about a range of time: statistics of series, and increases of counters."""

from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from sqlalchemy import Connection

from services.concurrency import Interrupt
from services.position import Cursor
from services.restriction import NO_RESTRICTION, Restriction
from services.store.interval import Interval
from services.store.query.increase import read_increases
from services.store.query.kinds import KindGuesser
from services.store.query.selection import SelectedSeries, find_selected
from services.store.query.statistics import SeriesStatistics, no_statistics, read_statistics
from services.store.query.transaction import ReadTransactions, read_each
from services.tag_filter import TagFilter

T = TypeVar("T")


class SeriesSelection(NamedTuple):
    """The series that a question is about.

    Attributes:
        patterns: Names and patterns of the series; empty for all series.
        tags: Conditions on the points of the series.
        max_series: Number of series at most, the first ones by name.
        restriction: What may be read of them.
    """

    patterns: Sequence[str]
    tags: TagFilter
    max_series: int
    restriction: Restriction = NO_RESTRICTION


class Answers(NamedTuple, Generic[T]):
    """The answers to one question for some series.

    Attributes:
        cursor: The place in the journal up to which the answers are complete, None before the first
            commit.
        series: Answers by the name of the series.
    """

    cursor: Cursor | None
    series: dict[str, T]


class Increases(NamedTuple):
    """Increases of a counter.

    Attributes:
        unit: Unit of the series.
        increases: The increase in each period, None for a period without readings.
    """

    unit: str | None
    increases: list[float | None]


class RangeReader:
    """Queries about a range. Its methods raise as those of the reader.

    Args:
        transactions: Runs the queries.
        kinds: Guesses the kinds of series.
    """

    def __init__(self, transactions: ReadTransactions, kinds: KindGuesser) -> None:
        self._transactions = transactions
        self._kinds = kinds

    def statistics(
        self,
        selection: SeriesSelection,
        interval: Interval,
        now: int,
        interrupt: Interrupt | None = None,
    ) -> Answers[SeriesStatistics]:
        """Return statistics of series in an interval.

        Args:
            selection: The series.
            interval: The interval. It ends with its last microsecond, and may be empty.
            now: Current time in microseconds.
            interrupt: Ends the query when it is due.

        Raises:
            QueryInterruptedError: The interrupt was due.
        """
        visible = Interval.of_restriction(selection.restriction)

        def read(connection: Connection, series: SelectedSeries) -> SeriesStatistics:
            kind = self._kinds.find(connection, series, selection.restriction)
            if interval.is_empty:
                return no_statistics(series, kind)
            return read_statistics(
                connection, series, kind, interval, now, interrupt=interrupt, visible=visible
            )

        return self._answer(selection, read, interrupt)

    def increases(
        self, selection: SeriesSelection, edges: Sequence[int], interrupt: Interrupt | None = None
    ) -> Answers[Increases]:
        """Return the increases of counters in each period between two edges.

        Args:
            selection: The series.
            edges: Times in microseconds, ascending.
            interrupt: Ends the query when it is due.

        Raises:
            QueryInterruptedError: The interrupt was due.
        """
        visible = Interval.of_restriction(selection.restriction)

        def read(connection: Connection, series: SelectedSeries) -> Increases:
            increases = read_increases(connection, series.id, edges, interrupt, visible)
            return Increases(series.unit, increases)

        return self._answer(selection, read, interrupt)

    def _answer(
        self,
        selection: SeriesSelection,
        read: Callable[[Connection, SelectedSeries], T],
        interrupt: Interrupt | None,
    ) -> Answers[T]:
        def read_all(connection: Connection) -> Answers[T]:
            patterns, tags, max_series, restriction = selection
            selected = find_selected(connection, patterns, tags, max_series, restriction.series)
            series = read_each(connection, selected, read, interrupt)
            return Answers(self._transactions.read_cursor(connection), series)

        empty: Answers[T] = Answers(None, {})
        return self._transactions.run(read_all, empty, interrupt)
