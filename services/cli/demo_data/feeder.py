"""The feeder of a demo: fills the history through the journal, and then goes on live.

Both are the same work: it publishes the readings since the last ones that it has published. In
between it sends the commands for labels and views, once for each database.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from services.broker import Broker, Journal, Message
from services.cli.demo_data.demo import Demo
from services.cli.supervise.page_probe import page_url
from services.clock import now_microseconds
from services.errors import BrokerUnavailableError, JournalFullError
from services.reading import MICROSECONDS
from services.settings import Settings

_MAX_WAITING_ENTRIES: Final = 300
"""Messages that may wait for the writer during the filling."""

_POLL_SECONDS: Final = 0.01
_RETRY_SECONDS: Final = 1.0


class DemoFeeder:
    """Publishes the readings of a demo.

    Args:
        demo: The demo.
        newest: Time of its newest stored reading in microseconds, None if there is none.
        is_presented: True if an earlier start has sent the settings and views. People may have
            changed them since.
        clock: Returns the time in microseconds since 1970.
    """

    def __init__(
        self,
        demo: Demo,
        newest: int | None = None,
        *,
        is_presented: bool = False,
        clock: Callable[[], int] = now_microseconds,
    ) -> None:
        self._demo = demo
        self._clock = clock
        self._begun = clock()
        first = self._begun - round(demo.history_seconds * MICROSECONDS)
        self._until = first if newest is None else max(first, newest + 1)
        self._filled = False
        self._is_presented = is_presented
        self._page_url = ""
        self._points = demo.points

    def begin(self, settings: Settings) -> Callable[[], tuple[float, list[str]]]:
        """Connect to the journal. Returns `step` for it."""
        self._page_url = page_url(settings)
        return partial(self.step, Journal(Broker.connect(settings)))

    def step(self, journal: Journal) -> tuple[float, list[str]]:
        """Publish the next readings to the journal.

        Returns:
            Seconds until the next call, and lines for the operator.
        """
        try:
            return self._publish(journal)
        except (BrokerUnavailableError, JournalFullError):
            # The next call publishes the same readings again, which is harmless.
            return _RETRY_SECONDS, []

    def _publish(self, journal: Journal) -> tuple[float, list[str]]:
        now = self._clock()
        first, end = next(self._demo.slices(self._until, now), (now, now))
        if not self._filled and journal.lag().entries > _MAX_WAITING_ENTRIES:
            journal.commits.request()
            return _POLL_SECONDS, []
        readings = self._demo.readings(first, end, self._begun)
        if readings:
            journal.publish(Message.of(readings, self._points))
        self._until = max(self._until, end)
        if end < now:
            return 0.0, []
        lines = [] if self._filled else self._finish(journal)
        return self._demo.tick_seconds, lines

    def _finish(self, journal: Journal) -> list[str]:
        """Send settings and views, end the filling, and return what to look at."""
        presentation = self._demo.presentation
        commands = [] if self._is_presented else list(presentation.commands())
        if commands:
            journal.send_commands(commands)
        self._is_presented = self._filled = True
        # The writer logs each command. The lines for the operator come after that, if it is quick.
        journal.commits.wait(self._demo.tick_seconds)
        return [
            f"the data is there: {self._demo.summary}",
            *(
                f"the view {document.title}: {self._page_url}v/{name}"
                for name, document in presentation.views.items()
            ),
            *self._demo.hints,
        ]
