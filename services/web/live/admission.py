"""The door: who may come in to watch live, and takes over the connection."""

from flask import Response, current_app, request

from services.web.http.responses import unavailable_response
from services.web.live.broadcaster import Broadcaster
from services.web.live.frames import Form
from services.web.live.send_queue import SendQueue, give_up_on_dead_peers

_FULL_SECONDS = 5
_CLOSING_SECONDS = 1


def admit_viewer(form: Form) -> Response | None:
    """Put an outlet in place of the socket; refuses one viewer too many.

    A viewer counts from here on: whoever has to wait on its way in holds its place.
    """
    live: Broadcaster = current_app.extensions["live"]
    if live.closing:
        return unavailable_response("this server ends", _CLOSING_SECONDS)
    if len(live.viewers) >= live.max_viewers:
        return unavailable_response("this server has as many viewers as it may", _FULL_SECONDS)
    live.start()
    connection = request.environ["gunicorn.socket"]
    give_up_on_dead_peers(connection)
    outlet = request.environ["gunicorn.socket"] = SendQueue(connection, form)
    live.viewers.add(outlet)
    return None


def release_viewer(_error: BaseException | None) -> None:
    """Let a viewer go, or one whom the library has not let in, once its request is over."""
    live: Broadcaster = current_app.extensions["live"]
    live.viewers.discard(request.environ.get("gunicorn.socket"))
