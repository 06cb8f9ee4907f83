"""Share links: `/s/SECRET/` in front of an address gives access to what somebody has shared."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
from flask import Blueprint, Flask, Response, render_template, request

from services import __version__
from services.web.access.control import (
    SHARE_SECRET,
    ShareLinkEndedError,
    current_principal,
)
from services.web.access.directory import Directory
from services.web.access.principal import Principal
from services.web.access.refusal import is_navigation, refuse_program
from services.web.access.share_schemas import SharedContent
from services.web.http.contract import Content, Contract, with_contract
from services.web.http.responses import encode, error_response, json_response
from services.web.http.schemas import error_contents
from services.web.services import web_services

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SHARE_PATH: Final = "/s/"
"""Start of the path of a share link. The secret and a slash follow."""

_NO_LINK: Final = "this is no share link: its address is below /s/"
_SECRET: Final = re.compile(r"[\w-]{1,100}", re.ASCII)


blueprint = Blueprint("share_links", __name__)


class ShareLinkMiddleware:
    """WSGI middleware that serves the path of a share link as the path after its secret.

    The secret goes into the environment, for the access control. `SCRIPT_NAME` grows, so that
    redirects stay below the link.

    Args:
        app: The application. The base path is removed already.
    """

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Handle a request."""
        path = environ.get("PATH_INFO", "")
        if path.startswith(SHARE_PATH):
            secret, slash, rest = path.removeprefix(SHARE_PATH).partition("/")
            if slash:
                environ[SHARE_SECRET] = secret
                environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}{SHARE_PATH}{secret}"
                environ["PATH_INFO"] = f"/{rest}"
        return self._app(environ, start_response)


def init_app(app: Flask) -> None:
    """Add what share links need to an app: headers, a redirect, and the page of an ended link.

    Call it before other parts add headers, which these replace.
    """
    app.after_request(_add_headers)
    app.register_blueprint(blueprint)
    app.register_error_handler(ShareLinkEndedError, _report_end)


class SharedPage(NamedTuple):
    """Facts about a share that its page shows.

    Attributes:
        title: Its title.
        document: Title, window, range and end as JSON.
        has_view: True if it shows a view, and not panels that the page chooses.
    """

    title: str
    document: str
    has_view: bool


def shared_page() -> SharedPage | None:
    """Return what the share link of this request shows, None without one.

    Raises:
        ShareLinkEndedError: It has just ended.
    """
    principal = current_principal()
    if principal.kind != "share":
        return None
    content = _content_of(principal, web_services().directory.current())
    document = msgspec.to_builtins(content)
    del document["view"]
    return SharedPage(content.title, encode(document).decode(), content.view is not None)


@blueprint.get("/api/share")
@with_contract(Contract({200: Content((SharedContent,)), **error_contents(401, 403, 404, 503)}))
def show() -> Response:
    """Return what the share link shows whose address this begins with.

    If it shows a view, that is the view as it is now.
    """
    principal = current_principal()
    if principal.kind != "share":
        return error_response(404, _NO_LINK)
    web_services().read_barrier.wait()
    return json_response(_content_of(principal, web_services().directory.read_now()))


def _content_of(principal: Principal, directory: Directory) -> SharedContent:
    share = directory.shares.get(principal.key)
    if share is None:
        raise ShareLinkEndedError
    if share.view is None:
        return SharedContent.of_stored(share, None)
    view = directory.views.get(share.view)
    if view is None:
        raise ShareLinkEndedError
    return SharedContent.of_stored(share, view.document)


def share_link(secret: str) -> str:
    """Return the address of a share link: below the public one, or that of this request.

    It needs the context of a request.
    """
    settings = web_services().broker.settings
    root = settings.public_url or f"{_origin()}{settings.base_path}"
    return f"{root}{SHARE_PATH}{secret}/"


def _origin() -> str:
    """Return scheme and host of the page, as the browser has them, even behind a proxy with TLS.

    The guard has compared both with this server's.
    """
    return request.headers.get("Origin") or request.host_url.rstrip("/")


@blueprint.get(f"{SHARE_PATH}<secret>")
def add_slash(secret: str) -> Response:
    """Redirect to the address with a slash, so that relative addresses stay below the link.

    Raises:
        ShareLinkEndedError: This can't be a secret: browsers may read it as another server.
    """
    if not _SECRET.fullmatch(secret):
        raise ShareLinkEndedError
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    # Relative: the page may be under a path that only a proxy knows.
    return Response(status=302, headers={"Location": f"./{secret}/{query}"})


def _report_end(error: ShareLinkEndedError) -> Response:
    if request.path != "/" or not is_navigation(request):
        return refuse_program(error)
    page = render_template("ended_share.html", root="./", version=__version__)
    return Response(page, 401, mimetype="text/html")


def _add_headers(response: Response) -> Response:
    """Keep the secret of the address out of other servers, caches and search engines."""
    if SHARE_SECRET in request.environ or request.blueprint == blueprint.name:
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "private, no-store"
    return response
