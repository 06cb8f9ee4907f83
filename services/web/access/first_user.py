"""The first-run page: makes the first user, from which on everybody has to log in."""

from typing import Final

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug import Response

from services import __version__
from services.access import password_fault, user_name_fault
from services.access_command import AddUser
from services.errors import StripchartError
from services.web.access.changes import change_access
from services.web.access.forms import read_form
from services.web.access.local_address import root_of
from services.web.access.sessions import start_session
from services.web.http.responses import RETRY_AFTER_SECONDS
from services.web.services import web_services

_WRONG_CODE: Final = "The setup code is wrong. Look for the newest one in the server's log."
_DIFFERENT: Final = "the two passwords differ"
_NOT_NOW: Final = "The user can't be made at the moment: {}. Try again."

blueprint = Blueprint("first_user", __name__)


@blueprint.get("/setup")
def page() -> Response:
    """Return the page on which the first user is made, and write the setup code to the log."""
    services = web_services()
    if not services.directory.read_now().is_open:
        return redirect(f"{root_of(request)}login", 303)
    services.setup_code.log()
    return _form()


@blueprint.post("/setup")
def make() -> Response:
    """Make the first user as an admin, and log this browser in."""
    form = read_form(request)
    services = web_services()
    if not services.directory.read_now().is_open:
        return redirect(f"{root_of(request)}login", 303)
    name, password = form.get("user", "").strip(), form.get("password", "")
    if not services.setup_code.matches(form.get("code", "")):
        return _form(name, _WRONG_CODE, 403)
    fault = user_name_fault(name) or password_fault(password)
    if fault is None and password != form.get("password2"):
        fault = _DIFFERENT
    if fault is not None:
        return _form(name, f"{fault[0].upper()}{fault[1:]}.", 400)
    response = redirect(root_of(request), 303)
    try:
        hashed = services.password_checks.hash(password)
        added_at = services.directory.now()
        refusal = change_access(AddUser(name, "admin", hashed, added_at, is_first=True))
        if refusal or start_session(request, response, name):
            return redirect(f"{root_of(request)}login", 303)
    except StripchartError as error:
        failed = _form(name, _NOT_NOW.format(error), 503)
        failed.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return failed
    return response


def _form(name: str = "", error: str = "", status: int = 200) -> Response:
    text = render_template(
        "setup.html", root=root_of(request), version=__version__, user=name, error=error
    )
    return make_response(text, status, {"Cache-Control": "no-store"})
