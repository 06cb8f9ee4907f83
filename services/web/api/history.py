"""Answers from the database: the newest reading, the series, and their history."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Annotated, Any, Final

from flask import Blueprint, Response, request
from msgspec import Meta, Raw, field

from services.clock import now_microseconds
from services.concurrency import Interrupt
from services.errors import MalformedError
from services.formats.times import parse_time
from services.pattern import is_pattern
from services.reading import ts_to_seconds
from services.store import (
    History,
    RawColumns,
    RecordedGap,
    SeriesData,
    SeriesInfo,
    TimedValue,
    TimeRange,
)
from services.web.access.restriction import restriction_of
from services.web.http.contract import Content, Contract, parse_query, with_contract
from services.web.http.responses import encode, json_response
from services.web.http.schemas import HistoryDocument, SelectionQuery, error_contents
from services.web.http.selection import RequestedSeries, requested_series
from services.web.http.series_schemas import SeriesList
from services.web.services import web_services

_DEFAULT_FROM: Final = "-1h"
_DEFAULT_POINTS: Final = 800
_MAX_POINTS: Final = 10_000
_MAX_SERIES: Final = 1_000
_MAX_NUMBERS: Final = 1_000_000
"""Points of all series in one answer."""

_MAX_SMALL_SERIES: Final = 50
"""Series above which a history counts as large. Each takes up to 2.5 ms."""

_MAX_SMALL_LIST: Final = 2_000
"""Series above which a list of all of them counts as large."""

_TIME: Final = Meta(description="Unix seconds, ISO 8601, or relative: -15m, now")

blueprint = Blueprint("history", __name__)


@blueprint.get("/get_data")
def get_data() -> Response:
    """Return the newest reading of all series, in the form that the first page polled."""
    services = web_services()
    services.read_barrier.wait()
    restriction = restriction_of(request)
    newest = services.ask(
        lambda interrupt: services.reader.newest_reading(interrupt, restriction=restriction)
    )
    if newest is None:
        return json_response({"value": None, "timestamp": None})
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=newest.ts)
    return json_response(
        {"value": newest.value, "timestamp": moment.strftime("%Y-%m-%d %H:%M:%S.%f")}
    )


@blueprint.get("/api/series")
@with_contract(
    Contract({200: Content((SeriesList,)), **error_contents(400, 403, 503)}, SelectionQuery)
)
def series() -> Response:
    """Return the selected series, each with its first and last time and its last value."""
    services = web_services()
    requested = requested_series()
    services.read_barrier.wait()
    if requested.is_everything:
        body = services.series_list.result()
    else:
        is_large = count_selected(requested) > _MAX_SMALL_LIST
        body = services.ask(
            lambda interrupt: _encode_series(
                services.reader.list_series(interrupt, **requested._asdict())
            ),
            is_large=is_large,
        )
    return Response(body, mimetype="application/json")


def encode_series_list() -> bytes:
    """Return every series as JSON. It needs the context of an app.

    Raises:
        ServiceUnavailable: Too many other queries wait.
    """
    services = web_services()
    # The list is for several clients, so it does not end when one of them disconnects.
    is_large = services.series_count.result() > _MAX_SMALL_LIST
    # Encoding a long list takes long as well, and so belongs in the thread.
    return services.query_pool.run(
        lambda interrupt: _encode_series(services.reader.list_series(interrupt)),
        is_large=is_large,
    )


def _encode_series(listing: Sequence[SeriesInfo]) -> bytes:
    return encode({"series": [info.as_document() for info in listing]})


class HistoryQuery(SelectionQuery):
    """The parameters of a history."""

    from_: Annotated[str, _TIME] = field(default=_DEFAULT_FROM, name="from")
    to: Annotated[str, _TIME] | None = None
    points: Annotated[
        int, Meta(ge=1, le=_MAX_POINTS, description="Most readings or buckets of a series")
    ] = _DEFAULT_POINTS
    before: Annotated[bool, Meta(description="True for the last reading before the range, too")] = (
        False
    )


@blueprint.get("/api/history")
@with_contract(
    Contract(
        {200: Content((HistoryDocument,)), 304: None, **error_contents(400, 403, 503)}, HistoryQuery
    )
)
def history() -> Response:
    """Return series in a range, and the cursor of exactly these readings.

    Without `to` the range has no end. It then includes readings slightly ahead of the server's
    clock, which a viewer would otherwise miss between history and live stream.
    """
    query = parse_query(HistoryQuery)
    requested = requested_series()
    patterns, tags, restriction = requested
    now = now_microseconds()
    start = parse_time(query.from_, now)
    end = parse_time(query.to, now) if query.to is not None else None
    if end is not None and end < start:
        raise MalformedError("from must not be after to")
    start, end = restriction.clamp(start), restriction.clamp_end(end)
    max_series = min(_MAX_SERIES, _MAX_NUMBERS // query.points)
    services = web_services()

    # The answer to a past range changes only when readings come late or are deleted.
    is_past = end is not None and end < now

    def read(interrupt: Interrupt) -> tuple[bytes, str]:
        found = services.reader.history(
            patterns,
            TimeRange(start, end),
            query.points,
            max_series,
            tags=tags,
            restriction=restriction,
            interrupt=interrupt,
            with_before=query.before,
        )
        if restriction:
            # A gap may be of other series, and so may be the readings in it.
            gaps = [gap._replace(lost_count=None) for gap in found.gaps]
            found = found._replace(gaps=gaps)
        return _encode_history(found, start, now if end is None else end, with_tag=is_past)

    services.read_barrier.wait()
    is_large = count_selected(requested) > _MAX_SMALL_SERIES
    body, tag = services.ask(read, is_large=is_large)
    response = Response(body, mimetype="application/json")
    if is_past:
        response.set_etag(tag, weak=True)
        response.cache_control.no_cache = True
        response.make_conditional(request)
    return response


def count_selected(requested: RequestedSeries) -> int:
    """Return the number of series that a query may return."""
    patterns, tags, restriction = requested
    if patterns and not any(map(is_pattern, patterns)):
        return len(patterns)
    services = web_services()
    if requested.is_everything:
        return services.series_count.result()
    return services.ask(
        lambda interrupt: services.reader.count_series(
            patterns, interrupt, tags=tags, restriction=restriction
        )
    )


def count_all_series() -> int:
    """Return the number of all series. It needs the context of an app.

    Raises:
        ServiceUnavailable: Too many other queries wait.
    """
    services = web_services()
    return services.query_pool.run(lambda interrupt: services.reader.count_series([], interrupt))


def _encode_history(found: History, start: int, end: int, *, with_tag: bool) -> tuple[bytes, str]:
    """Encode a history as JSON, series by series, so that other threads get their turn.

    Returns:
        The JSON, and a tag that identifies the readings in it, empty if none is wanted.
    """

    def columns(name: str, data: SeriesData) -> dict[str, Any]:
        if name not in found.before:
            return _columns(data)
        return _columns(data) | {"before": timed_value_document(found.before[name])}

    content = {
        "series": {name: Raw(encode(columns(name, data))) for name, data in found.series.items()},
        "gaps": [gap_document(gap) for gap in found.gaps],
    }
    digest = blake2b(encode(content), digest_size=12).hexdigest() if with_tag else ""
    head = {
        "from": ts_to_seconds(start),
        "to": ts_to_seconds(end),
        "cursor": str(found.cursor) if found.cursor else None,
    }
    return encode(head | content), digest


def gap_document(gap: RecordedGap) -> dict[str, Any]:
    """Convert a gap to its form on the wire: times in seconds, None if unknown."""
    return {
        "from": _seconds(gap.start),
        "to": _seconds(gap.end),
        "count": gap.lost_count,
        "reason": gap.reason,
    }


def _columns(columns: SeriesData) -> dict[str, Any]:
    if isinstance(columns, RawColumns):
        return {
            "unit": columns.unit,
            "tier": "raw",
            "bucket": None,
            "t": columns.t,
            "value": columns.value,
        }
    return {
        "unit": columns.unit,
        "tier": columns.tier,
        "bucket": columns.bucket_seconds,
        "t": columns.t,
        "min": columns.min,
        "max": columns.max,
        "mean": columns.mean,
        "count": columns.counts,
    }


def timed_value_document(found: TimedValue | None) -> dict[str, float] | None:
    """Convert a value and its time to their form on the wire."""
    return None if found is None else {"t": ts_to_seconds(found.ts), "value": found.value}


def _seconds(ts: int | None) -> float | None:
    return None if ts is None else ts_to_seconds(ts)
