"""A source that runs in its own thread and is restarted when it fails."""

import logging
import time
from collections.abc import Callable
from typing import Final

from services.concurrency import Backoff, Retry, ServiceThread, Shutdown
from services.errors import SettingError, StripchartError
from services.producer.source_context import SourceContext

logger = logging.getLogger("producer")

_STABLE_SECONDS: Final = 60.0
"""After this time a source counts as stable, and the delay after its next failure is short."""

_MAX_REASONS: Final = 10
"""Different reasons of one fault that are logged. Some errors contain a number that changes."""


class SupervisedSource:
    """Runs a source until it returns or the producer stops.

    A source that fails is restarted after growing delays, and never stops the others. Only a
    SettingError stops the producer, because a restart can't help.
    """

    def __init__(
        self, run: Callable[[SourceContext], None], context: SourceContext, shutdown: Shutdown
    ) -> None:
        self._run = run
        self._context = context
        self._reasons: set[str] = set()
        self._thread = ServiceThread(context.name, self._run_until_stopped, shutdown)

    def start(self) -> None:
        """Start the source."""
        self._thread.start()

    @property
    def running(self) -> bool:
        """True until the source has ended; until then it may publish readings."""
        return self._thread.running

    def join(self, seconds: float) -> None:
        """Wait up to `seconds` for the end of the source.

        Raises:
            SettingError: The source can't use its settings.
        """
        self._thread.join(seconds)

    def _run_until_stopped(self, shutdown: Shutdown) -> None:
        backoff = Backoff(1.0, 60.0)
        retry = Retry(shutdown, self._context.fault, backoff)
        while not shutdown.requested:
            started_at = time.monotonic()
            try:
                self._run(self._context)
            except SettingError:
                raise
            except SystemExit:
                # A source that calls sys.exit() ends itself, not the producer.
                return
            except Exception as error:
                if time.monotonic() - started_at > _STABLE_SECONDS:
                    backoff.reset()
                # An error after the shutdown is only the interrupted work.
                if not shutdown.requested:
                    logger.debug("source %s failed", self._context.name, exc_info=error)
                    self._log_new_reason(_describe(error))
                    retry.failed(_describe(error))
            else:
                return

    def _log_new_reason(self, reason: str) -> None:
        """Log another reason than the first one of a lasting fault, once."""
        if not self._context.fault.active:
            self._reasons.clear()
        elif reason not in self._reasons and len(self._reasons) < _MAX_REASONS:
            logger.warning("source %s still fails: %s", self._context.name, reason)
        self._reasons.add(reason)


def _describe(error: Exception) -> str:
    """Return the error's text, with its class if the text alone may not be understood."""
    if isinstance(error, StripchartError | OSError):
        return str(error)
    return f"{type(error).__name__}: {error}"
