"""InfluxDB's ways of writing, versions 1, 2 and 3: line protocol from programs that know no other.

A database, a bucket, an organisation and credentials are all one here. Some programs put a path
of their own before the address, so any is fine.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from flask import Blueprint, Response, current_app, request
from msgspec import Meta, Struct, field
from werkzeug.exceptions import HTTPException

from services.clock import now_microseconds
from services.errors import (
    BrokerUnavailableError,
    JournalFullError,
    MalformedError,
    OversizedError,
    StripchartError,
)
from services.formats.line_protocol import Precision, decode_lines
from services.formats.parsing.result import DecodeResult, Fault
from services.web.http.contract import JSON, Content, Contract, asked, describes
from services.web.http.schemas import InfluxError2, InfluxError3, error_contents
from services.web.write.influx_dialects import BadLine, Dialect, Version1, Version2, Version3
from services.web.write.ingest import DecodedWrite, Ingest

_MOST_QUOTED: Final = 100
_MOST_QUOTE: Final = 200

_V1: Final[Mapping[str, Precision]] = {
    "": "ns", "n": "ns", "ns": "ns", "u": "us", "us": "us",
    "ms": "ms", "s": "s", "m": "m", "h": "h",
}  # fmt: skip
_V2: Final[Mapping[str, Precision]] = {"": "ns", "ns": "ns", "us": "us", "ms": "ms", "s": "s"}
_V3: Final[Mapping[str, Precision]] = {
    "": "auto", "auto": "auto", "nanosecond": "ns", "ns": "ns", "n": "ns", "microsecond": "us",
    "us": "us", "u": "us", "millisecond": "ms", "ms": "ms", "second": "s", "s": "s",
}  # fmt: skip

_EXAMPLE: Final = "cpu,host=attic usage=12.5,load=3i 1763793660000000000"

blueprint = Blueprint("influx", __name__)


def _contract(query: type[Struct], error: type[Struct], *more: int, media: str = JSON) -> Contract:
    refused = error_contents(
        400, 403, 408, 413, 415, 500, 503, *more, content=Content((error,), media)
    )
    body = (Content((str,), "text/plain", _EXAMPLE),)
    return Contract({204: None, **refused}, query, body)


_v1, _v2, _v3 = Version1(), Version2(), Version3()
_DIALECTS: Final[Mapping[str, Dialect]] = {
    "influx.write": _v1,
    "influx.write_v2": _v2,
    "influx.write_v3": _v3,
}


@blueprint.url_value_preprocessor
def _forget_prefix(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values is not None:
        values.pop("prefix", None)


@blueprint.post("/write")
@blueprint.post("/<path:prefix>/write")
def write() -> Response:
    """InfluxDB 1."""
    if not request.args.get("db"):
        return _v1.refusal(400, "database is required")
    lines = _LineProtocolWrite(_V1)
    return _answer(lines, lines.take(), _v1)


class Query2(Struct):
    """The parameters of InfluxDB 2."""

    bucket: Annotated[str, Meta(min_length=1)]
    org: str = ""
    org_id: str = field(default="", name="orgID")
    precision: Annotated[str, Meta(extra_json_schema={"enum": list(_V2)})] = ""


class Query3(Struct):
    """The parameters of InfluxDB 3."""

    db: Annotated[str, Meta(min_length=1)]
    precision: Annotated[str, Meta(extra_json_schema={"enum": list(_V3)})] = ""
    accept_partial: bool = True
    no_sync: bool = False


@blueprint.post("/api/v2/write")
@blueprint.post("/<path:prefix>/api/v2/write")
@describes(_contract(Query2, InfluxError2, 404, media="application/json; charset=utf-8"))
def write_v2() -> Response:
    """InfluxDB 2."""
    if not request.args.get("bucket"):
        return _v2.refusal(404, "bucket not found")
    lines = _LineProtocolWrite(_V2)
    return _answer(lines, lines.take(), _v2)


@blueprint.post("/api/v3/write_lp")
@blueprint.post("/<path:prefix>/api/v3/write_lp")
@describes(_contract(Query3, InfluxError3))
def write_v3() -> Response:
    """InfluxDB 3. Without `accept_partial` one bad line refuses all."""
    if not request.args.get("db"):
        return _v3.refusal(400, "missing query parameter 'db'")
    query = asked(Query3)
    lines = _LineProtocolWrite(_V3)
    written = lines.take(query.accept_partial)
    if written.faults and not query.accept_partial:
        return _v3.parsing_failed(lines.bad[0])
    return _answer(lines, written, _v3)


class _LineProtocolWrite:
    """The lines of this request. bad: the first of those that are at fault, once they are taken.

    Raises MalformedError for a precision that is none.
    """

    def __init__(self, precisions: Mapping[str, Precision]) -> None:
        self.bad: Sequence[BadLine] = []
        named = request.args.get("precision", "")
        if named not in precisions:
            allowed = ", ".join(filter(None, precisions))
            raise MalformedError(f"invalid precision {named!r:.50}: use one of {allowed}")
        self._precision = precisions[named]
        self._intake: Ingest = current_app.extensions["intake"]

    def take(self, partly: bool = True) -> DecodedWrite:
        return self._intake.publish_request(self._decoded, partly)

    def _decoded(self, body: bytes) -> DecodeResult:
        decoded = decode_lines(
            body, now_microseconds(), self._precision, self._intake.stamps.reserve
        )
        if decoded.faults:
            self.bad = _quoted(body, decoded.faults[:_MOST_QUOTED])
        return decoded


def _quoted(body: bytes, faults: Sequence[Fault]) -> list[BadLine]:
    lines = body.split(b"\n")
    return [
        BadLine(
            fault.item_index + 1,
            lines[fault.item_index][:_MOST_QUOTE].decode(errors="replace").strip(),
            fault.reason,
        )
        for fault in faults
    ]


def _answer(lines: _LineProtocolWrite, written: DecodedWrite, dialect: Dialect) -> Response:
    if written.faults:
        response = dialect.partial(lines.bad, written.refused, written.size)
    else:
        response = Response(status=204)
    if written.texts:
        response.headers["X-Stripchart-Text-Fields"] = str(written.texts)
    return response


def _dialect() -> Dialect:
    return _DIALECTS[request.endpoint or ""]


@blueprint.errorhandler(MalformedError)
def _malformed(error: MalformedError) -> Response:
    return _dialect().refusal(400, str(error))


@blueprint.errorhandler(OversizedError)
def _oversized(error: OversizedError) -> Response:
    return _dialect().refusal(413, str(error))


@blueprint.errorhandler(BrokerUnavailableError)
@blueprint.errorhandler(JournalFullError)
def _unavailable(error: StripchartError) -> Response:
    return _dialect().refusal(503, str(error))


@blueprint.errorhandler(HTTPException)
def _refused(error: HTTPException) -> Response:
    return _dialect().refusal(error.code or 500, error.description or error.name)


@blueprint.errorhandler(Exception)
def _failed(error: Exception) -> Response:
    current_app.logger.error("a request failed", exc_info=error)
    return _dialect().refusal(500, "this should not happen: the log says more")
