"""Named views over HTTP: commands go into the journal, and the response tells their result."""

from typing import Annotated, Final, Literal

from flask import Blueprint, Response, request
from msgspec import Meta, Struct
from werkzeug.exceptions import ServiceUnavailable

from services.command import DeleteView, PutView
from services.errors import (
    MalformedError,
    StoreUnavailableError,
    StoreUnusableError,
)
from services.formats.views import (
    MAX_VIEW_BYTES,
    NewView,
    NumberedView,
    as_document,
    view_name,
)
from services.store import StoredView
from services.web.http.bodies import read_raw_body
from services.web.http.commands import carry_out
from services.web.http.contract import Content, Contract, parse_query, with_contract
from services.web.http.responses import error_response, json_response
from services.web.http.schemas import Refusal, error_contents
from services.web.services import web_services

_ROUTE: Final = "/api/views"
_NAMED_ROUTE: Final = "/api/views/<name>"

_EXAMPLE: Final = {
    "title": "Home",
    "revision": None,
    "window": "24h",
    "columns": 2,
    "panels": [{"title": "Rooms", "series": ["*.temperature"], "limits": ["18..24"]}],
}

_UNKNOWN: Final = "there is no view {!r}"
_EXISTS: Final = "there is a view {!r} already: give its revision to replace it"
_STALE: Final = "the view {!r} was changed meanwhile: its revision is {}"


class ViewItem(Struct):
    """A view in the list. `panels` is their number."""

    name: str
    title: str
    revision: int
    panels: int


class ViewList(Struct):
    """Every view, by name."""

    views: list[ViewItem]


class ViewSaved(Struct):
    """Confirmation that a view is saved. `revision` is the one that it has now."""

    ok: Literal[True]
    name: str
    revision: int


class ViewDeleted(Struct):
    """Confirmation that a view is deleted."""

    ok: Literal[True]
    name: str


class StaleView(Refusal):
    """The view is not as expected. `revision` is the one that it has, null if there is none."""

    revision: int | None = None


class RemoveQuery(Struct):
    """The view is deleted only if it has this revision; without it, in any case."""

    revision: Annotated[int, Meta(ge=1)] | None = None


_ERRORS: Final = {409: Content((StaleView,)), **error_contents(400, 403, 503)}

blueprint = Blueprint("views", __name__)


@blueprint.get(_ROUTE)
@with_contract(Contract({200: Content((ViewList,)), **error_contents(403, 503)}))
def list_views() -> Response:
    """Return every view with its title, its revision and the number of its panels."""
    services = web_services()
    services.read_barrier.wait()
    stored = services.ask(services.views.list_all)
    items = [
        ViewItem(view.name, view.document.title, view.revision, len(view.document.panels))
        for view in stored
        if view.document is not None
    ]
    return json_response({"views": items})


@blueprint.get(_NAMED_ROUTE)
@with_contract(Contract({200: Content((NumberedView,)), **error_contents(400, 403, 404, 503)}))
def view(name: str) -> Response:
    """Return a view with all its fields and its revision."""
    name = view_name(name)
    web_services().read_barrier.wait()
    stored = _find(name)
    if stored is None or stored.document is None:
        return error_response(404, _UNKNOWN.format(name))
    return json_response(as_document(stored.document, stored.revision))


@blueprint.put(_NAMED_ROUTE)
@with_contract(
    Contract(
        {200: Content((ViewSaved,)), **_ERRORS, **error_contents(408, 413)},
        bodies=(Content((NewView,), example=_EXAMPLE),),
    )
)
def save(name: str) -> Response:
    """Save a view. The response comes when it is saved.

    Without a revision, or with 0, this makes a new view. Otherwise the view must have this
    revision, so that nobody replaces changes that they have not seen.
    """
    name = view_name(name)
    new = NewView.decode(read_raw_body(request, MAX_VIEW_BYTES))
    web_services().read_barrier.wait()
    stored = _find(name)
    current = _revision(stored)
    replaced = new.revision or None
    if current != replaced:
        return _conflict(_stale_text(name, replaced, current), current)
    expected = 0 if stored is None else stored.revision
    document = new.without_revision().encode().decode()
    refusal = carry_out(PutView(name, expected, document))
    if refusal:
        return _conflict(refusal, _revision(_find(name)))
    return json_response({"ok": True, "name": name, "revision": expected + 1})


@blueprint.delete(_NAMED_ROUTE)
@with_contract(
    Contract({200: Content((ViewDeleted,)), **_ERRORS, **error_contents(404)}, RemoveQuery)
)
def remove(name: str) -> Response:
    """Delete a view. With a revision, only if the view has it."""
    name = view_name(name)
    if request.args.keys() - {"revision"}:
        raise MalformedError("the only parameter is revision")
    expected = parse_query(RemoveQuery).revision
    web_services().read_barrier.wait()
    current = _revision(_find(name))
    if current is None:
        return error_response(404, _UNKNOWN.format(name))
    if expected not in {None, current}:
        return _conflict(_stale_text(name, expected, current), current)
    refusal = carry_out(DeleteView(name, expected))
    if refusal:
        return _conflict(refusal, _revision(_find(name)))
    return json_response({"ok": True, "name": name})


def is_missing(name: str) -> bool:
    """Return True if there is certainly no view of this name. It needs the context of an app."""
    try:
        return _revision(_find(view_name(name))) is None
    except MalformedError:
        return True
    except (ServiceUnavailable, StoreUnavailableError, StoreUnusableError):
        return False


def _stale_text(name: str, expected: int | None, current: int | None) -> str:
    if current is None:
        return _UNKNOWN.format(name)
    return (_EXISTS if expected is None else _STALE).format(name, current)


def _find(name: str) -> StoredView | None:
    services = web_services()
    return services.ask(lambda interrupt: services.views.find(name, interrupt))


def _conflict(error: str, current: int | None) -> Response:
    """Answer that a view is not as expected."""
    return error_response(409, error, revision=current)


def _revision(stored: StoredView | None) -> int | None:
    """Return the revision of a view, None if there is no view."""
    return None if stored is None or stored.document is None else stored.revision
