"""What InfluxDB's clients ask before they write: whether it is there, and for a database."""

import re
import time
from datetime import UTC, datetime
from typing import Any, Final

from flask import Blueprint, Response, current_app, request

from services import __version__
from services.broker import Journal
from services.errors import StripchartError
from services.web.http.responses import RETRY_AFTER, json_response
from services.web.write.influx_dialects import VERSION, Version1

_CREATE = re.compile(r"\s*CREATE\s+DATABASE\b", re.IGNORECASE)
_SHOW = re.compile(r"\s*SHOW\s+DATABASES\s*;?\s*", re.IGNORECASE)
_DATABASES: Final = {"name": "databases", "columns": ["name"], "values": [["stripchart"]]}

blueprint = Blueprint("probes", __name__)

_started = time.time()


@blueprint.url_value_preprocessor
def _forget_prefix(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values is not None:
        values.pop("prefix", None)


@blueprint.after_request
def _mark(response: Response) -> Response:
    response.headers["X-Influxdb-Version"] = VERSION
    response.headers["X-Influxdb-Build"] = "Stripchart"
    return response


@blueprint.get("/ping")
@blueprint.get("/<path:prefix>/ping")
def ping() -> Response:
    """The process answers."""
    if request.args.get("verbose", "") in {"", "0", "false"}:
        return Response(status=204)
    return json_response({"version": VERSION})


@blueprint.get("/health")
@blueprint.get("/<path:prefix>/health")
def health() -> Response:
    """Whether writes are taken."""
    journal: Journal = current_app.extensions["journal"]
    document = {
        "name": "influxdb",
        "message": "ready for queries and writes",
        "status": "pass",
        "checks": [],
        "version": VERSION,
        "commit": __version__,
    }
    try:
        journal.epoch()
    except StripchartError as error:
        response = json_response(document | {"message": str(error), "status": "fail"}, 503)
        response.headers["Retry-After"] = str(RETRY_AFTER)
        return response
    return json_response(document)


@blueprint.get("/ready")
@blueprint.get("/<path:prefix>/ready")
def ready() -> Response:
    """Since when the process answers."""
    started = datetime.fromtimestamp(_started, UTC).isoformat(timespec="microseconds")
    minutes, seconds = divmod(max(0, int(time.time() - _started)), 60)
    hours, minutes = divmod(minutes, 60)
    return json_response(
        {
            "status": "ready",
            "started": started.replace("+00:00", "Z"),
            "up": f"{hours}h{minutes}m{seconds}s",
        }
    )


@blueprint.route("/query", methods=["GET", "POST"])
@blueprint.route("/<path:prefix>/query", methods=["GET", "POST"])
def query() -> Response:
    """The two statements that clients begin with; there is one database, and it is there."""
    statement = request.values.get("q", "")
    if _CREATE.match(statement):
        return json_response({"results": [{"statement_id": 0}]})
    if _SHOW.fullmatch(statement):
        return json_response({"results": [{"statement_id": 0, "series": [_DATABASES]}]})
    return Version1().refusal(400, "only CREATE DATABASE and SHOW DATABASES are answered here")
