"""What the journal holds, and whether each viewer has seen all of it once and in order."""

import json
from array import array
from collections import Counter
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any, Final, NamedTuple

from tests.resume.viewer import Viewer

_EXAMPLES: Final = 5


class Verdict(NamedTuple):
    """What is wrong with what viewers have seen. readings: that they should have, in all."""

    readings: int
    gaps: int
    duplicates: int
    disorders: int
    others: list[str]

    @property
    def clean(self) -> bool:
        """Whether nothing is."""
        return not (self.gaps or self.duplicates or self.disorders or self.others)


class _Truth(NamedTuple):
    entries: list[tuple[int, int]]
    times: dict[str, list[tuple[int, float]]]
    """The time of each reading of a series, after the place of its entry."""


def end_of_journal(redis: Any) -> str:
    """The cursor after the last entry."""
    ((entry, _),) = redis.xrevrange("readings:journal", count=1)
    return f"{redis.hget('readings:state', 'epoch')}:{entry}"


def judge(viewers: Sequence[Viewer], redis: Any) -> Verdict:
    """Compare what each viewer has seen with the journal."""
    truth = _truth(redis)
    readings = gaps = duplicates = disorders = 0
    others: list[str] = []
    for viewer in viewers:
        others += viewer.faults
        began = _place((viewer.began or "0:0-0").partition(":")[2])
        for name, times in truth.times.items():
            if viewer.series and not any(fnmatchcase(name, p) for p in viewer.series):
                continue
            due = [ts for place, ts in times if truth.entries[place] > began]
            seen = viewer.seen.get(name, array("d")).tolist()
            readings += len(due)
            if seen != due:
                # A sender that got no answer may have sent a reading twice: then it is due twice.
                lost, surplus = Counter(due) - Counter(seen), Counter(seen) - Counter(due)
                gaps += lost.total()
                duplicates += surplus.total()
                disorders += not lost and not surplus
                kind = "events" if viewer.events else "messages"
                others.append(
                    f"{name} over {kind}: {list(lost)[:3]} missing, {list(surplus)[:3]} too many"
                )
    return Verdict(readings, gaps, duplicates, disorders, others[:_EXAMPLES])


def _truth(redis: Any) -> _Truth:
    truth = _Truth([], {})
    for entry, fields in redis.xrange("readings:journal"):
        truth.entries.append(_place(entry))
        for reading in json.loads(fields["m"])["readings"] if "m" in fields else ():
            times = truth.times.setdefault(reading["series"], [])
            times.append((len(truth.entries) - 1, reading["ts"]))
    return truth


def _place(entry: str) -> tuple[int, int]:
    milliseconds, _, sequence = entry.partition("-")
    return int(milliseconds), int(sequence)
