"""The commands of the journal, carried out in the database, and noted there.

The notes say for good what was corrected; and when a journal that lost its newest entries is read
again, they tell what must not come back.
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
from services.store.retention.deletion import delete_series
from services.store.retention.erasure import erase_some
from services.store.rollup.coverage import Interval
from services.store.series import find_series, set_unit

MAX_CORRECTION_ROWS: Final = 1_000
"""Rows of `corrections` that are kept, the newest ones."""

_rowid: Final[ColumnElement[int]] = literal_column("rowid")


class CommandResult(NamedTuple):
    """What became of a command.

    finished: whether nothing of it is left to be done. refused: why it was not done, or nothing.
    removed: the number of a series that was deleted. free: whether that number may be given again.
    """

    finished: bool = True
    refusal: str = ""
    deleted_series: int | None = None
    id_free: bool = True


class Correction(NamedTuple):
    """A command that was carried out or refused, and the entry of the journal it stood in."""

    entry: EntryId
    command: Command
    refusal: str | None = None


def apply_command(connection: Connection, command: Command) -> CommandResult:
    """Carry out a command, or some of it where that is much."""
    found = find_series(connection, [command.series]).get(command.series)
    if found is None:
        return CommandResult(refusal=f"there is no series {command.series!r}")
    match command:
        case Rename(_, name):
            return _rename(connection, found.id, name)
        case SetUnit(_, unit):
            set_unit(connection, found.id, unit)
            return CommandResult()
        case Delete(name):
            return CommandResult(
                deleted_series=found.id, id_free=delete_series(connection, found.id, name)
            )
        case Erase(name, start, end):
            refused = tables.refused
            connection.execute(
                delete(refused).where(refused.c.series == name, refused.c.ts.between(start, end))
            )
            return CommandResult(erase_some(connection, found.id, Interval(start, end + 1)))


def _rename(connection: Connection, series: int, name: str) -> CommandResult:
    if find_series(connection, [name]):
        return CommandResult(refusal=f"there is a series {name!r} already")
    connection.execute(update(tables.series).where(tables.series.c.id == series).values(name=name))
    return CommandResult()


def record_correction(
    connection: Connection, command: Command, cursor: Cursor, refused: str, now: int
) -> None:
    """Note that a command was carried out or refused. cursor: its entry. now: microseconds."""
    corrections = tables.corrections
    connection.execute(
        insert(corrections).values(
            at=now,
            epoch=cursor.epoch,
            id=str(cursor.entry),
            command=encode_command(command).decode(),
            refused=refused or None,
        )
    )
    newest = select(func.max(_rowid)).select_from(corrections).scalar_subquery()
    connection.execute(delete(corrections).where(_rowid <= newest - MAX_CORRECTION_ROWS))


def read_corrections(connection: Connection) -> list[Correction]:
    """The newest commands, in the order in which they were carried out."""
    corrections = tables.corrections.c
    query = select(corrections.id, corrections.command, corrections.refused).order_by(_rowid)
    return [
        Correction(EntryId.parse(row.id), decode_command(row.command.encode()), row.refused)
        for row in connection.execute(query)
    ]
