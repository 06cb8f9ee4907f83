"""Health of the process, and of the parts that it needs."""

from typing import Any, Final

from flask import Blueprint, Response, request

from services.broker import JournalSnapshot
from services.broker.lag import MAX_LAG_SECONDS
from services.clock import now_microseconds
from services.errors import BrokerRefusedError, StripchartError
from services.position import JOURNAL_START, Cursor
from services.reading import MICROSECONDS, ts_to_seconds
from services.store import LossSummary
from services.web.access.restriction import restriction_of
from services.web.api.history import gap_document
from services.web.http.contract import Content, Contract, with_contract
from services.web.http.responses import json_response
from services.web.http.schemas import StatusDocument, error_contents
from services.web.services import web_services

_LOSS_MICROSECONDS: Final = 86_400 * MICROSECONDS
"""Age up to which losses are reported."""

blueprint = Blueprint("health", __name__)


@blueprint.route("/livez", methods=["GET", "POST"])
def livez() -> Response:
    """Answer that the process lives.

    Browsers send their Origin with a POST, as with a WebSocket. So the page can find out why its
    WebSocket is refused, which no browser reports.
    """
    return json_response({"ok": True})


@blueprint.get("/readyz")
def readyz() -> Response:
    """Answer 200 if Redis accepts writes, the database answers and the writer keeps up.

    Otherwise the status is 503. Readings that were lost or refused in the last 24 hours are
    reported, and don't make it 503: no restart would bring them back. A disk that is nearly full
    does not either, as long as readings are stored.
    """
    document = _visible_status()
    return json_response(document, 200 if document["ok"] else 503)


@blueprint.get("/api/status")
@with_contract(Contract({200: Content((StatusDocument,)), **error_contents(403)}))
def status() -> Response:
    """Return the document of `/readyz`, always with 200.

    A browser would log each 503 as an error of the page.
    """
    return json_response(_visible_status())


def _visible_status() -> dict[str, Any]:
    """Return the document of `/readyz`, without what a restricted principal may not see.

    Sizes, gaps and refused readings are those of all series, and an error may name a file.
    """
    document = web_services().readiness.result()
    if not restriction_of(request):
        return document
    parts = {name: {**document[name]} for name in ("redis", "database", "writer")}
    for part in parts.values():
        part.pop("error", None)
    return {"ok": document["ok"], **parts, "storage": None, **_loss_document(None)}


def check_readiness() -> dict[str, Any]:
    """Check all parts, and return the document of `/readyz`. It needs the context of an app."""
    database, cursor, losses = _check_database()
    redis, writer = _check_redis_and_writer(cursor)
    parts = {"redis": redis, "database": database, "writer": writer}
    storage = web_services().disk_status.document()
    return {
        "ok": all(part["ok"] for part in parts.values()),
        **parts,
        "storage": storage,
        **_loss_document(losses),
    }


def _check_database() -> tuple[dict[str, Any], Cursor | None, LossSummary | None]:
    services = web_services()
    since = now_microseconds() - _LOSS_MICROSECONDS
    try:
        cursor = services.health_threads.run(services.reader.cursor)
        losses = services.health_threads.run(services.reader.loss_summary, since)
    except StripchartError as error:
        return {"ok": False, "error": str(error)}, None, None
    return {"ok": True}, cursor, losses


def _loss_document(losses: LossSummary | None) -> dict[str, Any]:
    if losses is None:
        return {"gaps": None, "refused": None}
    newest = losses.newest_gap
    newest_gap = newest and gap_document(newest) | {"noted_at": ts_to_seconds(newest.recorded_at)}
    return {
        "gaps": {"count": losses.gap_count, "newest": newest_gap},
        "refused": losses.refused_count,
    }


def _check_redis_and_writer(cursor: Cursor | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Check both by reading the first entry after the database's cursor."""
    services = web_services()
    try:
        snapshot = services.journal.read(cursor.entry if cursor is not None else JOURNAL_START, 1)
    except BrokerRefusedError as error:
        return _refused(error), {"ok": False, "error": "unknown"}
    except StripchartError as error:
        return {"ok": False, "error": str(error)}, {"ok": False, "error": "unknown"}
    return _check_writes(), _check_writer(cursor, snapshot)


def _check_writes() -> dict[str, Any]:
    """Check that Redis accepts writes, and that it does not refuse the live stream."""
    services = web_services()
    try:
        services.broker.check_writes()
    except BrokerRefusedError as error:
        return _refused(error)
    except StripchartError as error:
        return {"ok": False, "answers": True, "error": str(error)}
    error_of_relay = services.broadcaster.relay.error
    if isinstance(error_of_relay, BrokerRefusedError):
        return _refused(error_of_relay)
    return {"ok": True}


def _refused(error: BrokerRefusedError) -> dict[str, Any]:
    return {"ok": False, "answers": True, "refused": True, "error": str(error)}


def _check_writer(cursor: Cursor | None, snapshot: JournalSnapshot) -> dict[str, Any]:
    if cursor is None:
        return {"ok": False, "error": "the writer has not stored anything yet"}
    if snapshot.epoch != cursor.epoch:
        return {"ok": False, "error": "the writer has not read the new journal yet"}
    first_waiting = snapshot.entries[0].id if snapshot.entries else None
    # An entry is late only when its commit was due.
    services = web_services()
    age = services.lag_timer.seconds(first_waiting, snapshot.last)
    seconds = max(0.0, age - services.flush_delay.seconds())
    writer: dict[str, Any] = {"ok": seconds < MAX_LAG_SECONDS, "behind_seconds": seconds}
    if not writer["ok"]:
        writer["error"] = f"the oldest reading has waited for {seconds:.0f} s: check the writer"
    return writer
