"""Corrections over HTTP: commands go into the journal, which the response confirms."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import Forbidden
from werkzeug.routing import BaseConverter

from services.clock import now_microseconds
from services.command import Delete, Erase, Rename, SeriesCommand, SetSettings, SetUnit
from services.concurrency import Interrupt
from services.errors import MalformedError, UnknownSeriesError
from services.formats.commands import command_document
from services.formats.parsing.json_stream import parse_document
from services.formats.times import parse_time
from services.reading import ts_to_seconds
from services.series_settings import SETTING_NAMES, parse_settings
from services.web.access.restriction import restriction_of
from services.web.http.base_path import STRIPPED
from services.web.http.bodies import LARGE_BODY_BYTES, read_raw_body
from services.web.http.contract import Content, Contract, parse_query, with_contract
from services.web.http.responses import json_response
from services.web.http.schemas import error_contents
from services.web.http.series_schemas import Corrected, SeriesChange
from services.web.services import web_services

_ROUTE: Final = "/api/series"
_NAMED_ROUTE: Final = "/api/series/<any_text:name>"

_CHANGES: Final = dict.fromkeys(("name", "unit", *SETTING_NAMES))
"""The fields of a change, in the order in which an error names them."""

_PROXY_HEADERS: Final = (
    "Forwarded",
    "Via",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Forwarded-Prefix",
    "X-Real-Ip",
)

_RESPONSES: Final = {202: Content((Corrected,)), **error_contents(400, 403, 404, 503)}

_Series = Annotated[
    str, msgspec.Meta(description="Required if the path has no name, or a proxy passes it on")
]
_Change = Annotated[SeriesChange, msgspec.Meta(extra_json_schema={"minProperties": 1})]

blueprint = Blueprint("corrections", __name__)


class ChangeQuery(msgspec.Struct):
    """The series to change."""

    series: _Series | None = None


class EraseQuery(msgspec.Struct):
    """The range to erase. Without `from` and `to` the series is deleted."""

    series: _Series | None = None
    from_: str | None = msgspec.field(name="from", default=None)
    to: str | None = None


class _AnyText(BaseConverter):
    """The whole rest of a path, because a series name may have slashes anywhere."""

    regex = ".+"
    part_isolating = False


def init_app(app: Flask) -> None:
    """Add the routes to an app."""
    app.url_map.converters["any_text"] = _AnyText
    app.register_blueprint(blueprint)


# With merged slashes, the request would be redirected to a series of another name.
@blueprint.patch(_ROUTE)
@blueprint.patch(_NAMED_ROUTE, merge_slashes=False)
@with_contract(
    Contract(
        _RESPONSES | error_contents(408, 409, 413),
        ChangeQuery,
        bodies=(Content((_Change,), example={"name": "kitchen", "unit": "°C"}),),
    )
)
def change(name: str | None = None) -> Response:
    """Give a series another unit, other settings, another name, or several of these."""
    series = _allowed_series(name)
    document = _json_object()
    if not document or document.keys() - _CHANGES:
        raise MalformedError(
            f"one or more of {', '.join(_CHANGES)} must be given, and nothing else"
        )
    commands: list[SeriesCommand] = []
    if "unit" in document:
        unit = document["unit"]
        commands.append(SetUnit(series, None if unit == "" else unit))
    settings = {key: document[key] for key in SETTING_NAMES if key in document}
    if settings:
        commands.append(SetSettings(series, parse_settings(settings)))
    if "name" in document:
        _check_new_name(document["name"])
        commands.append(Rename(series, document["name"]))
    return _send(commands)


@blueprint.delete(_ROUTE)
@blueprint.delete(_NAMED_ROUTE, merge_slashes=False)
@with_contract(Contract(_RESPONSES, EraseQuery))
def remove(name: str | None = None) -> Response:
    """Delete a series, or with `from` and `to` erase its readings between these times."""
    series = _allowed_series(name)
    parameters = sorted(key for key, _value in request.args.items(multi=True) if key != "series")
    if not parameters:
        return _send([Delete(series)])
    query = parse_query(EraseQuery)
    # A misspelt or missing parameter must not delete more than was meant.
    if query.from_ is None or query.to is None or parameters != ["from", "to"]:
        raise MalformedError("give from and to to erase a range, or nothing to delete the series")
    now = now_microseconds()
    return _send([Erase(series, parse_time(query.from_, now), parse_time(query.to, now))])


def _allowed_series(path_name: str | None) -> str:
    """Return the series to correct.

    Raises:
        MalformedError: The request does not name one series beyond doubt.
        UnknownSeriesError: The request may not use it, whether it exists or not.
    """
    name = _series(path_name)
    if not restriction_of(request).allows(name):
        raise UnknownSeriesError(f"there is no series {name!r}")
    return name


def _check_new_name(name: object) -> None:
    """Raise Forbidden if this request may not use a name, whether a series has it or not."""
    if isinstance(name, str) and not restriction_of(request).allows(name):
        raise Forbidden(f"no access to a series called {name!r:.100}: choose another name")


def _series(path_name: str | None) -> str:
    """Return the series to correct.

    A proxy may decode and shorten a path: `a%2F..%2Fb` arrives as `b`, which may be another
    series. It does not change parameters.

    Raises:
        MalformedError: The request does not name one series beyond doubt.
    """
    names = request.args.getlist("series")
    if not names and path_name is not None and not _is_from_proxy():
        return path_name
    if len(names) != 1:
        raise MalformedError(
            "give the series once, as the parameter series: a proxy may have changed the path"
        )
    if path_name not in {None, names[0]}:
        raise MalformedError(
            "the path and the parameter series name different series: correct /api/series?series="
        )
    return names[0]


def _is_from_proxy() -> bool:
    """Return True if a proxy may have passed on this request."""
    environ = request.environ
    return (
        STRIPPED in environ
        or environ.get("SERVER_PROTOCOL") == "HTTP/1.0"
        or any(header in request.headers for header in _PROXY_HEADERS)
    )


def _json_object() -> dict[str, Any]:
    document = parse_document(read_raw_body(request, LARGE_BODY_BYTES))
    if not isinstance(document, dict):
        raise MalformedError("not an object")
    return document


def _send(commands: Sequence[SeriesCommand]) -> Response:
    """Check commands and append them to the journal."""
    services = web_services()

    def check(_interrupt: Interrupt) -> int:
        return max(services.reader.check_command(command) for command in commands)

    services.read_barrier.wait()
    floor = services.ask(check)
    details = {}
    if any(isinstance(command, Erase) and command.start < floor for command in commands):
        details["whole_buckets_before"] = ts_to_seconds(floor)
    cursor = services.journal.send_commands(commands)
    documents = [command_document(command) for command in commands]
    return json_response({"ok": True, "cursor": str(cursor), "commands": documents, **details}, 202)
