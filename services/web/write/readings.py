"""`POST /api/readings`: readings as JSON."""

from typing import Any, Final

from flask import Blueprint, Response, current_app

from services.clock import now_microseconds
from services.formats.json import decode_json
from services.formats.parsing.result import DecodeResult
from services.web.http.contract import Content, Contract, describes
from services.web.http.responses import error_response, json_response
from services.web.http.schemas import NewReading, NewReadings, Written, error_contents
from services.web.write.ingest import DecodedWrite, Ingest

_EXAMPLE: Final = {"series": "kitchen", "value": 21.5, "unit": "°C"}
_LINES: Final = '{"series": "kitchen", "value": 21.5}\n{"series": "cellar", "value": 12}'

blueprint = Blueprint("write", __name__)


@blueprint.post("/api/readings")
@describes(
    Contract(
        {200: Content((Written,)), **error_contents(400, 403, 408, 413, 415, 503)},
        body=(
            Content((NewReading, list[NewReading], NewReadings), example=_EXAMPLE),
            Content((str,), "application/x-ndjson", _LINES),
        ),
    )
)
def readings() -> Response:
    """Take one reading, a list, or lines of them; what is bad is told by its place."""
    intake: Ingest = current_app.extensions["intake"]

    def decoded(body: bytes) -> DecodeResult:
        return decode_json(body, now_microseconds(), intake.stamps.reserve)

    write = intake.publish_request(decoded)
    return _partly(write) if write.faults else json_response({"ok": True, "written": write.size})


def _partly(write: DecodedWrite) -> Response:
    more: dict[str, Any] = {"more_errors": write.more} if write.more else {}
    return error_response(
        400,
        f"{write.refused} of {write.size + write.refused} readings refused",
        written=write.size,
        errors=[{"index": fault.item_index, "error": fault.reason} for fault in write.faults],
        **more,
    )
