"""Answers about a range: statistics of series, and increases of counters by hour, day or month."""

from math import fsum
from typing import Annotated, Any, Final

from flask import Blueprint, Response
from msgspec import Meta, field

from services.clock import now_microseconds
from services.errors import MalformedError
from services.formats.times import parse_time, parse_zone
from services.reading import MICROSECONDS, ts_to_seconds
from services.store import (
    Increases,
    Interval,
    PeriodLength,
    Periods,
    SeriesSelection,
    SeriesStatistics,
    divide_range,
)
from services.web.api.history import count_selected, timed_value_document
from services.web.http.contract import Content, Contract, parse_query, with_contract
from services.web.http.range_schemas import IncreaseDocument, StatisticsDocument
from services.web.http.responses import encode
from services.web.http.schemas import SelectionQuery, error_contents
from services.web.http.selection import RequestedSeries, requested_series
from services.web.services import web_services

_MAX_SERIES: Final = 1_000
_MAX_NUMBERS: Final = 200_000
"""Periods of all series in one answer, each of which takes a few queries."""

_MAX_SMALL_SERIES: Final = 20
_MAX_SMALL_PERIODS: Final = 1_000
"""An answer with more than these counts as large."""

_TIME: Final = Meta(description="Unix seconds, ISO 8601, or relative: -15m, now")
_MAX_SHIFT_SECONDS: Final = 3_653 * 86_400
"""Ten years, as on the page."""

_SHIFT: Final = Meta(
    ge=0,
    le=_MAX_SHIFT_SECONDS,
    description="Seconds by which the increases are earlier than the periods",
)

blueprint = Blueprint("ranges", __name__)


class StatisticsQuery(SelectionQuery):
    """The parameters of statistics."""

    from_: Annotated[str, _TIME] = field(default="-1h", name="from")
    to: Annotated[str, _TIME] = "now"


class IncreaseQuery(SelectionQuery):
    """The parameters of increases."""

    from_: Annotated[str, _TIME] = field(default="-24h", name="from")
    to: Annotated[str, _TIME] = "now"
    per: Annotated[PeriodLength, Meta(description="Length of a period")] = "hour"
    zone: Annotated[str, Meta(description="Time zone, such as Europe/Berlin")] = "UTC"
    shift: Annotated[float, _SHIFT] = 0.0


@blueprint.get("/api/statistics")
@with_contract(
    Contract(
        {200: Content((StatisticsDocument,)), **error_contents(400, 403, 503)}, StatisticsQuery
    )
)
def statistics() -> Response:
    """Return statistics of series in a range; both ends are included.

    The mean of a state is weighted by time: it holds its last value, also from before the range.
    Of a counter the difference is its increase, with restarts at zero.
    """
    query = parse_query(StatisticsQuery)
    requested = requested_series()
    restriction = requested.restriction
    now = now_microseconds()
    asked_from, asked_to = parse_time(query.from_, now), parse_time(query.to, now)
    if asked_to < asked_from:
        raise MalformedError("from must not be after to")
    start, end = restriction.clamp(asked_from), restriction.clamp(asked_to)
    # Next to a range beyond the allowed times is a time that was not asked for.
    is_visible = restriction.start <= asked_to and asked_from <= restriction.end
    interval = Interval(start, end + 1 if is_visible else start)
    services = web_services()
    services.read_barrier.wait()
    found = services.ask(
        lambda interrupt: services.reader.ranges.statistics(
            _selection(requested, _MAX_SERIES), interval, now, interrupt
        ),
        is_large=count_selected(requested) > _MAX_SMALL_SERIES,
    )
    document = {
        "from": ts_to_seconds(start),
        "to": ts_to_seconds(end),
        "cursor": str(found.cursor) if found.cursor else None,
        "series": {name: statistics_document(one) for name, one in found.series.items()},
    }
    return Response(encode(document), mimetype="application/json")


@blueprint.get("/api/increase")
@with_contract(
    Contract({200: Content((IncreaseDocument,)), **error_contents(400, 403, 503)}, IncreaseQuery)
)
def increase() -> Response:
    """Return the increases of counters in each hour, day, week or month of a range.

    A period counts from the last reading at or before its start until the one at or before its end.
    Periods are those of the time zone. The first and the last one may be cut by the range. With a
    shift, each has the increase of a time that is so much earlier, to compare the two.
    """
    query = parse_query(IncreaseQuery)
    now = now_microseconds()
    zone = parse_zone(query.zone)
    requested = requested_series()
    clamp = requested.restriction.clamp
    asked_from, asked_to = parse_time(query.from_, now), parse_time(query.to, now)
    start, end = clamp(asked_from), clamp(asked_to)
    if asked_from < asked_to and start == end:
        # The request may read no part of this range.
        periods = Periods([], start, end)
    else:
        periods = divide_range(start, end, query.per, zone)
    selection = _selection(requested, min(_MAX_SERIES, _MAX_NUMBERS // max(1, len(periods.starts))))
    services = web_services()
    services.read_barrier.wait()
    number = count_selected(requested) * len(periods.starts)
    shift = round(query.shift * MICROSECONDS)
    edges = [clamp(ts - shift) for ts in periods.edges]
    found = services.ask(
        lambda interrupt: services.reader.ranges.increases(selection, edges, interrupt),
        is_large=number > _MAX_SMALL_PERIODS,
    )
    starts = [ts_to_seconds(ts) for ts in periods.starts]
    document = {
        "from": ts_to_seconds(periods.start),
        "to": ts_to_seconds(periods.end),
        "per": query.per,
        "zone": query.zone,
        "cursor": str(found.cursor) if found.cursor else None,
        "series": {name: _increase_document(one, starts) for name, one in found.series.items()},
    }
    return Response(encode(document), mimetype="application/json")


def statistics_document(found: SeriesStatistics) -> dict[str, Any]:
    """Convert statistics to their form on the wire."""
    durations = found.durations
    return {
        "unit": found.unit,
        "kind": found.kind,
        "count": found.reading_count,
        "min": found.min,
        "max": found.max,
        "mean": found.mean,
        "first": timed_value_document(found.first),
        "last": timed_value_document(found.last),
        "difference": found.difference,
        "slope": found.slope,
        "integral": found.integral,
        "durations": durations and {f"{value:.15g}": s for value, s in durations.items()},
    }


def _increase_document(found: Increases, starts: list[float]) -> dict[str, Any]:
    known = [one for one in found.increases if one is not None]
    return {
        "unit": found.unit,
        "t": starts,
        "increase": found.increases,
        "total": fsum(known) if known else None,
    }


def _selection(requested: RequestedSeries, max_series: int) -> SeriesSelection:
    patterns, tags, restriction = requested
    return SeriesSelection(patterns, tags, max_series, restriction)
