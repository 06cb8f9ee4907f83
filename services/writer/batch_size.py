"""The number of entries to read from the journal at once."""

from typing import Final

_MIN_ENTRIES: Final = 20
_MAX_ENTRIES: Final = 10_000
_MAX_GROWTH: Final = 4
"""Factor by which a batch may have more entries than the one before it."""


class BatchSize:
    """Adapts the number of entries, so that they hold about as many readings as wanted.

    Args:
        readings: Readings that a batch should have.

    Attributes:
        entries: Maximum number of entries of the next batch.
    """

    def __init__(self, readings: int) -> None:
        self._readings = readings
        self.entries = _MIN_ENTRIES

    def adapt(self, entries: int, readings: int) -> bool:
        """Set the size of the next batch by the last one.

        Args:
            entries: Entries of the last batch.
            readings: Readings in them.

        Returns:
            True if the last batch had the maximum number of entries.
        """
        was_full = entries == self.entries
        if entries:
            fitting = self._readings * entries // max(1, readings)
            self.entries = min(max(fitting, _MIN_ENTRIES), self.entries * _MAX_GROWTH, _MAX_ENTRIES)
        return was_full
