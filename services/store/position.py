"""How far the database has taken the journal, and how far a journal is read for a second time."""

from sqlalchemy import Connection, Table, bindparam, select
from sqlalchemy.dialects.sqlite import insert as upsert

from services.position import JOURNAL_START, Cursor, EntryId
from services.store import tables


def read_position(connection: Connection, journal: str) -> tuple[Cursor, int, int] | None:
    """The journal's position in the snapshot that this connection sees, with its `n` and `r`."""
    row = connection.execute(
        select(tables.journal_position).where(
            tables.journal_position.c.journal == bindparam("journal")
        ),
        {"journal": journal},
    ).one_or_none()
    if row is None:
        return None
    return Cursor(row.epoch, EntryId.parse(row.id)), row.n, row.r


def write_position(connection: Connection, journal: str, cursor: Cursor, n: int, r: int) -> None:
    """Move the journal's position."""
    row = {"epoch": cursor.epoch, "id": str(cursor.entry), "n": n, "r": r}
    _write(connection, tables.journal_position, journal, row)


def read_stored_until(connection: Connection, journal: str) -> EntryId:
    """The entry up to which a journal that lost its newest entries was stored before."""
    query = select(tables.replays.c.stored_until).where(tables.replays.c.journal == journal)
    found = connection.execute(query).scalar_one_or_none()
    return JOURNAL_START if found is None else EntryId.parse(found)


def write_stored_until(connection: Connection, journal: str, entry: EntryId) -> None:
    """Note up to which entry a journal was stored that is about to be read again."""
    _write(connection, tables.replays, journal, {"stored_until": str(entry)})


def _write(connection: Connection, table: Table, journal: str, row: dict[str, object]) -> None:
    connection.execute(
        upsert(table)
        .values(journal=journal, **row)
        .on_conflict_do_update(index_elements=["journal"], set_=row)
    )
