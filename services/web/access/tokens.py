"""The API of tokens. It needs the role admin."""

from typing import Annotated, Final

from flask import Blueprint, Response, request
from msgspec import Meta, Struct

from services.access import hash_secret, new_token, series_fault, token_name_fault
from services.access_command import AddToken, RevokeToken
from services.errors import MalformedError
from services.formats.durations import parse_end
from services.reading import ts_to_seconds
from services.store import StoredToken
from services.web.access.changes import change_access
from services.web.access.users import check_login_exists
from services.web.http.access_schemas import NamedOnce, NewToken, TokenItem, TokenList, TokenMade
from services.web.http.contract import Content, Contract, with_contract
from services.web.http.documents import read_document
from services.web.http.responses import error_response, json_response
from services.web.http.schemas import error_contents
from services.web.services import web_services

_ROUTE: Final = "/api/tokens"
_NAMED_ROUTE: Final = "/api/tokens/<name>"

_EXAMPLE: Final = {"name": "telegraf", "scope": "write", "expires": "365d", "series": ["cpu.*"]}
_ERRORS: Final = error_contents(400, 401, 403, 503)

blueprint = Blueprint("tokens", __name__)


class RevokeQuery(Struct):
    """The token to revoke."""

    name: Annotated[str, Meta(description="Required if the path has no name")] | None = None


@blueprint.get(_ROUTE)
@with_contract(Contract({200: Content((TokenList,)), **error_contents(401, 403, 503)}))
def list_tokens() -> Response:
    """Return every token, without its text. It needs the role admin."""
    tokens = web_services().directory.read_now().tokens.values()
    return json_response(TokenList([_item(stored) for stored in tokens]))


@blueprint.post(_ROUTE)
@with_contract(
    Contract(
        {201: Content((TokenMade,)), **_ERRORS, **error_contents(408, 409, 413)},
        bodies=(Content((NewToken,), example=_EXAMPLE),),
    )
)
def add_token() -> Response:
    """Make a token, whose text only this response has. It needs the role admin."""
    check_login_exists()
    new = read_document(NewToken)
    series = None if new.series is None else tuple(new.series)
    fault = token_name_fault(new.name) or (None if series is None else series_fault(series))
    if fault is not None:
        raise MalformedError(fault)
    now = web_services().directory.now()
    end = parse_end(new.expires, now)
    text = new_token()
    refusal = change_access(AddToken(new.name, new.scope, hash_secret(text), now, end, series))
    if refusal:
        return error_response(409, refusal)
    response = json_response({"ok": True, "name": new.name, "token": text}, 201)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.delete(_ROUTE)
@blueprint.delete(_NAMED_ROUTE)
@with_contract(
    Contract({200: Content((NamedOnce,)), **_ERRORS, **error_contents(404)}, RevokeQuery)
)
def revoke_token(name: str | None = None) -> Response:
    """Revoke a token. Connections that use it are closed. It needs the role admin.

    A name with slashes must be the parameter `name`, because a proxy may change a path.
    """
    names = [*request.args.getlist("name"), *([] if name is None else [name])]
    if len(names) != 1:
        raise MalformedError("give the name of the token once")
    if fault := token_name_fault(names[0]):
        raise MalformedError(fault)
    refusal = change_access(RevokeToken(names[0]))
    if refusal:
        return error_response(404, refusal)
    return json_response({"ok": True, "name": names[0]})


def _item(stored: StoredToken) -> TokenItem:
    return TokenItem(
        stored.name,
        stored.role,
        None if stored.series is None else list(stored.series),
        ts_to_seconds(stored.created_at),
        None if stored.expires_at is None else ts_to_seconds(stored.expires_at),
        None if stored.used_at is None else ts_to_seconds(stored.used_at),
    )
