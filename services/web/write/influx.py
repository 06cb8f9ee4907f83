"""The write routes of InfluxDB 1, 2 and 3, which take line protocol.

Organisations and credentials are accepted and ignored. Names of databases and buckets are kept
only for clients that ask for them.
"""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Final

from flask import Blueprint, Response, current_app, request
from msgspec import Meta, Struct, field
from werkzeug.exceptions import HTTPException

from services.errors import (
    BrokerUnavailableError,
    JournalFullError,
    MalformedError,
    OversizedError,
    StripchartError,
)
from services.formats.line_protocol import Precision, decode_lines
from services.web.http.bodies import read_body
from services.web.http.contract import JSON, Content, Contract, parse_query, with_contract
from services.web.http.responses import INTERNAL_ERROR
from services.web.http.schemas import InfluxError2, InfluxError3, error_contents
from services.web.services import web_services
from services.web.write.influx_dialects import Dialect, Version1, Version2, Version3
from services.web.write.influx_prefix import ignore_prefix
from services.web.write.ingest import DecodedWrite, WriteFormat

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
    database = request.args.get("db")
    if not database:
        return _v1.refuse(400, "database is required")
    decoded = _decode_body(_V1_PRECISIONS)
    _publish(decoded, database)
    return _respond(decoded, _v1)


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
    bucket = request.args.get("bucket")
    if not bucket:
        return _v2.refuse(404, "bucket not found")
    decoded = _decode_body(_V2_PRECISIONS)
    # In InfluxDB 1 a bucket is a database, and perhaps a slash and a retention policy.
    _publish(decoded, bucket.partition("/")[0])
    return _respond(decoded, _v2)


@blueprint.post("/api/v3/write_lp")
@blueprint.post("/<path:prefix>/api/v3/write_lp")
@with_contract(_contract(Query3, InfluxError3))
def write_v3() -> Response:
    """Write line protocol as InfluxDB 3 does.

    With `accept_partial=false` one bad line refuses the whole request.
    """
    if not request.args.get("db"):
        return _v3.refuse(400, "missing query parameter 'db'")
    query = parse_query(Query3)
    decoded = _decode_body(_V3_PRECISIONS)
    if decoded.faults and not query.accept_partial:
        return _v3.parsing_failed(decoded.bad_lines[0])
    _publish(decoded, query.db)
    return _respond(decoded, _v3)


def _decode_body(precisions: Mapping[str, Precision]) -> DecodedWrite:
    """Decode the lines of this request. Raises MalformedError for an unknown precision."""
    name = request.args.get("precision", "")
    if name not in precisions:
        allowed = ", ".join(filter(None, precisions))
        raise MalformedError(f"invalid precision {name!r:.50}: use one of {allowed}")
    decode = partial(decode_lines, precision=precisions[name], check_units=True)
    return web_services().ingest.decode(read_body(), WriteFormat(decode, is_lines=True))


def _publish(decoded: DecodedWrite, database: str) -> None:
    services = web_services()
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
    return _DIALECTS[request.endpoint or ""]


@blueprint.errorhandler(MalformedError)
def _refuse_malformed(error: MalformedError) -> Response:
    return _dialect().refuse(400, str(error))


@blueprint.errorhandler(OversizedError)
def _refuse_oversized(error: OversizedError) -> Response:
    return _dialect().refuse(413, str(error))


@blueprint.errorhandler(BrokerUnavailableError)
@blueprint.errorhandler(JournalFullError)
def _refuse_for_now(error: StripchartError) -> Response:
    return _dialect().refuse(503, str(error))


@blueprint.errorhandler(HTTPException)
def _refuse_request(error: HTTPException) -> Response:
    return _dialect().refuse(error.code or 500, error.description or error.name)


@blueprint.errorhandler(Exception)
def _report_failure(error: Exception) -> Response:
    current_app.logger.error("request failed", exc_info=error)
    return _dialect().refuse(500, INTERNAL_ERROR)
