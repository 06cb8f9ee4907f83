"""Login and logout: the pages on which people show who they are."""

from typing import Final

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug import Response
from werkzeug.exceptions import TooManyRequests, Unauthorized

from services import __version__
from services.errors import StripchartError
from services.web.access.forms import read_form
from services.web.access.local_address import local_address, root_of
from services.web.access.sessions import end_session, forget_session, start_session
from services.web.http.responses import RETRY_AFTER_SECONDS
from services.web.services import web_services

_WRONG: Final = "The name or the password is wrong."
_NOT_NOW: Final = "Nobody can log in at the moment: {}. Try again."
_NOT_ENDED: Final = (
    "This browser is signed out, but the server could not end the session: {}. To end it, log in"
    " later and choose “Sign out everywhere”."
)

blueprint = Blueprint("access", __name__)


@blueprint.get("/login")
def login() -> Response:
    """Return the page on which people log in."""
    services = web_services()
    path = request.args.get("next", "")
    try:
        principal = services.access_control.identify(request, request.endpoint)
    except Unauthorized:
        if services.directory.current().is_open:
            return redirect(f"{root_of(request)}setup", 303)
        return _login_page(path)
    if principal.kind == "anonymous":
        return _login_page(path)
    return redirect(local_address(path, root_of(request)), 303)


@blueprint.post("/login")
def log_in() -> Response:
    """Start a session of the user whose name and password the form has."""
    form = read_form(request)
    # Keyboards of phones add a space after a name.
    name, path = form.get("user", "").strip(), form.get("next", "")
    services = web_services()
    response = redirect(local_address(path, root_of(request)), 303)
    try:
        found = services.password_checks.find(
            services.directory.read_now(),
            name,
            form.get("password", ""),
            services.access_control.client_address(request),
        )
        if found is None or start_session(request, response, found.name):
            return _login_page(path, name, _WRONG, 403)
    except TooManyRequests as error:
        page = _login_page(path, name, f"{(error.description or '').capitalize()}.", 429)
        page.headers["Retry-After"] = str(error.retry_after)
        return page
    except StripchartError as error:
        page = _login_page(path, name, _NOT_NOW.format(error), 503)
        page.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return page
    return response


@blueprint.post("/logout")
def log_out() -> Response:
    """End the session of this browser."""
    response = redirect(f"{root_of(request)}login", 303)
    try:
        end_session(request)
    except StripchartError as error:
        response = _login_page("", error=_NOT_ENDED.format(error), status=503)
    forget_session(request, response)
    return response


def _login_page(path: str, name: str = "", error: str = "", status: int = 200) -> Response:
    """Return the page. It says the same for a wrong name and a wrong password."""
    page = render_template(
        "login.html",
        root=root_of(request),
        version=__version__,
        next=path,
        user=name,
        error=error,
    )
    return make_response(page, status, {"Cache-Control": "no-store"})
