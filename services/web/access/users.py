"""The API of users. It needs the role admin."""

from typing import Final

from flask import Blueprint, Response
from werkzeug.exceptions import Forbidden

from services.access import password_fault, user_name_fault
from services.access_command import AddUser, RemoveUser, SetPassword, SetRole, UserCommand
from services.errors import MalformedError
from services.reading import ts_to_seconds
from services.web.access.changes import change_access
from services.web.http.access_schemas import NamedOnce, NewUser, UserChange, UserItem, UserList
from services.web.http.contract import Content, Contract, with_contract
from services.web.http.documents import read_document
from services.web.http.responses import error_response, json_response
from services.web.http.schemas import error_contents
from services.web.services import web_services

_ROUTE: Final = "/api/users"
_NAMED_ROUTE: Final = "/api/users/<name>"
_UNKNOWN: Final = "there is no user {!r}"

NO_LOGIN_YET: Final = (
    "nobody has to log in yet: make the first user on the page /setup, or with"
    " `stripchart user add --role admin NAME`"
)
"""Refusal of a request from anybody: only a reader of the server's log may add the first user."""

_EXAMPLE: Final = {"name": "anna", "password": "correct horse battery", "role": "view"}
_ERRORS: Final = error_contents(400, 401, 403, 409, 503)

blueprint = Blueprint("users", __name__)


@blueprint.get(_ROUTE)
@with_contract(Contract({200: Content((UserList,)), **error_contents(401, 403, 503)}))
def list_users() -> Response:
    """Return every user. It needs the role admin."""
    directory = web_services().directory.read_now()
    logged_in = [session.user for session in directory.sessions.values()]
    items = [
        UserItem(user.name, user.role, ts_to_seconds(user.created_at), logged_in.count(user.name))
        for user in directory.users.values()
    ]
    return json_response(UserList(items))


@blueprint.post(_ROUTE)
@with_contract(
    Contract(
        {201: Content((NamedOnce,)), **_ERRORS, **error_contents(408, 413)},
        bodies=(Content((NewUser,), example=_EXAMPLE),),
    )
)
def add_user() -> Response:
    """Add a user. It needs the role admin."""
    check_login_exists()
    new = read_document(NewUser)
    _check(user_name_fault(new.name) or password_fault(new.password))
    services = web_services()
    if new.name in services.directory.read_now().users:
        return error_response(409, f"there is a user {new.name!r} already")
    hashed = services.password_checks.hash(new.password)
    return _carry_out(AddUser(new.name, new.role, hashed, services.directory.now()), 201)


@blueprint.patch(_NAMED_ROUTE)
@with_contract(
    Contract(
        {200: Content((NamedOnce,)), **_ERRORS, **error_contents(404, 408, 413)},
        bodies=(Content((UserChange,), example={"role": "write"}),),
    )
)
def change_user(name: str) -> Response:
    """Give a user another role, another password, or both. It needs the role admin."""
    _check(user_name_fault(name))
    change = read_document(UserChange)
    commands: list[UserCommand] = []
    if isinstance(change.role, str):
        commands.append(SetRole(name, change.role))
    if isinstance(change.password, str):
        _check(password_fault(change.password))
    elif not commands:
        raise MalformedError("give a role, a password, or both")
    if name not in web_services().directory.read_now().users:
        return error_response(404, _UNKNOWN.format(name))
    if isinstance(change.password, str):
        hashed = web_services().password_checks.hash(change.password)
        commands.append(SetPassword(name, hashed))
    for command in commands:
        response = _carry_out(command)
        if response.status_code != 200:  # noqa: PLR2004
            break
    return response


@blueprint.delete(_NAMED_ROUTE)
@with_contract(Contract({200: Content((NamedOnce,)), **_ERRORS, **error_contents(404)}))
def remove_user(name: str) -> Response:
    """Remove a user, and sign the user out everywhere. It needs the role admin."""
    _check(user_name_fault(name))
    if name not in web_services().directory.read_now().users:
        return error_response(404, _UNKNOWN.format(name))
    return _carry_out(RemoveUser(name))


def check_login_exists() -> None:
    """Refuse to give the first access over the API.

    Raises:
        Forbidden: Nobody has to log in yet.
    """
    if web_services().directory.read_now().is_open:
        raise Forbidden(NO_LOGIN_YET)


def _carry_out(command: UserCommand, status: int = 200) -> Response:
    refusal = change_access(command)
    if refusal:
        return error_response(409, refusal)
    return json_response({"ok": True, "name": command.user}, status)


def _check(fault: str | None) -> None:
    if fault is not None:
        raise MalformedError(fault)
