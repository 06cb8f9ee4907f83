"""The application: its parts, put together."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response, render_template
from werkzeug.exceptions import HTTPException, MethodNotAllowed, ServiceUnavailable

from services import __version__
from services.broker import Broker, Journal
from services.errors import (
    BrokerUnavailableError,
    JournalFullError,
    MalformedError,
    OversizedError,
    SeriesExistsError,
    StoreUnavailableError,
    StoreUnusableError,
    StripchartError,
    UnknownSeriesError,
)
from services.redis_cli import redis_cli
from services.settings import Settings
from services.store import Reader, reading_engine
from services.web import write
from services.web.api import corrections, health, history, openapi
from services.web.api.disk_status import DiskStatus
from services.web.http import security
from services.web.http.base_path import BasePathMiddleware
from services.web.http.bodies import MAX_BODY_BYTES
from services.web.http.query_pool import QueryPool
from services.web.http.responses import error_response, unavailable_response
from services.web.live import sse, websocket
from services.web.live.broadcaster import Broadcaster
from services.web.live.hub import Hub


def create_app(settings: Settings | None = None, broker: Broker | None = None) -> Flask:
    """Make the application; nothing is connected yet. `extensions["live"].start()` relays."""
    settings = settings or Settings.from_environ()
    broker = broker or Broker.connect(settings)
    journal = Journal(broker)
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 0
    app.wsgi_app = BasePathMiddleware(app.wsgi_app, settings.base_path)  # type: ignore[method-assign]
    app.extensions["journal"] = journal
    app.extensions["reader"] = reader = Reader(reading_engine(settings), broker.keys.journal)
    app.extensions["queries"] = queries = QueryPool()
    app.extensions["storage"] = DiskStatus(settings, reader, queries)
    security.init_app(app, settings)
    app.register_blueprint(history.blueprint)
    write.init_app(app, settings, journal, app.extensions["reader"], queries)
    corrections.init_app(app)
    health.init_app(app)
    app.register_blueprint(openapi.blueprint)
    hub = Hub(most_series=settings.max_series, computing=lambda: queries.busy)
    app.extensions["live"] = Broadcaster(broker, journal, hub, settings.max_viewers)
    websocket.init_app(app)
    app.register_blueprint(sse.blueprint)
    _register_errors(app)

    @app.get("/")
    def index() -> str:
        return render_template(
            "index.html",
            base=settings.base_path,
            version=__version__,
            durable=settings.durable,
            command=_command(),
            publish=redis_cli(
                settings.redis_public_url or settings.redis_url, "PUBLISH", settings.channel
            ),
        )

    return app


def _command() -> str:
    """What a person types for our command line, in the folder that this process runs in."""
    beside = Path(sys.executable).with_name("stripchart")
    found = shutil.which("stripchart")
    if not beside.exists() or (found is not None and beside.samefile(found)):
        return "stripchart"
    folder = Path.cwd()
    return str(beside.relative_to(folder) if beside.is_relative_to(folder) else beside)


def _register_errors(app: Flask) -> None:
    def refusing(status: int) -> Callable[[StripchartError], Response]:
        return lambda error: error_response(status, str(error))

    def later(error: StripchartError) -> Response:
        return unavailable_response(error)

    def refused(error: HTTPException) -> Response:
        if isinstance(error, ServiceUnavailable):
            return unavailable_response(error)
        response = error_response(error.code or 500, error.description or error.name)
        if isinstance(error, MethodNotAllowed):
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        return response

    def failed(error: Exception) -> Response:
        app.logger.error("a request failed", exc_info=error)
        return error_response(500, "this should not happen: the log says more")

    app.register_error_handler(OversizedError, refusing(413))
    app.register_error_handler(MalformedError, refusing(400))
    app.register_error_handler(UnknownSeriesError, refusing(404))
    app.register_error_handler(SeriesExistsError, refusing(409))
    for kind in (
        BrokerUnavailableError,
        JournalFullError,
        StoreUnavailableError,
        StoreUnusableError,
    ):
        app.register_error_handler(kind, later)
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(Exception, failed)
