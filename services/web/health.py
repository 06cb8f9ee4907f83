"""Whether the process lives, and whether all that it needs does."""

from typing import Any, Final

from flask import Blueprint, Response, current_app

from services.broker import Journal
from services.clock import microseconds
from services.cursor import JOURNAL_START, Cursor
from services.errors import StripchartError
from services.reading import MICROSECONDS
from services.store import Reader
from services.web.answers import answer
from services.web.queries import Queries

_LATE_SECONDS: Final = 10.0

blueprint = Blueprint("health", __name__)


@blueprint.get("/livez")
def livez() -> Response:
    """The process answers."""
    return answer({"ok": True})


@blueprint.get("/readyz")
def readyz() -> Response:
    """Redis and the database answer, and the writer is not behind; else 503."""
    database, cursor = _database()
    redis, writer = _redis_and_writer(cursor)
    parts = {"redis": redis, "database": database, "writer": writer}
    ok = all(part["ok"] for part in parts.values())
    return answer({"ok": ok, **parts}, 200 if ok else 503)


def _database() -> tuple[dict[str, Any], Cursor | None]:
    queries: Queries = current_app.extensions["queries"]
    reader: Reader = current_app.extensions["reader"]
    try:
        return {"ok": True}, queries.ask(reader.cursor)
    except StripchartError as error:
        return {"ok": False, "error": str(error)}, None


def _redis_and_writer(cursor: Cursor | None) -> tuple[dict[str, Any], dict[str, Any]]:
    journal: Journal = current_app.extensions["journal"]
    try:
        seen = journal.read(cursor.entry if cursor is not None else JOURNAL_START, 1)
    except StripchartError as error:
        return {"ok": False, "error": str(error)}, {"ok": False, "error": "not known"}
    if cursor is None:
        return {"ok": True}, {"ok": False, "error": "nothing was ever written"}
    if seen.epoch != cursor.epoch:
        return {"ok": True}, {"ok": False, "error": "the writer has not seen the new journal"}
    waiting = 0.0
    if seen.entries:
        since = seen.entries[0].id.milliseconds * 1000
        waiting = max(0.0, (microseconds() - since) / MICROSECONDS)
    writer: dict[str, Any] = {"ok": waiting < _LATE_SECONDS, "behind_seconds": waiting}
    if not writer["ok"]:
        writer["error"] = f"the oldest reading has waited for {waiting:.0f} s"
    return {"ok": True}, writer
