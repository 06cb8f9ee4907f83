"""The size limit of the whole database: deletes one day after the other, the finest tier first."""

from typing import Final

from sqlalchemy import Connection

from services.reading import MICROSECONDS
from services.store.sqlite.engine import used_bytes
from services.store.tiers import ROLLUPS, TIERS, Tier

_DAY: Final = 86_400 * MICROSECONDS

_REDUCIBLE_TIERS: Final = TIERS[:-1]
"""The coarsest tier is never reduced: it is small, and keeps the shape of the whole past."""

_OLDEST: Final = """
    SELECT min((SELECT min({key}) FROM {table} AS r WHERE r.series_id = c.series_id))
    FROM coverage AS c WHERE c.tier = ?
"""


class SizeLimit:
    """Moves a cutoff forward until the database is small enough. The last day always stays.

    Args:
        max_bytes: Size that the database may have, 0 for no limit.

    Attributes:
        exhausted: True if the database is too large although nothing more may be deleted.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        # The tier that is being reduced, and the time before which its rows are deleted. Of the
        # finer tiers only the last day is left.
        self._level = 0
        self._cutoff = 0
        self.exhausted = False

    def cutoff(self, tier: Tier, now: int) -> int:
        """Return the time before which a tier is deleted, in microseconds like `now`."""
        level = TIERS.index(tier)
        if level < self._level:
            return now - _DAY
        return self._cutoff if level == self._level else 0

    def enforce(self, connection: Connection, now: int) -> bool:
        """Move the cutoff forward by a day if the database is too large.

        Args:
            connection: A connection in a transaction.
            now: Time in microseconds.

        Returns:
            True if rows must be deleted.
        """
        self.exhausted = False
        if self._max_bytes == 0 or used_bytes(connection) <= self._max_bytes:
            return False
        if self._cutoff == 0:
            oldest = _oldest_ts(connection, TIERS[self._level])
            self._cutoff = now - _DAY if oldest is None else oldest
        self._cutoff += _DAY
        if self._cutoff > now - _DAY:
            self._level, self._cutoff = self._level + 1, 0
        if self._level == len(_REDUCIBLE_TIERS):
            self._level -= 1
            self.exhausted = True
        return not self.exhausted


def _oldest_ts(connection: Connection, tier: Tier) -> int | None:
    """Return the first time in a tier, of all series that have rollups."""
    query = _OLDEST.format(table=tier.table, key=tier.key)
    ts: int | None = connection.exec_driver_sql(query, (ROLLUPS[-1].name,)).scalar_one()
    return ts
