"""The API about the person or program that sends the request."""

from typing import Final
from urllib.parse import urlsplit

from flask import Blueprint, Response, request
from werkzeug.exceptions import Forbidden

from services.access_command import EndSessions, SetPassword
from services.network_exposure import is_loopback
from services.web.access.changes import change_access
from services.web.access.control import current_principal
from services.web.access.principal import Principal
from services.web.access.sessions import forget_session, start_session
from services.web.http.access_schemas import Me, NamedOnce, PasswordChange
from services.web.http.contract import Content, Contract, with_contract
from services.web.http.documents import read_document
from services.web.http.responses import error_response, json_response
from services.web.http.schemas import error_contents
from services.web.services import web_services

_ROUTE: Final = "/api/me"
_NO_PERSON: Final = "only a user who has logged in can do this"
_WRONG: Final = "the old password is wrong"

blueprint = Blueprint("me", __name__)


@blueprint.get(_ROUTE)
@with_contract(Contract({200: Content((Me,)), **error_contents(401, 403, 503)}))
def me() -> Response:
    """Return who sends this request, and what they may do."""
    principal = current_principal()
    services = web_services()
    is_open = services.directory.current().is_open
    series = principal.series
    return json_response(
        Me(
            principal.kind,
            principal.name,
            principal.role,
            None if series is None else sorted(series.texts),
            login_required=not is_open,
            exposed=is_open and not _is_local(services.broker.settings.host),
        )
    )


@blueprint.put(f"{_ROUTE}/password")
@with_contract(
    Contract(
        {200: Content((NamedOnce,)), **error_contents(400, 401, 403, 404, 408, 409, 413, 503)},
        bodies=(Content((PasswordChange,)),),
    )
)
def change_password() -> Response:
    """Set an own password, and sign out everywhere else. It needs the old password."""
    change = read_document(PasswordChange)
    principal = _person()
    services = web_services()
    checks = services.password_checks
    address = services.access_control.client_address(request)
    if checks.find(services.directory.read_now(), principal.name, change.old, address) is None:
        raise Forbidden(_WRONG)
    refusal = change_access(SetPassword(principal.name, checks.hash(change.new)))
    response = json_response({"ok": True, "name": principal.name})
    if not refusal and principal.kind == "user":
        refusal = start_session(request, response, principal.name)
    return error_response(404, refusal) if refusal else response


@blueprint.delete(f"{_ROUTE}/sessions")
@with_contract(Contract({200: Content((NamedOnce,)), **error_contents(401, 403, 404, 503)}))
def end_sessions() -> Response:
    """Sign out everywhere: end all own sessions, this one too."""
    principal = _person()
    refusal = change_access(EndSessions(principal.name))
    response = json_response({"ok": True, "name": principal.name})
    forget_session(request, response)
    return error_response(404, refusal) if refusal else response


def _person() -> Principal:
    principal = current_principal()
    if principal.kind not in {"user", "password"}:
        raise Forbidden(_NO_PERSON)
    return principal


def _is_local(host: str) -> bool:
    """Return True if only this machine reaches the server, and no proxy does so for others."""
    return is_loopback(host) and is_loopback(urlsplit(f"//{request.host}").hostname or "")
