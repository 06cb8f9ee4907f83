"""Checkpoints in the database: the place in the journal up to which it is complete."""

from typing import Final

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects.sqlite import Insert, insert

from services.position import JOURNAL_START, Checkpoint, Cursor, EntryId
from services.store import tables
from services.store.sqlite.direct_queries import fetch_all

_CHECKPOINT: Final = "SELECT epoch, id, n, r FROM journal_position WHERE journal = ?"


def _upsert(table: Table) -> Insert:
    """Return a statement that stores one row for a journal, over the row that it has."""
    statement = insert(table)
    columns = [column.name for column in table.columns if not column.primary_key]
    return statement.on_conflict_do_update(
        index_elements=["journal"], set_={name: statement.excluded[name] for name in columns}
    )


# To build such a statement takes as long as to carry it out, and every commit has one.
_MOVE_CHECKPOINT: Final = _upsert(tables.journal_position)
_MOVE_STORED_UNTIL: Final = _upsert(tables.replays)


def read_checkpoint(connection: Connection, journal: str) -> Checkpoint | None:
    """Return the checkpoint of a journal, in the transaction of the connection.

    Args:
        connection: An open connection.
        journal: Name of the journal in `journal_position`.

    Returns:
        None if nothing of the journal was stored yet.
    """
    rows = fetch_all(connection, _CHECKPOINT, (journal,))
    if not rows:
        return None
    epoch, entry, sequence, reading_count = rows[0]
    return Checkpoint(Cursor(epoch, EntryId.parse(entry)), sequence, reading_count)


def write_checkpoint(connection: Connection, journal: str, checkpoint: Checkpoint) -> None:
    """Move the checkpoint of a journal."""
    row = {
        "journal": journal,
        "epoch": checkpoint.cursor.epoch,
        "id": str(checkpoint.cursor.entry),
        "n": checkpoint.sequence,
        "r": checkpoint.reading_count,
    }
    connection.execute(_MOVE_CHECKPOINT, row)


def read_stored_until(connection: Connection, journal: str) -> EntryId:
    """Return the last entry that was stored before the journal lost its newest entries.

    Returns:
        `JOURNAL_START` if the journal never lost entries.
    """
    query = select(tables.replays.c.stored_until).where(tables.replays.c.journal == journal)
    entry = connection.execute(query).scalar_one_or_none()
    return JOURNAL_START if entry is None else EntryId.parse(entry)


def write_stored_until(connection: Connection, journal: str, entry: EntryId) -> None:
    """Record the last stored entry of a journal that is about to be replayed."""
    row = {"journal": journal, "stored_until": str(entry)}
    connection.execute(_MOVE_STORED_UNTIL, row)
