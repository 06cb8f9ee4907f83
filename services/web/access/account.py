"""The account page: who is logged in, the own password, and for admins users and tokens."""

from typing import Final

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.exceptions import Unauthorized

from services import __version__
from services.access import Role
from services.web.access.control import current_principal
from services.web.access.local_address import root_of

_ROLE_TEXTS: Final[dict[Role, str]] = {
    "view": "look",
    "write": "look, send readings and save views",
    "admin": "everything, also correct readings and give access",
}
_ROLE_OPTIONS: Final[tuple[tuple[Role, str], ...]] = (
    ("view", "View"),
    ("write", "Write"),
    ("admin", "Admin"),
)

blueprint = Blueprint("account", __name__)


@blueprint.get("/account")
def account() -> Response:
    """Return the page of the person who has logged in."""
    principal = current_principal()
    if principal.kind in {"anonymous", "share"}:
        raise Unauthorized("log in to see this page")
    page = render_template(
        "account.html",
        root=root_of(request),
        version=__version__,
        name=principal.name,
        kind=principal.kind,
        role=principal.role,
        role_text=_ROLE_TEXTS[principal.role],
        roles=_ROLE_OPTIONS,
    )
    return make_response(page, 200, {"Cache-Control": "no-store"})
