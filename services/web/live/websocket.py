"""The live route: a WebSocket to each viewer."""

from typing import Final

from flask import Blueprint, Flask, Response, current_app, request
from flask_sock import Sock
from simple_websocket import Server
from wsproto.utilities import RemoteProtocolError

from services.web.http.responses import error_response
from services.web.live.admission import admit_viewer, release_viewer
from services.web.live.broadcaster import Broadcaster
from services.web.live.hub import Selection
from services.web.live.session import Session

_MOST_RECEIVED: Final = 65_536

blueprint = Blueprint("live", __name__)
blueprint.teardown_request(release_viewer)
sock = Sock()


class _DiscardingBuffer(list[str | bytes]):
    """Where the library is to keep what viewers say: nothing that nobody will ask for."""

    def append(self, _message: str | bytes) -> None:
        pass


@blueprint.before_request
def prepare() -> Response | None:
    """Have the library write through an outlet, without compression."""
    refused = admit_viewer("message")
    # It would cost each viewer 150 KiB, and a small frame could unpack to a huge one.
    request.environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
    return refused


@sock.route("/live", bp=blueprint)  # type: ignore[untyped-decorator]  # flask-sock has no types
def relay(socket: Server) -> None:
    """Send live frames until the viewer goes."""
    socket.input_buffer = _DiscardingBuffer()
    live: Broadcaster = current_app.extensions["live"]
    session = Session(live, socket.sock, Selection(request.args.getlist("series")))
    session.run(request.args.get("cursor"), socket.receive)


@blueprint.errorhandler(RemoteProtocolError)
def malformed(error: RemoteProtocolError) -> Response:
    """Refuse what asks for a WebSocket in a way that nobody understands."""
    return error_response(400, f"this is no handshake of a WebSocket: {error}")


def _upgrade_needed() -> Response:
    response = error_response(426, "this is a WebSocket: connect to it with ws://")
    response.headers["Upgrade"] = "websocket"
    return response


def init_app(app: Flask) -> None:
    """Add the route to an app."""
    app.config["SOCK_SERVER_OPTIONS"] = {"max_message_size": _MOST_RECEIVED}
    app.register_blueprint(blueprint)
    # Beside the blueprint, which takes what it gets for a viewer.
    app.add_url_rule("/live", "upgrade_needed", _upgrade_needed)
