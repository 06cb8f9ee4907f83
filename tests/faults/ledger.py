"""What was sent, and what became of it as far as the sender was told."""

import threading
from collections import Counter
from collections.abc import Iterable
from enum import Enum
from typing import Final, NamedTuple

KEYED: Final = "keyed."
"""How the series begin whose readings are sent with a time."""

TIMELESS: Final = "timeless."
"""How the series begin whose readings are sent without one; no value of theirs is sent twice."""

FOREIGN: Final = "demo."
"""How the series begin that the producer makes up itself, which nobody here has sent."""


class Outcome(Enum):
    """What the sender of a reading was told."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Item(NamedTuple):
    """A reading as it is sent. ts: microseconds, or None to have it stamped on arrival."""

    series: str
    ts: int | None
    value: float


class Ledger:
    """The record of everything that was sent. Any thread may write to it.

    Whoever sends several values of one series and time sends them one after the other. What was
    acknowledged last then counts, or what was sent with an unknown outcome: such a message can
    be on its way for long, and arrive after one that was sent later.
    """

    def __init__(self) -> None:
        self.acknowledged: dict[str, dict[int, float]] = {}
        self.possible: dict[str, dict[int, set[float]]] = {}
        self.stamped: dict[str, dict[float, bool]] = {}
        """For each value of a timeless series whether it was acknowledged."""
        self.bad: set[bytes] = set()
        """Texts that must be rejected, and the only ones that may be."""
        self.counts: Counter[Outcome] = Counter()
        self._lock = threading.Lock()

    def note(self, items: Iterable[Item], outcome: Outcome) -> None:
        """Note what became of these readings."""
        with self._lock:
            for item in items:
                self.counts[outcome] += 1
                if outcome is not Outcome.REFUSED:
                    self._note(item, outcome is Outcome.ACKNOWLEDGED)

    def _note(self, item: Item, acknowledged: bool) -> None:
        if item.ts is None:
            values = self.stamped.setdefault(item.series, {})
            values[item.value] = acknowledged or values.get(item.value, False)
        elif acknowledged:
            self.acknowledged.setdefault(item.series, {})[item.ts] = item.value
        else:
            times = self.possible.setdefault(item.series, {})
            times.setdefault(item.ts, set()).add(item.value)

    def note_bad(self, text: bytes) -> None:
        """Note a text that is no reading."""
        with self._lock:
            self.bad.add(text)

    @property
    def taken(self) -> int:
        """How many readings were acknowledged so far."""
        return self.counts[Outcome.ACKNOWLEDGED]
