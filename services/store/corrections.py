"""Corrections: commands from the journal, carried out in the database and recorded there.

If a journal loses its newest entries and is replayed, the records tell which readings must not come
back.
"""

from itertools import takewhile
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

from services.access_command import AccessCommand
from services.command import (
    Command,
    Delete,
    DeleteView,
    Erase,
    PutView,
    Rename,
    SeriesCommand,
    SetSettings,
    SetUnit,
    recorded_form,
)
from services.formats.commands import decode_command, encode_command
from services.position import EntryId
from services.store import tables
from services.store.access import apply_access_command
from services.store.interval import Interval
from services.store.retention.deletion import delete_series
from services.store.retention.erasure import erase_range
from services.store.series import find_series, set_unit
from services.store.series_settings import change_settings
from services.store.views import apply_view_command

MIN_CORRECTION_ROWS: Final = 1_000
"""Rows that `corrections` keeps in any case, the newest ones. A row whose command is still in the
journal is always kept."""

_PRUNED_ROWS: Final = 100
"""Rows that one command removes at most, so that it takes a bounded time."""

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
    if isinstance(command, AccessCommand):
        return CommandResult(refusal=apply_access_command(connection, command))
    if isinstance(command, PutView | DeleteView):
        return CommandResult(refusal=apply_view_command(connection, command))
    return _apply_series_command(connection, command)


def _apply_series_command(connection: Connection, command: SeriesCommand) -> CommandResult:
    series = find_series(connection, [command.series]).get(command.series)
    if series is None:
        return CommandResult(refusal=f"there is no series {command.series!r}")
    match command:
        case Rename(_, name):
            return _rename(connection, series.id, name)
        case SetUnit(_, unit):
            set_unit(connection, series.id, unit)
            return CommandResult()
        case SetSettings(_, change):
            change_settings(connection, series.id, change)
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
    connection: Connection, correction: Correction, epoch: str, now: int, journal_start: EntryId
) -> None:
    """Record a command that was carried out or refused, and forget some that left the journal.

    Args:
        connection: A connection in a transaction.
        correction: The command.
        epoch: The journal's epoch.
        now: Time in microseconds.
        journal_start: The oldest entry that the journal has. Entries before it are never replayed.
    """
    corrections = tables.corrections
    connection.execute(
        insert(corrections).values(
            at=now,
            epoch=epoch,
            id=str(correction.entry),
            command=encode_command(recorded_form(correction.command)).decode(),
            refused=correction.refusal,
        )
    )
    _prune_corrections(connection, journal_start)


def _prune_corrections(connection: Connection, journal_start: EntryId) -> None:
    corrections = tables.corrections
    newest = select(func.max(_rowid)).select_from(corrections).scalar_subquery()
    oldest = connection.execute(
        select(_rowid.label("row"), corrections.c.id)
        .where(_rowid <= newest - MIN_CORRECTION_ROWS)
        .order_by(_rowid)
        .limit(_PRUNED_ROWS)
    )
    outdated = [row.row for row in takewhile(lambda r: EntryId.parse(r.id) < journal_start, oldest)]
    if outdated:
        connection.execute(delete(corrections).where(_rowid <= outdated[-1]))


def read_corrections(connection: Connection) -> list[Correction]:
    """Return the corrections that are kept, in the order in which they were recorded."""
    corrections = tables.corrections.c
    query = select(corrections.id, corrections.command, corrections.refused).order_by(_rowid)
    return [
        Correction(EntryId.parse(row.id), decode_command(row.command.encode()), row.refused)
        for row in connection.execute(query)
    ]
