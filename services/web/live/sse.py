"""The route `/api/stream`: live frames as Server-Sent Events."""

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Final, NoReturn

import gevent
from flask import Blueprint, Response, request
from msgspec import Meta

from services.web.http.contract import Content, Contract, with_contract
from services.web.http.schemas import SelectionQuery, error_contents
from services.web.live.admission import admit_viewer, release_viewer, select_series
from services.web.live.selection import Selection
from services.web.live.send_queue import SendQueue
from services.web.live.session import Session
from services.web.services import web_services

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_RECEIVE_BYTES: Final = 4_096

blueprint = Blueprint("stream", __name__)
blueprint.teardown_request(release_viewer)


class _EventStream(Response):
    """A response that lasts until the viewer disconnects.

    Args:
        selection: The viewer's series.
    """

    def __init__(self, selection: Selection) -> None:
        super().__init__()
        self.selection = selection

    def __call__(
        self,
        environ: "WSGIEnvironment",
        start_response: "StartResponse",  # noqa: ARG002 (WSGI's signature)
    ) -> NoReturn:
        queue: SendQueue = environ["gunicorn.socket"]
        head = [f"HTTP/1.1 {self.status}", *(f"{key}: {value}" for key, value in self.headers)]
        queue.send("\r\n".join([*head, "", ""]).encode("latin-1"))

        def listen() -> None:
            # What a viewer sends is discarded. A replay may be long: a disconnect must end it.
            with suppress(OSError):
                while queue.recv(_RECEIVE_BYTES):
                    pass
            queue.abort()

        session = Session(web_services().broadcaster, queue, self.selection)
        # A browser that reconnects automatically repeats the address that it began with.
        cursor = request.headers.get("Last-Event-ID") or request.args.get("cursor")
        session.run(cursor, gevent.spawn(listen).join)
        # Gunicorn then leaves the connection alone.
        raise StopIteration


class LiveQuery(SelectionQuery):
    """The series to watch, and where to start."""

    cursor: Annotated[str, Meta(description="Newest cursor seen, to resume after it")] | None = None


@blueprint.get("/api/stream")
@with_contract(
    Contract(
        {200: Content((str,), "text/event-stream"), **error_contents(400, 403, 503)}, LiveQuery
    )
)
def stream() -> Response:
    """Send live frames as events until the viewer disconnects."""
    if request.method == "HEAD":
        return _set_headers(Response())
    selection = select_series()
    return admit_viewer("sse") or _set_headers(_EventStream(selection))


def _set_headers(response: Response) -> Response:
    response.content_type = "text/event-stream"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Connection"] = "close"
    # Without it nginx holds events back until its buffer is full.
    response.headers["X-Accel-Buffering"] = "no"
    return response
