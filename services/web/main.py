"""The web process: gunicorn, set up from our settings."""

import gc
import logging
import socket
import sys
from typing import Any, Final

import gevent
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.config import Config
from gunicorn.glogging import Logger

from services import log
from services.errors import SettingError, StripchartError
from services.network_exposure import check_network_exposure
from services.settings import Settings
from services.web.gunicorn_worker import GunicornWorker

logger = logging.getLogger("web")

_OTHER_CONNECTIONS: Final = 200
"""Connections of a process beyond its viewers: their pages, writers, other programs."""

_GRACE_SECONDS: Final = 7
COLLECT: Final = (50_000, 20, 50)
"""When Python looks for cycles. Readings make none, and looking costs half the speed of a write."""

_ALIVE_SECONDS: Final = 0.1
_ACCEPTING_SECONDS: Final = 1.0
"""How long a worker of gunicorn may take new connections after it was told to end."""

_SWITCH_SECONDS: Final = 0.001
"""How long a thread with a query may keep the interpreter from the live stream."""


def main() -> None:
    """Run the web service. Does not return."""
    try:
        settings = Settings.from_environ()
        log.configure(settings.log_level)
        check_network_exposure(settings)
        check_port(settings)
    except StripchartError as error:
        log.configure("INFO")
        logger.error("%s", error)  # noqa: TRY400 (a sentence, not a traceback)
        sys.exit(error.exit_status)
    _Server(settings).run()


def check_port(settings: Settings) -> None:
    """Raises SettingError when the address can't be served."""
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


class _Log(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn's log in the form of ours, without its narration."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        self.error_log.setLevel(logging.WARNING)


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        settings = self._settings
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        options: dict[str, Any] = {
            "bind": f"{host}:{settings.port}",
            "worker_class": GunicornWorker,
            "workers": settings.web_processes,
            "worker_connections": settings.max_viewers + _OTHER_CONNECTIONS,
            "graceful_timeout": _GRACE_SECONDS,
            "control_socket_disable": True,
            "logger_class": _Log,
            "proc_name": "stripchart-web",
            "post_worker_init": _close_viewers_in_time,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        from services.web.app import create_app  # noqa: PLC0415 (after gevent has patched)

        sys.setswitchinterval(_SWITCH_SECONDS)
        app = create_app(self._settings)
        gc.freeze()
        gc.set_threshold(*COLLECT)
        app.extensions["live"].start()
        return app


def _close_viewers_in_time(worker: GunicornWorker) -> None:
    """Let viewers go once the worker is told to end: gunicorn would only cut them.

    Not before it has ceased to take new connections, or they would come back to it.
    """

    def watch() -> None:
        while worker.alive:
            gevent.sleep(_ALIVE_SECONDS)
        gevent.sleep(_ACCEPTING_SECONDS)
        worker.app.wsgi().extensions["live"].close()

    gevent.spawn(watch)
