"""The web process: gunicorn, configured by our settings.

The whole application is imported here, so that gunicorn's workers share its memory with their
master process. gevent patches the standard library afterwards, in each worker.
"""

import gc
import logging
import resource
import socket
import sys
from typing import Any, Final

import gevent
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.config import Config
from gunicorn.glogging import Logger

from services import log
from services.broker.reporter import REPORT_SECONDS, Reporter
from services.errors import SettingError, StripchartError
from services.network_exposure import check_network_exposure
from services.process import configure_with_defaults
from services.redis_address import settings_with_redis
from services.settings import Settings
from services.store import has_users
from services.web.access.setup_code import new_setup_code
from services.web.app import create_app
from services.web.gunicorn_worker import MAX_REQUEST_LINE_BYTES, GunicornWorker
from services.web.services import web_services

logger = logging.getLogger("web")

_OTHER_CONNECTIONS: Final = 2_000
"""Connections of a process beside those of viewers: page loads, writes, other programs.

One client with a thousand idle connections must not take them all.
"""

_OTHER_FILES: Final = 700
"""Files of a process beside its connections to clients: the database, Redis, the log."""

_GRACE_SECONDS: Final = 7
"""Time that a worker has to end."""

GC_THRESHOLDS: Final = (50_000, 20, 50)
"""Thresholds of the garbage collector. Readings form no cycles, and frequent collections halve
the speed of a write."""

_ALIVE_CHECK_SECONDS: Final = 0.1
_ACCEPT_SECONDS: Final = 1.0
"""Time for which gunicorn's worker may still accept connections after the signal to end."""

_SWITCH_SECONDS: Final = 0.001
"""Switch interval: the time for which a query's thread may hold up the live stream."""


def main() -> None:
    """Run the web service. Does not return."""
    try:
        settings = settings_with_redis()
        log.configure(settings.log_level, settings.log_format, "web")
        check_network_exposure(settings, lambda: has_users(settings))
        check_port(settings)
    except StripchartError as error:
        configure_with_defaults("web")
        logger.error("%s", error)  # noqa: TRY400 (a sentence, not a traceback)
        sys.exit(error.exit_status)
    # A collection writes to every object, and so would copy its memory in each worker.
    gc.freeze()
    _Server(settings).run()


def check_port(settings: Settings) -> None:
    """Check that the address can be served.

    Raises:
        SettingError: Another process uses it, or this machine does not have it.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise SettingError(
                f"{settings.host} port {settings.port} can't be served: {error.strerror}",
                "set PORT to another one",
            ) from error


class _GunicornLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Routes gunicorn's error log through the root logger, from WARNING on."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        self.error_log.setLevel(logging.WARNING)


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._setup_code = new_setup_code()
        super().__init__()

    def load_config(self) -> None:
        settings = self._settings
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        connections = _reserve_files(settings.max_viewers + _OTHER_CONNECTIONS)
        options: dict[str, Any] = {
            "bind": f"{host}:{settings.port}",
            "worker_class": GunicornWorker,
            "workers": settings.web_processes,
            "worker_connections": connections,
            "limit_request_line": MAX_REQUEST_LINE_BYTES,
            "graceful_timeout": _GRACE_SECONDS,
            "control_socket_disable": True,
            "logger_class": _GunicornLogger,
            "proc_name": "stripchart-web",
            "post_worker_init": _close_viewers_at_end,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        sys.setswitchinterval(_SWITCH_SECONDS)
        app = create_app(self._settings, setup_code=self._setup_code)
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        web_services(app).broadcaster.start()
        gevent.spawn(_report, web_services(app).reporter)
        return app


def _reserve_files(connections: int) -> int:
    """Let this process and its children open a file for each connection.

    Returns:
        The number of connections that the system allows.
    """
    wanted = connections + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed == wanted:
        return connections
    connections = max(allowed - _OTHER_FILES, allowed // 2)
    logger.warning(
        "the system allows only %d connections: raise its limit of open files to %d (ulimit -n)",
        connections,
        wanted,
    )
    return connections


def _report(reporter: Reporter) -> None:
    """Report what this process counts, until the process ends."""
    while True:
        reporter.report()
        gevent.sleep(REPORT_SECONDS)


def _close_viewers_at_end(worker: GunicornWorker) -> None:
    """Close viewers when the worker ends, because gunicorn would only cut their connections.

    They are closed once the worker accepts no more connections. Otherwise they would reconnect
    to it.
    """

    def watch() -> None:
        while worker.alive:
            gevent.sleep(_ALIVE_CHECK_SECONDS)
        gevent.sleep(_ACCEPT_SECONDS)
        services = web_services(worker.app.wsgi())
        services.broadcaster.close()
        services.reporter.end()

    gevent.spawn(watch)
