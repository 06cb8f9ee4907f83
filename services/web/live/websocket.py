"""The route `/live`: live frames over a WebSocket."""

from base64 import b64decode
from typing import Final

from flask import Blueprint, Flask, Response, g, request
from flask_sock import Sock
from simple_websocket import Server
from wsproto.utilities import RemoteProtocolError

from services.web.http.responses import error_response
from services.web.live.admission import admit_viewer, release_viewer, select_series
from services.web.live.session import Session
from services.web.services import web_services

_MAX_RECEIVED_BYTES: Final = 65_536
_KEY_BYTES: Final = 16

blueprint = Blueprint("live", __name__)
blueprint.teardown_request(release_viewer)
sock = Sock()


class _DiscardingBuffer(list[str | bytes]):
    """The library's buffer for received messages. Nobody reads them: it stays empty."""

    def append(self, _message: str | bytes) -> None:
        pass


@blueprint.before_request
def prepare() -> Response | None:
    """Admit the viewer, and make the library send through its queue without compression.

    Raises:
        RemoteProtocolError: The library would accept this broken handshake.
        MalformedError: The viewer asks for too many patterns or tags.
        ServiceUnavailable: Other viewers use too many of them.
    """
    if not _is_key(request.headers.get("Sec-WebSocket-Key", "")):
        raise RemoteProtocolError("Sec-WebSocket-Key must be 16 bytes in base64")
    g.selection = select_series()
    refusal = admit_viewer("websocket")
    # Compression takes 150 KiB for each viewer, and a small frame could unpack to a huge one.
    request.environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
    return refusal


@sock.route("/live", bp=blueprint)  # type: ignore[untyped-decorator]  # flask-sock has no types
def relay(socket: Server) -> None:
    """Send live frames until the viewer disconnects."""
    socket.input_buffer = _DiscardingBuffer()
    session = Session(web_services().broadcaster, socket.sock, g.selection)
    session.run(request.args.get("cursor"), socket.receive)


@blueprint.errorhandler(RemoteProtocolError)
def reject_handshake(error: RemoteProtocolError) -> Response:
    """Refuse a WebSocket handshake that breaks the protocol."""
    return error_response(400, f"invalid WebSocket handshake: {error}")


def _is_key(text: str) -> bool:
    try:
        return len(b64decode(text, validate=True)) == _KEY_BYTES
    except ValueError:
        return False


def _upgrade_required() -> Response:
    response = error_response(426, "this address is a WebSocket: connect to it with ws://")
    response.headers["Upgrade"] = "websocket"
    return response


def init_app(app: Flask) -> None:
    """Add the route to an app."""
    app.config["SOCK_SERVER_OPTIONS"] = {"max_message_size": _MAX_RECEIVED_BYTES}
    app.register_blueprint(blueprint)
    # Outside the blueprint, which counts each request as a viewer.
    app.add_url_rule("/live", "upgrade_required", _upgrade_required)
