"""Probes of InfluxDB's clients before they write: is a server there, and does a database exist."""

import re
import time
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qs

from flask import Blueprint, Response, request
from werkzeug.exceptions import (
    BadRequest,
    Forbidden,
    HTTPException,
    Unauthorized,
    UnsupportedMediaType,
)

from services import __version__
from services.broker import MAX_DATABASE_NAME_CHARS
from services.errors import StripchartError
from services.web.access.restriction import restriction_of
from services.web.http.bodies import read_raw_body
from services.web.http.responses import RETRY_AFTER_SECONDS, json_response
from services.web.services import web_services
from services.web.write.influx_dialects import VERSION, Version1
from services.web.write.influx_prefix import ignore_prefix

_CREATE_DATABASE = re.compile(
    r"""\s*CREATE\s+DATABASE\s+(?:IF\s+NOT\s+EXISTS\s+)?
    (?:"(?P<quoted>(?:[^"\\]|\\.)+)"|(?P<bare>[^\s";]+))
    (?:\s+WITH\s[^;]+)?\s*;?\s*""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SHOW_DATABASES = re.compile(r"\s*SHOW\s+DATABASES\s*;?\s*", re.IGNORECASE)

_FORM_TYPES: Final = {"", "application/x-www-form-urlencoded"}
_MAX_FORM_BYTES: Final = 8_192
_MAX_FIELDS: Final = 20

blueprint = Blueprint("probes", __name__)
ignore_prefix(blueprint)

_started_at = time.time()


@blueprint.after_request
def _add_version(response: Response) -> Response:
    response.headers["X-Influxdb-Version"] = VERSION
    response.headers["X-Influxdb-Build"] = "Stripchart"
    return response


@blueprint.errorhandler(Unauthorized)
@blueprint.errorhandler(Forbidden)
def _refuse(error: HTTPException) -> Response:
    return Version1().refuse(error.code or 401, error.description or error.name)


@blueprint.get("/ping")
@blueprint.get("/<path:prefix>/ping")
def ping() -> Response:
    """Answer that the process lives."""
    if request.args.get("verbose", "") in {"", "0", "false"}:
        return Response(status=204)
    return json_response({"version": VERSION})


@blueprint.get("/health")
@blueprint.get("/<path:prefix>/health")
def health() -> Response:
    """Answer whether writes are accepted."""
    document = {
        "name": "influxdb",
        "message": "ready for queries and writes",
        "status": "pass",
        "checks": [],
        "version": VERSION,
        "commit": __version__,
    }
    try:
        web_services().broker.check_writes()
    except StripchartError as error:
        response = json_response(document | {"message": str(error), "status": "fail"}, 503)
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response
    return json_response(document)


@blueprint.get("/ready")
@blueprint.get("/<path:prefix>/ready")
def ready() -> Response:
    """Answer how long the process has been running."""
    started = datetime.fromtimestamp(_started_at, UTC).isoformat(timespec="microseconds")
    minutes, seconds = divmod(max(0, int(time.time() - _started_at)), 60)
    hours, minutes = divmod(minutes, 60)
    return json_response(
        {
            "status": "ready",
            "started": started.replace("+00:00", "Z"),
            "up": f"{hours}h{minutes}m{seconds}s",
        }
    )


def _form() -> dict[str, list[str]]:
    """Return the fields of the form in the body."""
    form = read_raw_body(request, _MAX_FORM_BYTES)
    if not form:
        return {}
    if request.mimetype not in _FORM_TYPES:
        raise UnsupportedMediaType("send the statement as a form, or as the parameter q")
    try:
        return parse_qs(form.decode(), max_num_fields=_MAX_FIELDS)
    except ValueError as error:
        raise BadRequest(f"the form can't be read: {error}") from error


@blueprint.route("/query", methods=["GET", "POST"])
@blueprint.route("/<path:prefix>/query", methods=["GET", "POST"])
def query() -> Response:
    """Answer the two statements that clients begin with."""
    form = {} if request.args.get("q") else _form()

    def parameter(name: str) -> str:
        return request.args.get(name) or form.get(name, [""])[0]

    statement = parameter("q")
    created = _CREATE_DATABASE.fullmatch(statement)
    if created:
        return _create_database(created["bare"] or _ESCAPED.sub(r"\1", created["quoted"]))
    if _SHOW_DATABASES.fullmatch(statement):
        return _list_databases(parameter("db"))
    return Version1().refuse(400, "only CREATE DATABASE and SHOW DATABASES are supported")


def _create_database(name: str) -> Response:
    if len(name) > MAX_DATABASE_NAME_CHARS:
        error = f"the name of a database has at most {MAX_DATABASE_NAME_CHARS} characters"
        return Version1().refuse(400, error)
    web_services().database_names.add(name)
    return json_response({"results": [{"statement_id": 0}]})


def _list_databases(own: str) -> Response:
    """List the databases that clients have used, and the one that this client uses."""
    # Who may use some series only does not learn what others write.
    others = () if restriction_of(request) else web_services().database_names.read_all()
    names = sorted({*others, *([own] if own else [])})
    series: dict[str, object] = {"name": "databases", "columns": ["name"]}
    if names:
        series["values"] = [[name] for name in names]
    return json_response({"results": [{"statement_id": 0, "series": [series]}]})
