"""The order of backups: which one holds the newest state of the database.

The date in a file name comes from a clock that may have been wrong. So backups are ordered by what
is inside them. Within one epoch of the journal, the sequence number of the checkpoint decides.
Epochs have no order, so between them the number of the backup decides, which grows with each one.
"""

import re
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from services.errors import StoreMissingError
from services.store.backup.verification import TIMESTAMP_FORMAT
from services.store.sqlite.engine import read_only

REGULAR: Final = "readings"
"""Start of the name of a regular backup."""

MAX_AHEAD_SECONDS: Final = 600
"""Time by which the date of a backup may lie ahead of the clock, because clocks differ a little."""

_MAX_NUMBER: Final = 2**31 - 1

_NAME = re.compile(rf"({REGULAR}|before-\w+)-(\d{{8}}T\d{{6}})Z\.db", re.ASCII)


class Backup(NamedTuple):
    """A backup file.

    Attributes:
        path: Its path.
        created_at: Time of its creation in seconds since 1970, by the clock of that moment.
        size_bytes: Its size.
    """

    path: Path
    created_at: int
    size_bytes: int

    @property
    def kind(self) -> str:
        """Start of the file name: `readings`, or `before-` and a revision of the schema."""
        return self.path.name.rpartition("-")[0]

    def is_ahead(self, now: float) -> bool:
        """Return True if the date lies ahead of a time in seconds since 1970."""
        return self.created_at > now + MAX_AHEAD_SECONDS


class _Contents(NamedTuple):
    """Part of a backup that tells its place in the order.

    Attributes:
        epochs: The epoch of each journal.
        sequence: Sum of the sequence numbers of the checkpoints of all journals.
        number: Number of the backup, 0 if an older version made it.
    """

    epochs: tuple[tuple[str, str], ...]
    sequence: int
    number: int


def parse_backup(path: Path) -> Backup | None:
    """Return the backup at a path, None if it is not a file with the name of a backup.

    Raises:
        OSError: The file can't be examined.
    """
    match = _NAME.fullmatch(path.name)
    if match is None or path.is_symlink() or not path.is_file():
        return None
    try:
        created_at = datetime.strptime(match[2], TIMESTAMP_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None
    return Backup(path, int(created_at.timestamp()), path.stat().st_size)


def sort_newest_first(backups: Sequence[Backup], now: float) -> list[Backup]:
    """Return backups in their order, the newest first and those that can't be read last.

    Args:
        backups: The backups.
        now: Seconds since 1970. A date that lies ahead of it counts as older than all others.
    """
    contents = {backup: _read_contents(backup.path) for backup in backups}
    # Of the backups of one epoch, the last one tells when that epoch was.
    last: dict[tuple[tuple[str, str], ...], tuple[int, bool, int]] = defaultdict(
        lambda: (-1, False, 0)
    )
    for backup, content in contents.items():
        if content is not None:
            rank = (content.number, not backup.is_ahead(now), backup.created_at)
            last[content.epochs] = max(last[content.epochs], rank)

    def key(backup: Backup) -> tuple[object, ...]:
        date = (not backup.is_ahead(now), backup.created_at, backup.path.name)
        content = contents[backup]
        if content is None:
            return (False, *date)
        return (True, last[content.epochs], *content, *date)

    return sorted(backups, key=key, reverse=True)


def next_number(backups: Sequence[Backup]) -> int:
    """Return the number of the next backup, above those of all others."""
    contents = map(_read_contents, (backup.path for backup in backups))
    newest = max((content.number for content in contents if content is not None), default=0)
    return min(newest + 1, _MAX_NUMBER)


def write_number(path: Path, number: int) -> None:
    """Write the number of a backup into its file.

    Raises:
        sqlite3.Error: The file can't be written.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        # This number of SQLite's file header is for the application.
        database.execute(f"PRAGMA user_version = {number}")


def _read_contents(path: Path) -> _Contents | None:
    """Return the contents of a backup, None if it can't be read."""
    try:
        with closing(read_only(path)) as database:
            rows = database.execute(
                "SELECT journal, epoch, CAST(n AS INTEGER) FROM journal_position ORDER BY journal"
            ).fetchall()
            number = database.execute("PRAGMA user_version").fetchone()[0]
    except (sqlite3.DatabaseError, StoreMissingError):
        return None
    epochs = tuple((str(journal), str(epoch)) for journal, epoch, _ in rows)
    return _Contents(epochs, sum(n for _, _, n in rows), number)
