"""Quotas: the cutoffs that retention rules about size ask for.

The rows of all series to which a rule applies are estimated from their rollups. The size in the
rule divided by the size of a row is the number of rows that stay: the newest ones, of each series
from the same time on. A series without rollups is neither counted nor reduced.
"""

from collections import defaultdict
from typing import Final

from sqlalchemy import Connection

from services.reading import END_OF_TIME, MICROSECONDS
from services.retention_policy import RetentionPolicy, RetentionRule
from services.store.interval import Interval, floor
from services.store.rollup.buckets import first_ts
from services.store.rollup.coverage import Coverage
from services.store.rollup.estimates import estimate_rows
from services.store.tiers import RAW, TIERS, WIDEST_BUCKET, Tier

READING_BYTES: Final = 27
BUCKET_BYTES: Final = 72
"""Bytes of the file that a row takes, approximately: `make bench ARGS=disk` measures it."""

_COUNTED_AT_ONCE: Final = 180 * 86_400 * MICROSECONDS
"""Interval that is counted at once, in microseconds: 17,280 rows of quarters of an hour."""


class Quotas:
    """Counts the rows to which rules about size apply, and finds the cutoffs.

    Args:
        policy: The retention policy.

    Attributes:
        counting: True while the series must be counted.
    """

    def __init__(self, policy: RetentionPolicy) -> None:
        self._policy = policy
        self._has_rules = any(rule.max_bytes for rule in policy.rules)
        self._cutoffs: dict[RetentionRule, int] = {}
        # Rows by rule and by the start of the widest bucket.
        self._rows: dict[RetentionRule, defaultdict[int, float]] = {}
        # The progress within a series: counted tiers, and the counted part of the next one.
        self._counted_tiers, self._counted_until = 0, 0
        self.counting = self._has_rules

    def restart(self) -> None:
        """Start counting again with the first series."""
        self._rows.clear()
        self._counted_tiers, self._counted_until = 0, 0
        self.counting = self._has_rules

    def count_series(
        self, connection: Connection, series_id: int, name: str, coverage: Coverage
    ) -> bool:
        """Count some rows of a series.

        Returns:
            True if all rows of the series are counted.
        """
        for tier in TIERS[self._counted_tiers :]:
            rule = self._policy.find_size_rule(name, tier.name)
            if rule is not None and self._count_rows(connection, series_id, coverage, tier, rule):
                return False
            self._counted_tiers, self._counted_until = self._counted_tiers + 1, 0
        self._counted_tiers = 0
        return True

    def update_cutoffs(self) -> bool:
        """Find the cutoffs after all series were counted.

        Returns:
            True if any cutoff moved forward, so that rows must be deleted.
        """
        self.counting = False
        previous, self._cutoffs = self._cutoffs, {}
        for rule, rows in self._rows.items():
            row_bytes = READING_BYTES if rule.tier == RAW.name else BUCKET_BYTES
            rows_left = rule.max_bytes / row_bytes
            for start in sorted(rows, reverse=True):
                rows_left -= rows[start]
                if rows_left < 0:
                    self._cutoffs[rule] = start + WIDEST_BUCKET
                    break
        self._rows.clear()
        return any(cutoff > previous.get(rule, 0) for rule, cutoff in self._cutoffs.items())

    def cutoff(self, name: str, tier: Tier) -> int:
        """Return the time in microseconds before which a tier of a series is deleted."""
        rule = self._policy.find_size_rule(name, tier.name) if self._cutoffs else None
        return 0 if rule is None else self._cutoffs.get(rule, 0)

    def _count_rows(
        self,
        connection: Connection,
        series_id: int,
        coverage: Coverage,
        tier: Tier,
        rule: RetentionRule,
    ) -> bool:
        """Count the next interval of a tier, and return False if no rows are left."""
        stored_from = coverage.start(tier)
        if stored_from is None or not coverage.rollups:
            return False
        rest = Interval(max(stored_from, self._counted_until), END_OF_TIME)
        first = first_ts(connection, series_id, tier, rest)
        if first is None:
            return False
        start = floor(first, WIDEST_BUCKET)
        interval = Interval(start, start + _COUNTED_AT_ONCE)
        rows = self._rows.setdefault(rule, defaultdict(float))
        for bucket, count in estimate_rows(
            connection, series_id, coverage, tier, interval, step=WIDEST_BUCKET
        ):
            rows[bucket] += count
        self._counted_until = interval.end
        return True
