"""Corrections over HTTP: commands go into the journal, and are answered once it has them."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
from flask import Blueprint, Flask, Response, current_app, request
from werkzeug.routing import BaseConverter

from services.broker import Journal
from services.clock import now_microseconds
from services.command import Command, Delete, Erase, Rename, SetUnit
from services.errors import MalformedError
from services.formats.commands import command_document
from services.formats.parsing.json_stream import parse_document
from services.formats.times import parse_time
from services.reading import ts_to_seconds
from services.store import Reader
from services.web.http.bodies import whole_body
from services.web.http.contract import Content, Contract, asked, describes
from services.web.http.query_pool import QueryPool
from services.web.http.responses import json_response
from services.web.http.schemas import Corrected, SeriesChange, error_contents

_MOST_BODY: Final = 65_536
_ROUTE: Final = "/api/series/<any_text:name>"

_ANSWERS: Final = {202: Content((Corrected,)), **error_contents(400, 403, 404, 503)}

_Change = Annotated[SeriesChange, msgspec.Meta(extra_json_schema={"minProperties": 1})]

blueprint = Blueprint("corrections", __name__)


class EraseQuery(msgspec.Struct):
    """The range to erase; without both the series is deleted."""

    from_: str | None = msgspec.field(name="from", default=None)
    to: str | None = None


class _AnyText(BaseConverter):
    """All of the rest of a path: a name may have slashes anywhere."""

    regex = ".+"
    part_isolating = False


def init_app(app: Flask) -> None:
    """Add the routes to an app."""
    app.url_map.converters["any_text"] = _AnyText
    app.register_blueprint(blueprint)


# With merged slashes the request would be sent on to a series of another name.
@blueprint.patch(_ROUTE, merge_slashes=False)
@describes(
    Contract(
        _ANSWERS | error_contents(408, 409, 413),
        body=(Content((_Change,), example={"name": "kitchen", "unit": "°C"}),),
    )
)
def change(name: str) -> Response:
    """Give a series another unit, another name, or both."""
    document = _document()
    commands: list[Command] = []
    if "unit" in document:
        unit = document["unit"]
        commands.append(SetUnit(name, None if unit == "" else unit))
    if "name" in document:
        commands.append(Rename(name, document["name"]))
    if not commands or document.keys() - {"name", "unit"}:
        raise MalformedError("name or unit must be given, and nothing else")
    return _taken(commands)


@blueprint.delete(_ROUTE, merge_slashes=False)
@describes(Contract(_ANSWERS, EraseQuery))
def remove(name: str) -> Response:
    """Delete a series, or with `from` and `to` erase its readings between these times."""
    given = sorted(name for name, _value in request.args.items(multi=True))
    if not given:
        return _taken([Delete(name)])
    during = asked(EraseQuery)
    # What is misspelt or missing must not delete more than was meant.
    if during.from_ is None or during.to is None or given != ["from", "to"]:
        raise MalformedError("give from and to to erase a range, or nothing to delete the series")
    now = now_microseconds()
    return _taken([Erase(name, parse_time(during.from_, now), parse_time(during.to, now))])


def _document() -> dict[str, Any]:
    request.max_content_length = _MOST_BODY
    document = parse_document(whole_body())
    if not isinstance(document, dict):
        raise MalformedError("not an object")
    return document


def _taken(commands: Sequence[Command]) -> Response:
    queries: QueryPool = current_app.extensions["queries"]
    reader: Reader = current_app.extensions["reader"]
    journal: Journal = current_app.extensions["journal"]
    floor = max(queries.run(reader.check_command, command) for command in commands)
    more = {}
    if any(isinstance(command, Erase) and command.start < floor for command in commands):
        more["whole_buckets_before"] = ts_to_seconds(floor)
    cursor = journal.send_commands(commands)
    done = [command_document(command) for command in commands]
    return json_response({"ok": True, "cursor": str(cursor), "commands": done, **more}, 202)
