"""What the rules about sizes ask for: from when on a tier of some series, or its readings, stay.

Of all series for which a rule counts the rows are told by their rollups, and its size is divided
by what a row takes: as many of the newest are kept, of each series from the same time on. A series
without rollups neither counts nor loses anything.
"""

from collections import defaultdict
from typing import Final

from sqlalchemy import Connection

from services.reading import MICROSECONDS
from services.retention_policy import TABLES, RetentionPolicy, RetentionRule
from services.store.rollup.buckets import next_key
from services.store.rollup.coverage import Coverage, Interval
from services.store.rollup.estimates import estimate_buckets, estimate_readings
from services.store.tiers import RAW, TIERS, WIDEST, Tier, floor

BYTES_A_READING: Final = 27
BYTES_A_BUCKET: Final = 72
"""What a row takes of the file, about: `make bench ARGS=disk` measures it."""

_STRETCH: Final = 180 * 86_400 * MICROSECONDS
"""What is counted at once: in quarters of an hour 17,280 rows."""

_NEVER: Final = 1 << 62
_TABLES: Final[tuple[Tier | None, ...]] = (None, *TIERS)


class Quotas:
    """Counts the rows that rules about sizes are about, and tells from when on they are kept."""

    def __init__(self, keep: RetentionPolicy) -> None:
        self._keep = keep
        self._some = any(rule.max_bytes for rule in keep.rules)
        self._begins: dict[RetentionRule, int] = {}
        self._rows: dict[RetentionRule, defaultdict[int, float]] = {}
        # Up to where a series is counted: how many tables, and of the next one until what time.
        self._place, self._time = 0, 0
        self.counting = self._some
        """Whether the series are to be counted."""

    def restart(self) -> None:
        """Count anew, from the first series on."""
        self._rows.clear()
        self._place, self._time = 0, 0
        self.counting = self._some

    def take(self, connection: Connection, series: int, name: str, coverage: Coverage) -> bool:
        """Count some more rows of a series; tells whether those were the last ones."""
        for place in range(self._place, len(TABLES)):
            rule = self._keep.find_size_rule(name, TABLES[place])
            if rule is not None and self._count(connection, series, coverage, place, rule):
                return False
            self._place, self._time = place + 1, 0
        self._place = 0
        return True

    def settle(self) -> bool:
        """All series were counted; tells whether more is to go than before."""
        self.counting = False
        before, self._begins = self._begins, {}
        for rule, rows in self._rows.items():
            room = rule.max_bytes / (BYTES_A_READING if rule.table == RAW else BYTES_A_BUCKET)
            for start in sorted(rows, reverse=True):
                room -= rows[start]
                if room < 0:
                    self._begins[rule] = start + WIDEST
                    break
        self._rows.clear()
        return any(begin > before.get(rule, 0) for rule, begin in self._begins.items())

    def begin(self, name: str, what: str) -> int:
        """Before what time nothing of a table of a series need be kept."""
        rule = self._keep.find_size_rule(name, what) if self._begins else None
        return 0 if rule is None else self._begins.get(rule, 0)

    def _count(
        self,
        connection: Connection,
        series: int,
        coverage: Coverage,
        place: int,
        rule: RetentionRule,
    ) -> bool:
        """Count the next stretch of a table; tells whether there was any."""
        tier = _TABLES[place]
        kept = coverage.start(tier)
        if kept is None or not coverage.tiers:
            return False
        first = next_key(connection, series, tier, Interval(max(kept, self._time), _NEVER))
        if first is None:
            return False
        start = floor(first, WIDEST)
        during = Interval(start, start + _STRETCH)
        if tier is None:
            found = [*estimate_readings(connection, series, coverage, during, step=WIDEST)]
        else:
            found = [*estimate_buckets(connection, series, coverage, tier, during, step=WIDEST)]
        rows = self._rows.setdefault(rule, defaultdict(float))
        for bucket, size in found:
            rows[bucket] += size
        self._time = during.end
        return True
