"""Start and end of every process: settings, log, signals, and the exit status."""

import logging
import sys
from collections.abc import Callable

from services import log
from services.concurrency import Shutdown
from services.errors import StripchartError
from services.redis_address import settings_with_redis
from services.settings import Settings


def run_process(name: str, body: Callable[[Settings, Shutdown], None]) -> None:
    """Run one process from its settings to its exit status. Does not return.

    A StripchartError ends the process with one log line and the exit status of the error. Any
    other exception ends it with a traceback and status 1.

    Args:
        name: Name of the process in the log.
        body: Function that runs until the shutdown is requested.
    """
    shutdown = Shutdown()
    shutdown.install_signal_handlers()
    try:
        settings = settings_with_redis()
        log.configure(settings.log_level, settings.log_format, name)
        body(settings, shutdown)
    except StripchartError as error:
        if not logging.getLogger().handlers:
            configure_with_defaults(name)
        logging.getLogger(name).error("%s", error)  # noqa: TRY400 (a sentence, not a traceback)
        sys.exit(error.exit_status)
    except Exception:
        if not logging.getLogger().handlers:
            configure_with_defaults(name)
        logging.getLogger(name).critical("unexpected error, the process ends", exc_info=True)
        sys.exit(1)
    sys.exit(0)


def configure_with_defaults(name: str) -> None:
    """Configure the log of a process although a setting is invalid.

    Args:
        name: Name of the process in the log.
    """
    settings, _ = Settings.from_environ_with_defaults()
    log.configure(settings.log_level, settings.log_format, name)
