"""The checker: it compares what each viewer has received with the journal."""

import json
from array import array
from collections import Counter
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any, Final, NamedTuple

from tests.resume.resuming_viewer import ResumingViewer

_MAX_EXAMPLES: Final = 5


class Verdict(NamedTuple):
    """The result of a check.

    Attributes:
        readings: The number of readings that the viewers had to receive, in total.
        missing: The number of readings that were not received.
        duplicates: The number of readings that were received too often.
        disorders: The number of series that were received in the wrong order.
        others: Examples of all faults, in words.
    """

    readings: int
    missing: int
    duplicates: int
    disorders: int
    others: list[str]

    @property
    def clean(self) -> bool:
        """True if nothing is wrong."""
        return not (self.missing or self.duplicates or self.disorders or self.others)


class _Journal(NamedTuple):
    """The journal's entries, and by series the entry (as an index) and time of each reading."""

    entries: list[tuple[int, int]]
    readings: dict[str, list[tuple[int, float]]]


def journal_end(redis: Any) -> str:
    """Return the cursor of the last entry."""
    ((entry, _),) = redis.xrevrange("readings:journal", count=1)
    return f"{redis.hget('readings:state', 'epoch')}:{entry}"


def check_viewers(viewers: Sequence[ResumingViewer], redis: Any) -> Verdict:
    """Compare what each viewer has received with the journal."""
    journal = _read_journal(redis)
    readings = missing = duplicates = disorders = 0
    others: list[str] = []
    for viewer in viewers:
        others += viewer.errors
        first_entry = _parse_entry((viewer.first_cursor or "0:0-0").partition(":")[2])
        for name, expected_readings in journal.readings.items():
            if viewer.patterns and not any(fnmatchcase(name, p) for p in viewer.patterns):
                continue
            expected = [
                ts for index, ts in expected_readings if journal.entries[index] > first_entry
            ]
            received = viewer.times.get(name, array("d")).tolist()
            readings += len(expected)
            if received != expected:
                # A sender without a reply may have sent a reading twice: then it is expected twice.
                lacking = Counter(expected) - Counter(received)
                surplus = Counter(received) - Counter(expected)
                missing += lacking.total()
                duplicates += surplus.total()
                disorders += not lacking and not surplus
                protocol = "events" if viewer.uses_events else "WebSocket"
                others.append(
                    f"{name} over {protocol}:"
                    f" {list(lacking)[:3]} missing, {list(surplus)[:3]} too many"
                )
    return Verdict(readings, missing, duplicates, disorders, others[:_MAX_EXAMPLES])


def _read_journal(redis: Any) -> _Journal:
    journal = _Journal([], {})
    for entry, fields in redis.xrange("readings:journal"):
        journal.entries.append(_parse_entry(entry))
        for reading in json.loads(fields["m"])["readings"] if "m" in fields else ():
            readings = journal.readings.setdefault(reading["series"], [])
            readings.append((len(journal.entries) - 1, reading["ts"]))
    return journal


def _parse_entry(entry: str) -> tuple[int, int]:
    milliseconds, _, sequence = entry.partition("-")
    return int(milliseconds), int(sequence)
