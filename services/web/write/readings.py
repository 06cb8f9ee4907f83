"""The route `POST /api/readings`: readings as JSON."""

from typing import Any, Final

from flask import Blueprint, Request, Response

from services.formats.json import decode_json
from services.formats.parsing.plain_json import decode_plain_json
from services.web.access.restriction import allowed_series
from services.web.http.bodies import read_body
from services.web.http.contract import Content, Contract, with_contract
from services.web.http.responses import error_response, json_response
from services.web.http.schemas import NewReading, NewReadings, Written, error_contents
from services.web.services import WebServices
from services.web.write.ingest import DecodedWrite
from services.web.write.shortcut import WriteRoute, result_of_write
from services.web.write.text_format import WriteFormat

_JSON: Final = WriteFormat(decode_json, decode_plain_json)
_EXAMPLE: Final = {"series": "kitchen", "value": 21.5, "unit": "°C"}
_EXAMPLE_LINES: Final = '{"series": "kitchen", "value": 21.5}\n{"series": "cellar", "value": 12}'

blueprint = Blueprint("write", __name__)


@blueprint.post("/api/readings")
@with_contract(
    Contract(
        {200: Content((Written,)), **error_contents(400, 403, 408, 413, 415, 503)},
        bodies=(
            Content((NewReading, list[NewReading], NewReadings), example=_EXAMPLE),
            Content((str,), "application/x-ndjson", _EXAMPLE_LINES),
        ),
    )
)
def readings() -> Response:
    """Write one reading, a list, or lines of them.

    Bad readings are refused one by one, and named by their index. So are those of series that the
    token may not write; then the status is 403.
    """
    return respond(result_of_write(perform))


def perform(request: Request, services: WebServices) -> DecodedWrite:
    """Decode and publish the readings of a request."""
    write = services.ingest.decode(read_body(request), _JSON, allowed_series(request))
    services.ingest.publish(write)
    return write


def respond(write: DecodedWrite) -> Response:
    """Make the response to a write."""
    if write.faults:
        return _partial_write(write)
    return json_response({"ok": True, "written": write.reading_count})


def _partial_write(write: DecodedWrite) -> Response:
    details: dict[str, Any] = (
        {"more_errors": write.omitted_fault_count} if write.omitted_fault_count else {}
    )
    total = write.reading_count + write.fault_count
    return error_response(
        403 if write.forbidden_count else 400,
        f"{write.fault_count} of {total} readings refused",
        written=write.reading_count,
        errors=[{"index": fault.item_index, "error": fault.reason} for fault in write.faults],
        **details,
    )


ROUTES: Final = {"/api/readings": WriteRoute("write.readings", perform, respond)}
"""The route of the shortcut by its path."""
