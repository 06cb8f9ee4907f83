"""Figures of the whole instance: for `/metrics` and for the status page."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final, NamedTuple

from services import __version__
from services.broker import Lag
from services.broker.dead_letters import count_dead_letters
from services.broker.diagnostics import JournalStats, read_journal_stats
from services.clock import now_microseconds
from services.errors import StripchartError
from services.metric import Sample
from services.metric_table import (
    BUILD,
    DATABASE_BYTES,
    DATABASE_GROWTH,
    DISK_FREE,
    DISK_FULL_AT,
    DISK_LOW,
    JOURNAL_BYTES,
    JOURNAL_ENTRIES,
    JOURNAL_MAX_BYTES,
    JOURNAL_MAX_ENTRIES,
    JOURNAL_READINGS,
    LAG_BYTES,
    LAG_ENTRIES,
    LAG_SECONDS,
    PROCESSES,
    READY,
    RECENT_GAPS,
    RECENT_REFUSED,
    RECENT_REJECTED,
    SERIES,
    WAL_BYTES,
)
from services.process_report import PROCESS_KINDS, ProcessReport
from services.web.services import WebServices, web_services

_DAY_MILLISECONDS: Final = 86_400_000
_PARTS: Final = ("redis", "database", "writer")


class InstanceFigures(NamedTuple):
    """Figures that are read now. What can't be read is None.

    Attributes:
        readiness: The document of `/readyz`, which also has disk and losses.
        wal_bytes: Size of the database's write-ahead log.
        reports: The reports of all processes, this one included.
        journal: Size of the journal.
        journal_readings: Readings that were ever put into the journal.
        lag: The uncommitted part of the journal.
        rejected_count: Messages rejected in the last 24 hours.
        series_count: Number of series.
    """

    readiness: dict[str, Any]
    wal_bytes: int | None
    reports: list[ProcessReport]
    journal: JournalStats | None
    journal_readings: int | None
    lag: Lag | None
    rejected_count: int | None
    series_count: int | None


def read_instance_figures() -> InstanceFigures:
    """Read all figures. It needs the context of an app."""
    services = web_services()
    series_count = None
    with suppress(StripchartError):
        series_count = services.series_count.result()
    readiness = services.readiness.result()
    figures = InstanceFigures(
        readiness=readiness,
        wal_bytes=services.disk_status.wal_bytes(),
        reports=[],
        journal=None,
        journal_readings=None,
        lag=None,
        rejected_count=None,
        series_count=series_count,
    )
    with suppress(StripchartError):
        return _with_redis(services, figures)
    return figures


def _with_redis(services: WebServices, figures: InstanceFigures) -> InstanceFigures:
    """Add what Redis knows. Raises StripchartError."""
    broker = services.broker
    since = now_microseconds() // 1000 - _DAY_MILLISECONDS
    return figures._replace(
        reports=services.process_reports.read(),
        journal=read_journal_stats(broker),
        journal_readings=services.journal.end().reading_count,
        lag=services.journal.lag(),
        rejected_count=count_dead_letters(broker, since),
    )


def instance_samples(figures: InstanceFigures, version: str = __version__) -> Iterator[Sample]:
    """Yield the samples of the figures. Unknown ones are left out."""
    services = web_services()
    yield Sample(BUILD, 1, (version,))
    counts = Counter(report.process for report in figures.reports)
    for kind in PROCESS_KINDS if figures.reports else ():
        yield Sample(PROCESSES, counts[kind], (kind,))
    for part in _PARTS:
        yield Sample(READY, int(figures.readiness[part]["ok"]), (part,))
    settings = services.broker.settings
    yield Sample(JOURNAL_MAX_ENTRIES, settings.journal_max_entries)
    yield Sample(JOURNAL_MAX_BYTES, settings.journal_max_bytes)
    storage = figures.readiness["storage"] or {}
    losses = figures.readiness["gaps"] or {}
    journal, lag = figures.journal, figures.lag
    values = {
        LAG_SECONDS: figures.readiness["writer"].get("behind_seconds"),
        DATABASE_BYTES: storage.get("size"),
        WAL_BYTES: figures.wal_bytes,
        DATABASE_GROWTH: storage.get("per_day"),
        DISK_FREE: storage.get("free"),
        DISK_LOW: storage.get("low"),
        DISK_FULL_AT: storage.get("full_at"),
        RECENT_GAPS: losses.get("count"),
        RECENT_REFUSED: figures.readiness["refused"],
        RECENT_REJECTED: figures.rejected_count,
        SERIES: figures.series_count,
        JOURNAL_READINGS: figures.journal_readings,
        JOURNAL_ENTRIES: journal and journal.entries,
        JOURNAL_BYTES: journal and journal.size_bytes,
        LAG_ENTRIES: lag and lag.entries,
        LAG_BYTES: lag and lag.bytes,
    }
    for metric, value in values.items():
        if value is not None:
            yield Sample(metric, float(value))
