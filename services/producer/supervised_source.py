"""A source that is kept running, in a thread of its own."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from services.concurrency import Backoff, Shutdown
from services.errors import SettingError, StripchartError
from services.producer.source_context import SourceContext

logger = logging.getLogger("producer")

_STEADY_SECONDS: Final = 60.0
"""After so long a source counts as well: should it fail again, the first pause is short."""


class SupervisedSource:
    """Runs a source until it ends by itself or is asked to stop.

    One that fails is begun anew, after growing pauses, and never stops the others.
    """

    def __init__(
        self, run: Callable[[SourceContext], None], feed: SourceContext, stop: Shutdown
    ) -> None:
        self._run = run
        self._feed = feed
        self._stop = stop
        self._failure: SettingError | None = None
        self._thread = threading.Thread(target=self._keep, name=feed.name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether more may come."""
        return self._thread.is_alive()

    def join(self, seconds: float) -> None:
        """Wait for the end. Raises SettingError if the source could not use its settings."""
        self._thread.join(seconds)
        if self._failure is not None:
            raise self._failure

    def _keep(self) -> None:
        pause = Backoff(1.0, 60.0)
        while not self._stop.requested:
            began = time.monotonic()
            try:
                self._run(self._feed)
            except SettingError as error:
                self._failure = error
                self._stop.request()
            except Exception as error:  # noqa: BLE001 (whatever it is, the others go on)
                if time.monotonic() - began > _STEADY_SECONDS:
                    pause.reset()
                self._fail(error, pause.next_delay())
            else:
                return

    def _fail(self, error: Exception, seconds: float) -> None:
        if self._stop.requested:
            return
        logger.debug("the source %s failed", self._feed.name, exc_info=error)
        known = isinstance(error, StripchartError | OSError)
        self._feed.fault.begin(error if known else f"{type(error).__name__}: {error}")
        self._stop.wait(seconds)
