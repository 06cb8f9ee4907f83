"""Corrections: commands from the journal, carried out in the database and recorded there.

If a journal loses its newest entries and is replayed, the records tell which readings must not come
back.
"""

from typing import Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)

from services.command import Command, Delete, Erase, Rename, SetUnit
from services.formats.commands import decode_command, encode_command
from services.position import Cursor, EntryId
from services.store import tables
from services.store.interval import Interval
from services.store.retention.deletion import delete_series
from services.store.retention.erasure import erase_range
from services.store.series import find_series, set_unit

MAX_CORRECTION_ROWS: Final = 1_000
"""Rows that `corrections` keeps, the newest ones."""

_rowid: Final[ColumnElement[int]] = literal_column("rowid")


class CommandResult(NamedTuple):
    """Outcome of a command, or of a part of it.

    Attributes:
        finished: False if a part of the command is left.
        refusal: The reason why the command was refused, otherwise empty.
        deleted_series: Id of the series that was deleted, None if none was.
        id_free: False if rows of the deleted series are left, so that its id is a tombstone.
    """

    finished: bool = True
    refusal: str = ""
    deleted_series: int | None = None
    id_free: bool = True


class Correction(NamedTuple):
    """A command that was carried out or refused.

    Attributes:
        entry: Its entry in the journal.
        command: The command.
        refusal: The reason why it was refused, None if it was carried out.
    """

    entry: EntryId
    command: Command
    refusal: str | None = None


def apply_command(connection: Connection, command: Command) -> CommandResult:
    """Carry out a command, or a part of it if it concerns many rows."""
    series = find_series(connection, [command.series]).get(command.series)
    if series is None:
        return CommandResult(refusal=f"there is no series {command.series!r}")
    match command:
        case Rename(_, name):
            return _rename(connection, series.id, name)
        case SetUnit(_, unit):
            set_unit(connection, series.id, unit)
            return CommandResult()
        case Delete(name):
            id_free = delete_series(connection, series.id, name)
            return CommandResult(deleted_series=series.id, id_free=id_free)
        case Erase(name, start, end):
            refused = tables.refused
            connection.execute(
                delete(refused).where(refused.c.series == name, refused.c.ts.between(start, end))
            )
            return CommandResult(erase_range(connection, series.id, Interval(start, end + 1)))


def _rename(connection: Connection, series_id: int, name: str) -> CommandResult:
    if find_series(connection, [name]):
        return CommandResult(refusal=f"there is a series {name!r} already")
    connection.execute(
        update(tables.series).where(tables.series.c.id == series_id).values(name=name)
    )
    return CommandResult()


def record_correction(
    connection: Connection, command: Command, cursor: Cursor, refusal: str, now: int
) -> None:
    """Record a command that was carried out or refused; only the newest 1,000 are kept.

    Args:
        connection: A connection in a transaction.
        command: The command.
        cursor: Its place in the journal.
        refusal: The reason why it was refused, otherwise empty.
        now: Time in microseconds.
    """
    corrections = tables.corrections
    connection.execute(
        insert(corrections).values(
            at=now,
            epoch=cursor.epoch,
            id=str(cursor.entry),
            command=encode_command(command).decode(),
            refused=refusal or None,
        )
    )
    newest = select(func.max(_rowid)).select_from(corrections).scalar_subquery()
    connection.execute(delete(corrections).where(_rowid <= newest - MAX_CORRECTION_ROWS))


def read_corrections(connection: Connection) -> list[Correction]:
    """Return the newest 1,000 corrections, in the order in which they were recorded."""
    corrections = tables.corrections.c
    query = select(corrections.id, corrections.command, corrections.refused).order_by(_rowid)
    return [
        Correction(EntryId.parse(row.id), decode_command(row.command.encode()), row.refused)
        for row in connection.execute(query)
    ]
