"""Writes over HTTP: readings go into the journal, and are answered once it has them."""

from typing import Final

from flask import Blueprint, Response, current_app, request

from services.broker import Journal, Message
from services.clock import microseconds
from services.formats.json import Decoded, decode
from services.web.answers import answer, refusal
from services.web.queries import Queries

_LARGE: Final = 65_536
"""Bytes of a body whose decoding would be felt by live viewers."""

blueprint = Blueprint("write", __name__)


@blueprint.post("/api/readings")
def readings() -> Response:
    """Take one reading, a list, or lines of them; what is bad is told by its place."""
    body = request.get_data(cache=False)
    decoded = _decoded(body)
    if decoded.readings:
        journal: Journal = current_app.extensions["journal"]
        journal.publish(Message.of(decoded.readings))
    written = len(decoded.readings)
    if not decoded.faults:
        return answer({"ok": True, "written": written})
    return refusal(
        400,
        f"{len(decoded.faults)} of {written + len(decoded.faults)} readings refused",
        written=written,
        errors=[{"index": fault.place, "error": fault.error} for fault in decoded.faults],
    )


def _decoded(body: bytes) -> Decoded:
    if len(body) < _LARGE:
        return decode(body, microseconds())
    queries: Queries = current_app.extensions["queries"]
    return queries.ask(decode, body, microseconds())
