"""The log of sent readings, with the outcome that the sender knows of each."""

import threading
from collections import Counter
from collections.abc import Iterable
from enum import Enum
from typing import Final, NamedTuple

TIMED: Final = "timed."
"""The prefix of series whose readings are sent with a time."""

UNTIMED: Final = "untimed."
"""The prefix of series whose readings are sent without a time. No value is sent twice."""

SYNTHETIC: Final = "demo."
"""The prefix of the producer's own series, which no sender here has sent."""


class Outcome(Enum):
    """The outcome of a reading, as far as its sender knows it."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Item(NamedTuple):
    """A reading as it is sent.

    Attributes:
        series: The name, which has one of the prefixes above.
        ts: Microseconds since 1970, or None for the time of arrival.
        value: The value.
    """

    series: str
    ts: int | None
    value: float


class SendLog:
    """The record of everything that was sent. Any thread may write to it.

    A sender that sends several values for one series and time sends them one after the other.
    Then the value that was acknowledged last is valid, and so is each value with an unknown
    outcome: such a message can be delayed and arrive after a later one.

    Attributes:
        acknowledged: The last acknowledged value by series and time.
        possible: All values with an unknown outcome by series and time.
        untimed: By series and value of readings without a time: True if acknowledged.
        bad_texts: The invalid messages, which are the only ones that may be rejected.
        counts: The number of readings with each outcome.
    """

    def __init__(self) -> None:
        self.acknowledged: dict[str, dict[int, float]] = {}
        self.possible: dict[str, dict[int, set[float]]] = {}
        self.untimed: dict[str, dict[float, bool]] = {}
        self.bad_texts: set[bytes] = set()
        self.counts: Counter[Outcome] = Counter()
        self._lock = threading.Lock()

    def record(self, items: Iterable[Item], outcome: Outcome) -> None:
        """Record the outcome of these readings."""
        with self._lock:
            for item in items:
                self.counts[outcome] += 1
                if outcome is not Outcome.REFUSED:
                    self._record(item, outcome is Outcome.ACKNOWLEDGED)

    def _record(self, item: Item, acknowledged: bool) -> None:
        if item.ts is None:
            values = self.untimed.setdefault(item.series, {})
            values[item.value] = acknowledged or values.get(item.value, False)
        elif acknowledged:
            self.acknowledged.setdefault(item.series, {})[item.ts] = item.value
        else:
            times = self.possible.setdefault(item.series, {})
            times.setdefault(item.ts, set()).add(item.value)

    def record_bad(self, text: bytes) -> None:
        """Record a text that is sent although it is no valid message."""
        with self._lock:
            self.bad_texts.add(text)

    @property
    def acknowledged_count(self) -> int:
        """The number of readings that were acknowledged so far."""
        return self.counts[Outcome.ACKNOWLEDGED]
