"""What is answered from the database: the newest reading, the series, and any range of them."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Annotated, Any, Final

from flask import Blueprint, Response, current_app, request
from msgspec import Meta, Raw, Struct, field

from services.clock import now_microseconds
from services.errors import MalformedError
from services.formats.times import parse_time
from services.reading import ts_to_seconds
from services.store import History, RawColumns, Reader, RecordedGap, SeriesData, TimeRange
from services.web.http.contract import Content, Contract, asked, describes
from services.web.http.query_pool import QueryPool
from services.web.http.responses import encode, json_response
from services.web.http.schemas import HistoryDocument, SeriesList, error_contents

_DEFAULT_FROM: Final = "-1h"
_DEFAULT_POINTS: Final = 800
_MOST_POINTS: Final = 10_000
_MOST_SERIES: Final = 1_000
_MOST_NUMBERS: Final = 1_000_000

_TIME: Final = Meta(description="Unix seconds, ISO 8601, or relative: -15m, now")

blueprint = Blueprint("history", __name__)


@blueprint.get("/get_data")
def get_data() -> Response:
    """The newest reading of all series, in the form that the original page polled."""
    queries, reader = _database()
    newest = queries.run(reader.newest_reading)
    if newest is None:
        return json_response({"value": None, "timestamp": None})
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=newest.ts)
    return json_response(
        {"value": newest.value, "timestamp": moment.strftime("%Y-%m-%d %H:%M:%S.%f")}
    )


@blueprint.get("/api/series")
@describes(Contract({200: Content((SeriesList,)), **error_contents(403, 503)}))
def series() -> Response:
    """Every series, with its first and last time and its last value."""
    queries, reader = _database()

    # To write a large answer takes long too: also that is the thread's.
    def found() -> Response:
        listing = [
            {
                "name": info.name,
                "unit": info.unit,
                "tags": info.tags,
                "first": _seconds(info.first_ts),
                "last": _seconds(info.last_ts),
                "value": info.last_value,
            }
            for info in reader.list_series()
        ]
        return json_response({"series": listing})

    return queries.run(found)


class HistoryQuery(Struct):
    """What of the history is asked for."""

    series: Annotated[list[str], Meta(description="Names, or patterns with *; none: all")] = []
    from_: Annotated[str, _TIME] = field(default=_DEFAULT_FROM, name="from")
    to: Annotated[str, _TIME] | None = None
    points: Annotated[
        int, Meta(ge=1, le=_MOST_POINTS, description="RawColumns or buckets of a series at most")
    ] = _DEFAULT_POINTS


@blueprint.get("/api/history")
@describes(
    Contract(
        {200: Content((HistoryDocument,)), 304: None, **error_contents(400, 403, 503)}, HistoryQuery
    )
)
def history() -> Response:
    """Series in a range, and the cursor of exactly what was read.

    Without `to` the range has no end: also readings that are a little ahead of this clock belong
    to it, which a viewer would else miss between history and live.
    """
    query = asked(HistoryQuery)
    now = now_microseconds()
    start = parse_time(query.from_, now)
    end = parse_time(query.to, now) if query.to is not None else None
    if end is not None and end < start:
        raise MalformedError("from must not be after to")
    most_series = min(_MOST_SERIES, _MOST_NUMBERS // query.points)
    queries, reader = _database()

    def read() -> tuple[bytes, str]:
        found = reader.history(query.series, TimeRange(start, end), query.points, most_series)
        return _encoded(found, start, now if end is None else end)

    body, tag = queries.run(read)
    response = Response(body, mimetype="application/json")
    if end is not None and end < now:
        # Its answer changes only when something comes late, or goes.
        response.set_etag(tag, weak=True)
        response.cache_control.no_cache = True
        response.make_conditional(request)
    return response


def _encoded(found: History, start: int, end: int) -> tuple[bytes, str]:
    """The answer as JSON, and a tag that tells its readings from others.

    Series by series, so that a large answer does not keep other threads waiting.
    """
    content = {
        "series": {name: Raw(encode(_columns(c))) for name, c in found.series.items()},
        "gaps": [gap_document(gap) for gap in found.gaps],
    }
    digest = blake2b(encode(content), digest_size=12).hexdigest()
    head = {
        "from": ts_to_seconds(start),
        "to": ts_to_seconds(end),
        "cursor": str(found.cursor) if found.cursor else None,
    }
    return encode(head | content), digest


def gap_document(gap: RecordedGap) -> dict[str, Any]:
    """A gap on the wire: times in seconds; what is not known is null."""
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
        "count": columns.size,
    }


def _seconds(ts: int | None) -> float | None:
    return None if ts is None else ts_to_seconds(ts)


def _database() -> tuple[QueryPool, Reader]:
    return current_app.extensions["queries"], current_app.extensions["reader"]
