"""The live route: a WebSocket to each viewer."""

from typing import Final

from flask import Blueprint, Flask, Response, current_app, request
from flask_sock import Sock
from simple_websocket import Server

from services.web.answers import refusal, unavailable
from services.web.hub import Selection
from services.web.live import Live
from services.web.outlet import Outlet, give_up_on_dead_peers
from services.web.session import Session

_MOST_RECEIVED: Final = 65_536

blueprint = Blueprint("live", __name__)
sock = Sock()


@blueprint.before_request
def prepare() -> Response | None:
    """Refuse one viewer too many; put the outlet in place of the socket."""
    live: Live = current_app.extensions["live"]
    if len(live.viewers) >= live.most_viewers:
        return unavailable("this server has as many viewers as it may", 5)
    live.start()
    environ = request.environ
    connection = environ["gunicorn.socket"]
    give_up_on_dead_peers(connection)
    environ["gunicorn.socket"] = Outlet(connection)
    # Compression would cost each viewer 150 KiB, and a small frame could unpack to a huge one.
    environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
    return None


@sock.route("/live", bp=blueprint)  # type: ignore[untyped-decorator]  # flask-sock has no types
def relay(socket: Server) -> None:
    """Send live frames until the viewer goes."""
    viewers: Live = current_app.extensions["live"]
    selection = Selection(request.args.getlist("series"))
    Session(viewers, socket.sock, selection).run(socket, request.args.get("cursor"))


def _upgrade_needed() -> Response:
    response = refusal(426, "this is a WebSocket: connect to it with ws://")
    response.headers["Upgrade"] = "websocket"
    return response


def init_app(app: Flask, live: Live) -> None:
    """Add the route to an app."""
    app.extensions["live"] = live
    app.config["SOCK_SERVER_OPTIONS"] = {"max_message_size": _MOST_RECEIVED}
    app.register_blueprint(blueprint)
    # Beside the blueprint, which takes what it gets for a viewer.
    app.add_url_rule("/live", "upgrade_needed", _upgrade_needed)
