"""The status page: figures of the whole instance for people."""

import math
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from flask import Blueprint, Response, make_response, render_template, request

from services import __version__
from services.metric_table import (
    BACKUP_BYTES,
    BACKUP_INTERVAL,
    BACKUP_TIME,
    BACKUPS,
    JOBS_FAILED,
    JOBS_QUEUED,
    JOURNAL_READINGS,
    PROCESS_MEMORY,
    PROCESS_START,
    READINGS_REJECTED,
    READINGS_STORED,
    VIEWERS,
    VIEWERS_DROPPED,
    VIEWERS_LIMIT,
)
from services.process_report import PROCESS_KINDS, ProcessReport
from services.settings import Settings
from services.units import format_bytes, format_duration
from services.web.access.local_address import root_of
from services.web.api.instance_figures import InstanceFigures, read_instance_figures
from services.web.services import web_services

_PARTS: Final = (("redis", "Redis"), ("database", "Database"), ("writer", "Writer"))
_SETTINGS: Final = (
    "CHANNEL", "STRIPCHART_DURABLE", "STRIPCHART_FLUSH_SECONDS", "STRIPCHART_KEEP",
    "STRIPCHART_KEEP_SIZE", "STRIPCHART_MAX_SERIES", "STRIPCHART_BACKUP_HOURS",
    "STRIPCHART_BACKUPS", "STRIPCHART_VIEWERS", "STRIPCHART_WEB_PROCESSES",
)  # fmt: skip
"""Settings that explain the figures, without addresses, paths and secrets."""

_NO_PRODUCER: Final = "There is no producer: only STRIPCHART_SOURCES needs one"
_UNKNOWN: Final = "not known"
_EXACT_FROM: Final = 100

blueprint = Blueprint("status_page", __name__)


class StatusRow(NamedTuple):
    """A figure with its name.

    Attributes:
        label: Its name.
        text: The figure, with its unit.
        is_wrong: True if somebody has to act.
    """

    label: str
    text: str
    is_wrong: bool = False


class ProcessRow(NamedTuple):
    """A process: its name, and texts about it."""

    name: str
    uptime: str
    memory: str
    version: str


@blueprint.get("/status")
def status_page() -> Response:
    """Return the page with the figures of now."""
    figures = read_instance_figures()
    now = datetime.now(UTC)
    page = render_template(
        "status.html",
        root=root_of(request),
        version=__version__,
        headline=make_headline(figures),
        now=now,
        sections=list(make_sections(figures, now.timestamp())),
        processes=make_process_rows(figures.reports, now.timestamp()),
        settings=list(_settings_rows(web_services().broker.settings)),
    )
    return make_response(page, 200, {"Cache-Control": "no-store"})


def make_headline(figures: InstanceFigures) -> str:
    """Return the state of all parts in a sentence."""
    failing = [name for part, name in _PARTS if not figures.readiness[part]["ok"]]
    kinds = {report.process for report in figures.reports}
    silent = [kind for kind in PROCESS_KINDS if figures.reports and kind not in kinds]
    needed = [kind for kind in silent if kind != "producer"]
    named = (("Not working", failing), ("No report from", needed))
    texts = [f"{state}: {', '.join(names)}" for state, names in named if names]
    state = "; ".join(texts) or "Everything works"
    return state if needed == silent else f"{state}. {_NO_PRODUCER}"


def make_sections(
    figures: InstanceFigures, now: float
) -> Iterator[tuple[str, Iterable[StatusRow]]]:
    """Yield the title of each section with its rows.

    Args:
        figures: The figures.
        now: The time, in Unix seconds.
    """
    yield "Parts", _part_rows(figures.readiness)
    yield "Readings", _reading_rows(figures)
    yield "Database and disk", _storage_rows(figures, now)
    yield "Viewers", _viewer_rows(figures.reports)
    yield "Backups and jobs", _job_rows(figures.reports, now)


def make_process_rows(reports: Iterable[ProcessReport], now: float) -> list[ProcessRow]:
    """Return a row for each process that reports.

    Args:
        reports: The reports.
        now: The time, in Unix seconds.
    """
    return [
        ProcessRow(
            f"{report.process} {report.number}",
            _age(report.value(PROCESS_START.name), now),
            _bytes(report.value(PROCESS_MEMORY.name)),
            report.version,
        )
        for report in reports
    ]


def _part_rows(readiness: dict[str, Any]) -> Iterator[StatusRow]:
    for part, name in _PARTS:
        document = readiness[part]
        text = "works" if document["ok"] else str(document.get("error", "does not work"))
        yield StatusRow(name, text, not document["ok"])


def _reading_rows(figures: InstanceFigures) -> Iterator[StatusRow]:
    reports, readiness = figures.reports, figures.readiness
    yield StatusRow("In", _rate(reports, JOURNAL_READINGS.name))
    yield StatusRow("Stored", _rate(reports, READINGS_STORED.name))
    lag, behind = figures.lag, readiness["writer"].get("behind_seconds")
    yield StatusRow("Entries that wait", _UNKNOWN if lag is None else f"{lag.entries:,}")
    yield StatusRow(
        "Behind",
        _UNKNOWN if behind is None else f"{behind:.0f} s",
        not readiness["writer"]["ok"] and behind is not None,
    )
    yield StatusRow("Since the journal began", _count(figures.journal_readings))
    gaps = readiness["gaps"]
    yield _loss_row("Gaps in 24 hours", None if gaps is None else gaps["count"])
    yield _loss_row("Refused in 24 hours", readiness["refused"])
    yield _loss_row("Rejected messages in 24 hours", figures.rejected_count)
    rejected = _sum(reports, READINGS_REJECTED.name)
    yield StatusRow("Not accepted since the start", _count(rejected))


def _storage_rows(figures: InstanceFigures, now: float) -> Iterator[StatusRow]:
    storage = figures.readiness["storage"] or {}
    growth, full_at = storage.get("per_day"), storage.get("full_at")
    yield StatusRow("Size", _bytes(storage.get("size")))
    yield StatusRow("Write-ahead log", _bytes(figures.wal_bytes))
    yield StatusRow("Growth", _UNKNOWN if growth is None else f"{format_bytes(growth)} a day")
    yield StatusRow("Free on its disk", _bytes(storage.get("free")), bool(storage.get("low")))
    if full_at is not None:
        yield StatusRow("Full in", format_duration(max(0.0, full_at - now)))
    yield StatusRow("Series", _count(figures.series_count))


def _viewer_rows(reports: list[ProcessReport]) -> Iterator[StatusRow]:
    yield StatusRow("Live now", _count(_sum(reports, VIEWERS.name)))
    yield StatusRow("Limit", _count(_sum(reports, VIEWERS_LIMIT.name)))
    yield StatusRow("Too slow since the start", _count(_sum(reports, VIEWERS_DROPPED.name)))


def _job_rows(reports: list[ProcessReport], now: float) -> Iterator[StatusRow]:
    made_at = _newest(reports, BACKUP_TIME.name)
    interval = _newest(reports, BACKUP_INTERVAL.name)
    is_old = made_at is not None and bool(interval) and now - made_at > 2 * (interval or 0.0)
    backups = _newest(reports, BACKUPS.name)
    newest = "none yet" if backups == 0 else _UNKNOWN
    if made_at is not None:
        size = _bytes(_newest(reports, BACKUP_BYTES.name))
        newest = f"{format_duration(max(0.0, now - made_at))} old, {size}"
    yield StatusRow("Newest backup", newest, is_old)
    yield StatusRow("Backups", _count(backups))
    every = _UNKNOWN if interval is None else f"every {format_duration(interval)}"
    yield StatusRow("Automatic backups", "none" if interval == 0 else every)
    yield StatusRow("Jobs that wait", _count(_newest(reports, JOBS_QUEUED.name)))
    failed = _newest(reports, JOBS_FAILED.name)
    yield StatusRow("Jobs that failed in eight days", _count(failed), bool(failed))


def _settings_rows(settings: Settings) -> Iterator[StatusRow]:
    texts = zip(Settings.rows(), settings.to_texts(), strict=True)
    values = {name: text for (name, _, _), text in texts}
    for name in _SETTINGS:
        yield StatusRow(name, values[name] or "empty")


def _loss_row(label: str, count: float | None) -> StatusRow:
    return StatusRow(label, _count(count), bool(count))


def _sum(reports: Iterable[ProcessReport], name: str) -> float | None:
    values = [value for report in reports if (value := report.value(name)) is not None]
    return math.fsum(values) if values else None


def _newest(reports: Iterable[ProcessReport], name: str) -> float | None:
    """Return the largest value of what all processes of a kind report alike."""
    return max(
        (value for report in reports if (value := report.value(name)) is not None), default=None
    )


def _rate(reports: Iterable[ProcessReport], name: str) -> str:
    rates = [report.rates[name] for report in reports if name in report.rates]
    if not rates:
        return _UNKNOWN
    rate = max(rates)
    return f"{rate:,.0f} a second" if rate >= _EXACT_FROM else f"{rate:.3g} a second"


def _count(count: float | None) -> str:
    return _UNKNOWN if count is None else f"{count:,.0f}"


def _bytes(size: float | None) -> str:
    return _UNKNOWN if size is None else format_bytes(size)


def _age(since: float | None, now: float) -> str:
    return _UNKNOWN if since is None else format_duration(max(0.0, now - since))
