"""Admission control: accepts or refuses a new viewer."""

from typing import Final

from flask import Response, request

from services.pattern import SeriesFilter
from services.web.access.control import current_principal
from services.web.http.responses import unavailable_response
from services.web.http.selection import requested_series
from services.web.live.frames import Transport
from services.web.live.selection import Selection
from services.web.live.send_queue import SendQueue, set_link_options
from services.web.live.viewer_limits import ViewerLimits
from services.web.services import web_services

_FULL_RETRY_SECONDS: Final = 5
_CLOSING_RETRY_SECONDS: Final = 1


def select_series() -> Selection:
    """Return the selection of the series that this request asks for.

    Raises:
        MalformedError: It has too many patterns or tags, or one is too long.
        ServiceUnavailable: Other viewers use too many of them.
    """
    patterns, tags, _restriction = requested_series()
    limits = ViewerLimits.of_principal(current_principal())
    selections = web_services().broadcaster.hub.selections
    return selections.get(SeriesFilter(patterns), tags, limits)


def admit_viewer(transport: Transport) -> Response | None:
    """Replace the request's socket by a send queue, unless too many viewers are connected.

    A viewer counts from here on, also while its session waits for Redis.

    Returns:
        None for an admitted viewer, or the response that refuses it.
    """
    broadcaster = web_services().broadcaster
    if broadcaster.closing:
        return unavailable_response("the server restarts", _CLOSING_RETRY_SECONDS)
    metrics = broadcaster.hub.metrics
    if len(broadcaster.viewers) >= broadcaster.max_viewers:
        metrics.viewers_refused += 1
        return unavailable_response(
            f"the limit of {broadcaster.max_viewers} viewers is reached"
            " (STRIPCHART_VIEWERS): try again later",
            _FULL_RETRY_SECONDS,
        )
    broadcaster.start()
    connection = request.environ["gunicorn.socket"]
    connection.exempt()
    set_link_options(connection)
    queue = request.environ["gunicorn.socket"] = SendQueue(
        connection, transport, turns=broadcaster.receive_turns
    )
    broadcaster.viewers.add(queue)
    broadcaster.access_watch.add(queue, current_principal())
    metrics.viewers_admitted += 1
    return None


def release_viewer(_error: BaseException | None) -> None:
    """Remove the viewer of a request that has ended, admitted or not."""
    broadcaster = web_services().broadcaster
    queue = request.environ.get("gunicorn.socket")
    if isinstance(queue, SendQueue):
        broadcaster.viewers.discard(queue)
        broadcaster.access_watch.remove(queue)
