"""Whether the process lives, and whether all that it needs does."""

from typing import Any, Final

from flask import Blueprint, Flask, Response, current_app

from services.broker import Journal
from services.broker.lag import MAX_LAG_SECONDS, LagTimer
from services.clock import now_microseconds
from services.errors import StripchartError
from services.position import JOURNAL_START, Cursor
from services.reading import MICROSECONDS, ts_to_seconds
from services.store import LossSummary, Reader
from services.web.api.disk_status import DiskStatus
from services.web.api.history import gap_document
from services.web.http.contract import Content, Contract, describes
from services.web.http.query_pool import QueryPool
from services.web.http.responses import json_response
from services.web.http.schemas import StatusDocument, error_contents

_RECENT: Final = 86_400 * MICROSECONDS

blueprint = Blueprint("health", __name__)


def init_app(app: Flask) -> None:
    """Add the routes to an app."""
    app.extensions["waiting"] = LagTimer()
    app.register_blueprint(blueprint)


@blueprint.get("/livez")
def livez() -> Response:
    """The process answers."""
    return json_response({"ok": True})


@blueprint.get("/readyz")
def readyz() -> Response:
    """Redis and the database answer, and the writer is not behind; else 503.

    What was lost or refused in the last 24 hours is told and changes nothing of that: no restart
    would bring it back. Nor does a disk that gets full, as long as it takes what comes.
    """
    document = _readiness()
    return json_response(document, 200 if document["ok"] else 503)


@blueprint.get("/api/status")
@describes(Contract({200: Content((StatusDocument,)), **error_contents(403)}))
def status() -> Response:
    """The same document, always with 200: a browser would log each 503 as an error of the page."""
    return json_response(_readiness())


def _readiness() -> dict[str, Any]:
    database, cursor, losses = _database()
    redis, writer = _redis_and_writer(cursor)
    parts = {"redis": redis, "database": database, "writer": writer}
    storage: DiskStatus = current_app.extensions["storage"]
    more = {"storage": storage.document(), **_losses(losses)}
    return {"ok": all(part["ok"] for part in parts.values()), **parts, **more}


def _database() -> tuple[dict[str, Any], Cursor | None, LossSummary | None]:
    queries: QueryPool = current_app.extensions["queries"]
    reader: Reader = current_app.extensions["reader"]
    try:
        cursor = queries.run(reader.cursor)
        losses = queries.run(reader.loss_summary, now_microseconds() - _RECENT)
    except StripchartError as error:
        return {"ok": False, "error": str(error)}, None, None
    return {"ok": True}, cursor, losses


def _losses(losses: LossSummary | None) -> dict[str, Any]:
    if losses is None:
        return {"gaps": None, "refused": None}
    newest = losses.newest
    noted = newest and gap_document(newest) | {"noted_at": ts_to_seconds(newest.noted_at)}
    return {"gaps": {"count": losses.gaps, "newest": noted}, "refused": losses.refused}


def _redis_and_writer(cursor: Cursor | None) -> tuple[dict[str, Any], dict[str, Any]]:
    journal: Journal = current_app.extensions["journal"]
    waiting: LagTimer = current_app.extensions["waiting"]
    try:
        seen = journal.read(cursor.entry if cursor is not None else JOURNAL_START, 1)
    except StripchartError as error:
        return {"ok": False, "error": str(error)}, {"ok": False, "error": "not known"}
    if cursor is None:
        return {"ok": True}, {"ok": False, "error": "nothing was ever written"}
    if seen.epoch != cursor.epoch:
        return {"ok": True}, {"ok": False, "error": "the writer has not seen the new journal"}
    seconds = waiting.seconds(seen.entries[0].id if seen.entries else None)
    writer: dict[str, Any] = {"ok": seconds < MAX_LAG_SECONDS, "behind_seconds": seconds}
    if not writer["ok"]:
        writer["error"] = f"the oldest reading has waited for {seconds:.0f} s"
    return {"ok": True}, writer
