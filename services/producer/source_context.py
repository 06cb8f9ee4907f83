"""The context of a source: settings, clock, ticks, and a way to publish readings."""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from services.clock import TimestampAllocator, now_microseconds
from services.concurrency import Shutdown
from services.log import FaultLog
from services.point import SeriesPoints
from services.producer.left_out import LeftOutInputs
from services.producer.outbox import Outbox
from services.producer.ticker import ticks
from services.reading import Reading, series_fault, unit_fault, value_fault
from services.settings import Settings

logger = logging.getLogger("producer")

_MAX_LOGGED_SERIES: Final = 100
_BATCH_READINGS: Final = 1_000
_POLL_SECONDS: Final = 0.05


class SourceContext:
    """The connection of one source to the producer.

    Plug-in sources import it as `services.producer.feed.Feed`.

    Attributes:
        name: Name of the source.
        settings: All settings.
        stop: `stop.requested` is True when the source should end.
        clock: Returns the time in microseconds since 1970.
        timestamps: Gives arrival times, no two of which are equal.
        fault: Logs when the source fails and when it works again.
        left_out: Counts and logs inputs without a number.
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
        self.timestamps = TimestampAllocator(clock)
        self.fault = FaultLog(logger, f"source {name} failed", f"source {name} works again")
        self.left_out = LeftOutInputs(name)
        self._outbox = outbox
        self._logged_series: set[str] = set()

    def put(self, readings: Sequence[Reading], points: SeriesPoints | None = None) -> None:
        """Publish readings without waiting.

        Invalid readings are left out, and logged once for each series. Above the outbox's bound
        the oldest readings are dropped.

        Args:
            readings: The readings.
            points: Points of the series that came in line protocol.
        """
        self._outbox.add([reading for reading in readings if self._is_valid(reading)], points)
        self.well()

    def well(self) -> None:
        """Report that the source works, for example because it has connected."""
        self.fault.end()

    def put_patiently(
        self, readings: Sequence[Reading], points: SeriesPoints | None = None
    ) -> None:
        """Publish readings, and wait while the outbox is full, so that none is dropped.

        Once the producer stops, this no longer waits.

        Args:
            readings: The readings.
            points: Points of the series that came in line protocol.
        """
        max_readings = self._outbox.max_readings
        step = min(max_readings, _BATCH_READINGS)
        for batch in (readings[i : i + step] for i in range(0, len(readings), step)):
            while len(self._outbox) + len(batch) > max_readings:
                if self.stop.wait(_POLL_SECONDS):
                    break
            self.put(batch, points)

    def every(self, seconds: float) -> Iterator[int]:
        """Wait for the next turn and yield its time, until the producer stops.

        Args:
            seconds: Time between two turns. The first turn is due at once.

        Yields:
            The time of the turn in microseconds since 1970. No time comes twice.
        """
        for times in self.paced(1 / seconds):
            yield times[-1]

    def paced(self, rate: float) -> Iterator[list[int]]:
        """Yield the times of many turns a second, until the producer stops.

        Args:
            rate: Turns in a second. Above 50, several of them are yielded together.

        Returns:
            Lists of times in microseconds since 1970. No time comes twice.
        """
        return ticks(rate, self.stop, self.clock)

    def _is_valid(self, reading: Reading) -> bool:
        fault = (
            series_fault(reading.series) or value_fault(reading.value) or unit_fault(reading.unit)
        )
        if fault is None:
            return True
        if (
            reading.series not in self._logged_series
            and len(self._logged_series) < _MAX_LOGGED_SERIES
        ):
            self._logged_series.add(reading.series)
            logger.warning(
                "reading of source %s left out, series %.200r: %s", self.name, reading.series, fault
            )
        return False
