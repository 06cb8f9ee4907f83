"""The application: builds all parts and registers all routes."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import (
    HTTPException,
    MethodNotAllowed,
    NotFound,
    ServiceUnavailable,
    TooManyRequests,
    Unauthorized,
)

from services import __version__
from services.broker import Broker, DatabaseNames, Journal
from services.broker.flush_delay import FlushDelay
from services.broker.lag import LagTimer, redis_clock
from services.errors import (
    BrokerUnavailableError,
    JournalFullError,
    MalformedError,
    OversizedError,
    ResultUnknownError,
    SeriesExistsError,
    StoreUnavailableError,
    StoreUnusableError,
    StripchartError,
    UnknownSeriesError,
)
from services.redis_cli import redis_cli
from services.settings import Settings
from services.store import AccessReader, CommandResults, Reader, ViewReader, reading_engine
from services.web.access import account, first_user, login, me, share_links, shares, tokens, users
from services.web.access.refusal import is_navigation, refuse_client
from services.web.access.setup import make_access_parts
from services.web.access.setup_code import SetupCode, new_setup_code
from services.web.access.share_links import SharedPage, ShareLinkMiddleware
from services.web.api import (
    corrections,
    health,
    history,
    metrics,
    openapi,
    ranges,
    status_page,
    views,
)
from services.web.api.disk_status import DiskStatus
from services.web.http import answers, security
from services.web.http.base_path import BasePathMiddleware
from services.web.http.bodies import MAX_BODY_BYTES, FormlessRequest
from services.web.http.fair_queue import FairQueue
from services.web.http.query_pool import QueryPool
from services.web.http.read_barrier import ReadBarrier
from services.web.http.responses import INTERNAL_ERROR, error_response, unavailable_response
from services.web.http.shared_call import SharedCall
from services.web.http.threads import Threads
from services.web.live import sse, websocket
from services.web.live.access_watch import AccessWatch
from services.web.live.broadcaster import Broadcaster
from services.web.live.hub import Hub
from services.web.services import WebServices
from services.web.write import influx, influx_probes, readings
from services.web.write.ingest import Ingest
from services.web.write.shortcut import WriteShortcut

_DECODE_THREADS: Final = 2
_HEALTH_THREADS: Final = 2

_KEPT_CONNECTIONS: Final = 2
"""Idle connections to the database: one of the queries, one of the health checks."""


def create_app(
    settings: Settings | None = None, broker: Broker | None = None, setup_code: str = ""
) -> Flask:
    """Make the application. Nothing is connected yet, and the broadcaster is not started.

    Args:
        settings: The settings, by default those of the environment.
        broker: The connection to Redis, by default the one of the settings.
        setup_code: The code that all processes of this server have; a new one by default.
    """
    settings = settings or Settings.from_environ()
    broker = broker or Broker.connect(settings)
    app = Flask(__name__)
    app.request_class = FormlessRequest
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 0
    services = _make_services(settings, broker, setup_code or new_setup_code())
    services.install(app)
    guard = security.RequestGuard(settings, services.access_control)
    share_links.init_app(app)
    security.init_app(app, guard)
    shortcut = WriteShortcut(app, guard, readings.ROUTES | influx.ROUTES)
    app.wsgi_app = BasePathMiddleware(  # type: ignore[method-assign]
        ShareLinkMiddleware(shortcut), settings.base_path
    )
    answers.init_app(app)
    corrections.init_app(app)
    websocket.init_app(app)
    api = (history, ranges, health, metrics, openapi, status_page, views)
    for module in (*api, readings, influx, influx_probes, sse):
        app.register_blueprint(module.blueprint)
    for module in (account, first_user, login, me, shares, tokens, users):
        app.register_blueprint(module.blueprint)
    _register_error_handlers(app, settings)
    _register_page(app, settings)
    return app


def _make_services(settings: Settings, broker: Broker, setup_code: str) -> WebServices:
    journal = Journal(broker)
    engine = reading_engine(settings, max_kept=_KEPT_CONNECTIONS)
    reader = Reader(engine, broker.keys.journal)
    access = AccessReader(engine)
    access_parts = make_access_parts(settings, broker, journal, access, reader)
    request_queue = FairQueue()

    def is_congested() -> bool:
        return request_queue.is_busy

    query_pool = QueryPool(is_congested=is_congested)
    decode_threads = Threads(_DECODE_THREADS)
    health_threads = Threads(_HEALTH_THREADS)
    hub = Hub(
        max_series=settings.max_series,
        is_computing=lambda: query_pool.is_busy or decode_threads.is_busy,
    )
    return WebServices(
        broker=broker,
        journal=journal,
        database_names=DatabaseNames(broker),
        reader=reader,
        views=ViewReader(engine),
        access=access,
        directory=access_parts.directory,
        access_control=access_parts.control,
        password_checks=access_parts.passwords,
        setup_code=SetupCode(setup_code),
        command_results=CommandResults(engine),
        request_queue=request_queue,
        read_barrier=ReadBarrier(journal.commits),
        query_pool=query_pool,
        health_threads=health_threads,
        series_count=SharedCall(history.count_all_series),
        series_list=SharedCall(history.encode_series_list),
        readiness=SharedCall(health.check_readiness),
        disk_status=DiskStatus(settings, reader, health_threads),
        lag_timer=LagTimer(redis_clock(broker)),
        flush_delay=FlushDelay(broker, if_unknown=True),
        ingest=Ingest(settings, journal, reader, decode_threads, is_congested=is_congested),
        broadcaster=Broadcaster(
            broker,
            journal,
            hub,
            settings.max_viewers,
            on_access_change=access_parts.directory.invalidate,
            access_watch=AccessWatch(access_parts.control.find_again),
        ),
    )


def _register_page(app: Flask, settings: Settings) -> None:
    def render_page(
        template: str, way_up: str, share: SharedPage | None = None, **values: str
    ) -> str:
        is_known = settings.base_path and share is None
        return render_template(
            template,
            **values,
            share=share,
            # Relative if it is not known: the page may be under a path that only a proxy knows.
            root=f"{settings.base_path}/" if is_known else way_up,
            version=__version__,
            durable=settings.durable,
            command=_command(),
            publish=redis_cli(
                settings.redis_public_url or settings.redis_url, "PUBLISH", settings.channel
            ),
        )

    @app.get("/")
    def index() -> str:
        return render_page("index.html", "./", share_links.shared_page())

    @app.get("/v/<name>")
    def view_page(name: str) -> tuple[str, int]:
        if views.is_missing(name):
            return render_page("missing_view.html", "../", name=name), 404
        return render_page("index.html", "../", view=name), 200


def _command() -> str:
    """Return what a person types for our command line, in the folder of this process."""
    script = Path(sys.executable).with_name("stripchart")
    on_path = shutil.which("stripchart")
    if not script.exists() or (on_path is not None and script.samefile(on_path)):
        return "stripchart"
    folder = Path.cwd()
    return str(script.relative_to(folder) if script.is_relative_to(folder) else script)


def _register_error_handlers(app: Flask, settings: Settings) -> None:
    def refuse_with(status: int) -> Callable[[StripchartError], Response]:
        return lambda error: error_response(status, str(error))

    def refuse_for_now(error: StripchartError) -> Response:
        return unavailable_response(error)

    def refuse_request(error: HTTPException) -> Response:
        if isinstance(error, ServiceUnavailable):
            return unavailable_response(error)
        if isinstance(error, Unauthorized | TooManyRequests):
            return refuse_client(error)
        text = error.description or error.name
        if isinstance(error, NotFound) and not settings.base_path and is_navigation(request):
            text += ". If a proxy serves Stripchart under this path, set BASE_PATH"
        details = error.details if isinstance(error, security.RefusedPageError) else {}
        response = error_response(error.code or 500, text, **details)
        if isinstance(error, MethodNotAllowed):
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        return response

    def report_failure(error: Exception) -> Response:
        app.logger.error("request failed", exc_info=error)
        return error_response(500, INTERNAL_ERROR)

    app.register_error_handler(OversizedError, refuse_with(413))
    app.register_error_handler(MalformedError, refuse_with(400))
    app.register_error_handler(UnknownSeriesError, refuse_with(404))
    app.register_error_handler(SeriesExistsError, refuse_with(409))
    for error_class in (
        BrokerUnavailableError,
        JournalFullError,
        ResultUnknownError,
        StoreUnavailableError,
        StoreUnusableError,
    ):
        app.register_error_handler(error_class, refuse_for_now)
    app.register_error_handler(HTTPException, refuse_request)
    app.register_error_handler(Exception, report_failure)
