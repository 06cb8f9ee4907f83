"""The write routes of InfluxDB 1, 2 and 3, which take line protocol.

Organisations are accepted and ignored. Names of databases and buckets are kept
only for clients that ask for them.
"""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Final

from flask import Blueprint, Request, Response, current_app
from flask import request as current_request
from msgspec import Meta, Struct, field
from werkzeug.exceptions import BadRequest, HTTPException, NotFound

from services.errors import (
    BrokerUnavailableError,
    JournalFullError,
    MalformedError,
    OversizedError,
    StoreUnavailableError,
    StoreUnusableError,
    StripchartError,
)
from services.formats.line_protocol import decode_lines, decode_plain_text
from services.formats.parsing.point_times import Precision
from services.web.access.restriction import allowed_series
from services.web.http.bodies import read_body
from services.web.http.contract import JSON, Content, Contract, parse_query, with_contract
from services.web.http.responses import INTERNAL_ERROR
from services.web.http.schemas import InfluxError2, InfluxError3, error_contents
from services.web.services import WebServices
from services.web.write.influx_dialects import Dialect, Version1, Version2, Version3
from services.web.write.influx_prefix import ignore_prefix
from services.web.write.ingest import DecodedWrite
from services.web.write.shortcut import WriteRoute, result_of_write
from services.web.write.text_format import WriteFormat

_V1_PRECISIONS: Final[Mapping[str, Precision]] = {
    "": "ns", "n": "ns", "ns": "ns", "u": "us", "us": "us",
    "ms": "ms", "s": "s", "m": "m", "h": "h",
}  # fmt: skip
_V2_PRECISIONS: Final[Mapping[str, Precision]] = {
    "": "ns", "ns": "ns", "us": "us", "ms": "ms", "s": "s",
}  # fmt: skip
_V3_PRECISIONS: Final[Mapping[str, Precision]] = {
    "": "auto", "auto": "auto", "nanosecond": "ns", "ns": "ns", "n": "ns", "microsecond": "us",
    "us": "us", "u": "us", "millisecond": "ms", "ms": "ms", "second": "s", "s": "s",
}  # fmt: skip

_EXAMPLE: Final = "cpu,host=attic usage=12.5,load=3i 1763793660000000000"

blueprint = Blueprint("influx", __name__)
ignore_prefix(blueprint)

_v1, _v2, _v3 = Version1(), Version2(), Version3()
_DIALECTS: Final[Mapping[str, Dialect]] = {
    "influx.write": _v1,
    "influx.write_v2": _v2,
    "influx.write_v3": _v3,
}
"""The dialect of each endpoint."""


def _contract(query: type[Struct], error: type[Struct], *more: int, media: str = JSON) -> Contract:
    errors = error_contents(
        400, 403, 408, 413, 415, 500, 503, *more, content=Content((error,), media)
    )
    return Contract({204: None, **errors}, query, (Content((str,), "text/plain", _EXAMPLE),))


@blueprint.post("/write")
@blueprint.post("/<path:prefix>/write")
def write() -> Response:
    """Write line protocol as InfluxDB 1 does."""
    return _respond(result_of_write(perform_v1), _v1)


def perform_v1(request: Request, services: WebServices) -> DecodedWrite:
    """Decode and publish a write of InfluxDB 1."""
    database = request.args.get("db")
    if not database:
        raise BadRequest("database is required")
    decoded = _decode_body(request, services, _V1_PRECISIONS)
    _publish(services, decoded, database)
    return decoded


class Query2(Struct):
    """The parameters of InfluxDB 2."""

    bucket: Annotated[str, Meta(min_length=1)]
    org: str = ""
    org_id: str = field(default="", name="orgID")
    precision: Annotated[str, Meta(extra_json_schema={"enum": list(_V2_PRECISIONS)})] = ""


class Query3(Struct):
    """The parameters of InfluxDB 3."""

    db: Annotated[str, Meta(min_length=1)]
    precision: Annotated[str, Meta(extra_json_schema={"enum": list(_V3_PRECISIONS)})] = ""
    accept_partial: bool = True
    no_sync: bool = False


@blueprint.post("/api/v2/write")
@blueprint.post("/<path:prefix>/api/v2/write")
@with_contract(_contract(Query2, InfluxError2, 404, media="application/json; charset=utf-8"))
def write_v2() -> Response:
    """Write line protocol as InfluxDB 2 does."""
    return _respond(result_of_write(perform_v2), _v2)


def perform_v2(request: Request, services: WebServices) -> DecodedWrite:
    """Decode and publish a write of InfluxDB 2."""
    bucket = request.args.get("bucket")
    if not bucket:
        raise NotFound("bucket not found")
    decoded = _decode_body(request, services, _V2_PRECISIONS)
    # In InfluxDB 1 a bucket is a database, and perhaps a slash and a retention policy.
    _publish(services, decoded, bucket.partition("/")[0])
    return decoded


@blueprint.post("/api/v3/write_lp")
@blueprint.post("/<path:prefix>/api/v3/write_lp")
@with_contract(_contract(Query3, InfluxError3))
def write_v3() -> Response:
    """Write line protocol as InfluxDB 3 does.

    With `accept_partial=false` one bad line refuses the whole request.
    """
    decoded = result_of_write(perform_v3)
    if decoded.faults and not parse_query(Query3).accept_partial:
        return _v3.parsing_failed(decoded.bad_lines[0])
    return _respond(decoded, _v3)


def perform_v3(request: Request, services: WebServices) -> DecodedWrite:
    """Decode a write of InfluxDB 3, and publish what may be published."""
    if not request.args.get("db"):
        raise BadRequest("missing query parameter 'db'")
    query = parse_query(Query3, request)
    decoded = _decode_body(request, services, _V3_PRECISIONS)
    if query.accept_partial or not decoded.faults:
        _publish(services, decoded, query.db)
    return decoded


def _decode_body(
    request: Request, services: WebServices, precisions: Mapping[str, Precision]
) -> DecodedWrite:
    """Decode the lines of a request. Raises MalformedError for an unknown precision."""
    name = request.args.get("precision", "")
    if name not in precisions:
        allowed = ", ".join(filter(None, precisions))
        raise MalformedError(f"invalid precision {name!r:.50}: use one of {allowed}")
    options: Any = {"precision": precisions[name], "check_units": True}
    write_format = WriteFormat(
        partial(decode_lines, **options), partial(decode_plain_text, **options), is_lines=True
    )
    return services.ingest.decode(read_body(request), write_format, allowed_series(request))


def _publish(services: WebServices, decoded: DecodedWrite, database: str) -> None:
    services.ingest.publish(decoded)
    if decoded.messages:
        # The readings are accepted, with or without a name in the list.
        services.database_names.try_add(database)


def _respond(decoded: DecodedWrite, dialect: Dialect) -> Response:
    if decoded.faults:
        response = dialect.partial_write(
            decoded.bad_lines, decoded.fault_count, decoded.reading_count
        )
    else:
        response = Response(status=204)
    if decoded.skipped_text_count:
        response.headers["X-Stripchart-Text-Fields"] = str(decoded.skipped_text_count)
    if decoded.unstorable_count:
        response.headers["X-Stripchart-Left-Out-Fields"] = str(decoded.unstorable_count)
    return response


def _dialect() -> Dialect:
    return _DIALECTS[current_request.endpoint or ""]


@blueprint.errorhandler(MalformedError)
def _refuse_malformed(error: MalformedError) -> Response:
    return _dialect().refuse(400, str(error))


@blueprint.errorhandler(OversizedError)
def _refuse_oversized(error: OversizedError) -> Response:
    return _dialect().refuse(413, str(error))


@blueprint.errorhandler(BrokerUnavailableError)
@blueprint.errorhandler(JournalFullError)
@blueprint.errorhandler(StoreUnavailableError)
@blueprint.errorhandler(StoreUnusableError)
def _refuse_for_now(error: StripchartError) -> Response:
    return _dialect().refuse(503, str(error))


@blueprint.errorhandler(HTTPException)
def _refuse_request(error: HTTPException) -> Response:
    return _dialect().refuse(error.code or 500, error.description or error.name)


@blueprint.errorhandler(Exception)
def _report_failure(error: Exception) -> Response:
    current_app.logger.error("request failed", exc_info=error)
    return _dialect().refuse(500, INTERNAL_ERROR)


ROUTES: Final = {
    path: WriteRoute(endpoint, perform, partial(_respond, dialect=_DIALECTS[endpoint]))
    for path, endpoint, perform in (
        ("/write", "influx.write", perform_v1),
        ("/api/v2/write", "influx.write_v2", perform_v2),
        ("/api/v3/write_lp", "influx.write_v3", perform_v3),
    )
}
"""The routes of the shortcut by their path."""
