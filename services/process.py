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
        log.configure(settings.log_level)
        body(settings, shutdown)
    except StripchartError as error:
        if not logging.getLogger().handlers:
            log.configure("INFO")
        logging.getLogger(name).error("%s", error)  # noqa: TRY400 (a sentence, not a traceback)
        sys.exit(error.exit_status)
    sys.exit(0)
