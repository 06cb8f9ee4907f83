"""The live stream as Server-Sent Events, for programs and networks without WebSockets."""

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, NoReturn

import gevent
from flask import Blueprint, Response, current_app, request
from msgspec import Meta, Struct

from services.web.http.contract import Content, Contract, describes
from services.web.http.schemas import error_contents
from services.web.live.admission import admit_viewer, release_viewer
from services.web.live.broadcaster import Broadcaster
from services.web.live.hub import Selection
from services.web.live.send_queue import SendQueue
from services.web.live.session import Session

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_MOST_AT_ONCE = 4_096

blueprint = Blueprint("stream", __name__)
blueprint.teardown_request(release_viewer)


class _EventStream(Response):
    """An answer that goes on until the viewer goes."""

    def __call__(
        self,
        environ: "WSGIEnvironment",
        start_response: "StartResponse",  # noqa: ARG002 (WSGI's signature)
    ) -> NoReturn:
        outlet: SendQueue = environ["gunicorn.socket"]
        head = [f"HTTP/1.1 {self.status}", *(f"{key}: {value}" for key, value in self.headers)]
        outlet.send("\r\n".join([*head, "", ""]).encode("latin-1"))

        def listen() -> None:
            # Whatever a viewer says is thrown away. That it has gone is to be known at once: who
            # is only just being brought up to date may have very much to come.
            with suppress(OSError):
                while outlet.recv(_MOST_AT_ONCE):
                    pass
            outlet.abort()

        live: Broadcaster = current_app.extensions["live"]
        session = Session(live, outlet, Selection(request.args.getlist("series")))
        # A browser that comes back by itself asks for the address that it began with.
        cursor = request.headers.get("Last-Event-ID") or request.args.get("cursor")
        session.run(cursor, gevent.spawn(listen).join)
        # So gunicorn knows that the connection is not its own any more.
        raise StopIteration


class LiveQuery(Struct):
    """What to watch, and from where on."""

    series: Annotated[list[str], Meta(description="Names, or patterns with *; none: all")] = []
    cursor: str | None = None


@blueprint.get("/api/stream")
@describes(
    Contract({200: Content((str,), "text/event-stream"), **error_contents(403, 503)}, LiveQuery)
)
def stream() -> Response:
    """Send live frames as events until the viewer goes."""
    if request.method == "HEAD":
        return _head(Response())
    return admit_viewer("event") or _head(_EventStream())


def _head(response: Response) -> Response:
    response.content_type = "text/event-stream"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Connection"] = "close"
    # Nginx would else keep events back until its buffer is full.
    response.headers["X-Accel-Buffering"] = "no"
    return response
