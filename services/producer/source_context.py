"""What a source is given: the settings, a pace, and a place to put its readings."""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from services.clock import TimestampAllocator, now_microseconds
from services.concurrency import Shutdown
from services.log import FaultLog
from services.producer.outbox import Outbox
from services.producer.ticker import ticks
from services.reading import Reading, series_fault, unit_fault, value_fault
from services.settings import Settings

logger = logging.getLogger("producer")

_MOST_TOLD: Final = 100
_PART: Final = 1_000
_LOOK_SECONDS: Final = 0.05


class SourceContext:
    """The way of one source to the journal.

    clock: microseconds since 1970.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        outbox: Outbox,
        stop: Shutdown,
        clock: Callable[[], int] = now_microseconds,
    ) -> None:
        self.name = name
        self.settings = settings
        self.stop = stop
        self.clock = clock
        self.stamps = TimestampAllocator(clock)
        self.fault = FaultLog(logger, f"source {name} failed", f"source {name} works again")
        self._outbox = outbox
        self._told: set[str] = set()

    def put(self, readings: Sequence[Reading]) -> None:
        """Send readings. What can't be stored is left out, and said once for each series."""
        self._outbox.add([reading for reading in readings if self._is_good(reading)])
        self.well()

    def well(self) -> None:
        """Note that the source works, also where it has nothing to put yet."""
        self.fault.end()

    def put_patiently(self, readings: Sequence[Reading]) -> None:
        """Send readings, but wait while there is no room for them: nothing is dropped."""
        bound = self._outbox.bound
        step = min(bound, _PART)
        for part in (readings[i : i + step] for i in range(0, len(readings), step)):
            while len(self._outbox) + len(part) > bound and not self.stop.wait(_LOOK_SECONDS):
                pass
            self.put(part)

    def every(self, seconds: float) -> Iterator[int]:
        """Wait for the next turn, until asked to stop: the time of each, in microseconds."""
        for times in self.paced(1 / seconds):
            yield times[-1]

    def paced(self, rate: float) -> Iterator[list[int]]:
        """The same, `rate` times a second; above 50 a second several times come together."""
        return ticks(rate, self.stop, self.clock)

    def _is_good(self, reading: Reading) -> bool:
        fault = (
            series_fault(reading.series) or value_fault(reading.value) or unit_fault(reading.unit)
        )
        if fault is None:
            return True
        if reading.series not in self._told and len(self._told) < _MOST_TOLD:
            self._told.add(reading.series)
            logger.warning(
                "a reading of the source %s is left out: %.200r: %s",
                self.name,
                reading.series,
                fault,
            )
        return False
