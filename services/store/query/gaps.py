"""What the database says about readings that it does not have: gaps, and what was refused."""

from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, func, literal_column, select

from services.store import tables

MAX_GAPS: Final = 100
"""Gaps of one answer, the newest ones."""

_rowid: ColumnElement[int] = literal_column("rowid")


class RecordedGap(NamedTuple):
    """A stretch of history that is known to be missing; times in microseconds.

    start, end: None where it is not known. lost: readings, None where it is not known.
    """

    start: int | None
    end: int | None
    lost_count: int | None
    reason: str
    noted_at: int


class LossSummary(NamedTuple):
    """What was noted since some time: the gaps, the newest of them, and the refused readings."""

    gaps: int
    newest: RecordedGap | None
    refused: int


def read_gaps(connection: Connection, start: int, end: int | None) -> tuple[RecordedGap, ...]:
    """The gaps that overlap a range in microseconds, the newest hundred, in order of time."""
    gaps = tables.gaps.c
    overlapping = [func.coalesce(gaps.to_ts, gaps.noted_at) >= start]
    if end is not None:
        overlapping.append(func.coalesce(gaps.from_ts, 0) <= end)
    query = select(tables.gaps).where(*overlapping).order_by(_rowid.desc()).limit(MAX_GAPS)
    found = [_gap(row) for row in connection.execute(query)]
    return tuple(sorted(found, key=lambda gap: (gap.start or 0, gap.noted_at)))


def read_loss_summary(connection: Connection, since: int) -> LossSummary:
    """What was noted at this time, in microseconds, or after it."""
    gaps, refused = tables.gaps, tables.refused
    recent = select(gaps).where(gaps.c.noted_at >= since)
    count = connection.execute(select(func.count()).select_from(recent.subquery())).scalar_one()
    newest = connection.execute(recent.order_by(_rowid.desc()).limit(1)).first()
    refusals = connection.execute(
        select(func.count()).select_from(refused).where(refused.c.at >= since)
    ).scalar_one()
    return LossSummary(count, _gap(newest) if newest is not None else None, refusals)


def _gap(row: Row[Any]) -> RecordedGap:
    return RecordedGap(*tuple(row))
