"""Views that are kept under a name, each with a revision that never goes back.

A deleted view leaves a tombstone, a row without a document: a view of the same name goes on with
the next revision. So nobody who has read the deleted view can replace the new one unseen.
"""

from typing import Final, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from services.command import DeleteView, PutView, ViewCommand
from services.formats.views import ViewDocument
from services.store import tables

MAX_VIEWS: Final = 1_000
"""Views that a database may have."""

MAX_VIEW_TOMBSTONES: Final = 10_000
"""Tombstones that are kept, the newest ones."""


class StoredView(NamedTuple):
    """A view, or the tombstone of a deleted one.

    Attributes:
        name: Its name.
        revision: Its revision.
        document: What it shows, None for a tombstone.
    """

    name: str
    revision: int
    document: ViewDocument | None


def find_view(connection: Connection, name: str) -> StoredView | None:
    """Return a view or its tombstone, None if there was never one of this name."""
    row = connection.execute(select(tables.views).where(tables.views.c.name == name)).first()
    if row is None:
        return None
    document = None if row.document is None else ViewDocument.decode(row.document)
    return StoredView(row.name, row.revision, document)


def list_views(connection: Connection) -> list[StoredView]:
    """Return all views without the tombstones, ordered by name."""
    views = tables.views.c
    query = select(tables.views).where(views.document.is_not(None)).order_by(views.name)
    return [
        StoredView(row.name, row.revision, ViewDocument.decode(row.document))
        for row in connection.execute(query)
    ]


def apply_view_command(connection: Connection, command: ViewCommand) -> str:
    """Save or delete a view. Returns the reason why the command was refused, otherwise ""."""
    stored = find_view(connection, command.view)
    match command:
        case PutView(name, revision, document):
            return _put(connection, stored, StoredView(name, revision + 1, _decode(document)))
        case DeleteView(name, expected):
            if stored is None or stored.document is None:
                return f"there is no view {name!r}"
            if expected not in {None, stored.revision}:
                return _stale(stored)
            _replace(connection, StoredView(name, stored.revision + 1, None))
            # Another view of this name is nothing that somebody has shared.
            connection.execute(delete(tables.shares).where(tables.shares.c.view == name))
            _prune_tombstones(connection)
            return ""


def _put(connection: Connection, stored: StoredView | None, view: StoredView) -> str:
    if view.document is None:
        return "the view has no document"
    if (stored.revision if stored else 0) != view.revision - 1:
        return _stale(stored) if stored else f"there is no view {view.name!r}"
    is_new = stored is None or stored.document is None
    if is_new and _count(connection) >= MAX_VIEWS:
        return f"there are {MAX_VIEWS} views, as many as a database may have: delete some"
    _replace(connection, view)
    return ""


def _decode(document: str | None) -> ViewDocument | None:
    return None if document is None else ViewDocument.decode(document)


def _stale(stored: StoredView) -> str:
    change = "deleted" if stored.document is None else "changed"
    return f"the view {stored.name!r} was {change} meanwhile: its revision is {stored.revision}"


def _replace(connection: Connection, view: StoredView) -> None:
    """Store a view as the last row, so that the order of the rows is that of the changes."""
    connection.execute(delete(tables.views).where(tables.views.c.name == view.name))
    document = None if view.document is None else view.document.encode().decode()
    values = {"name": view.name, "revision": view.revision, "document": document}
    connection.execute(insert(tables.views).values(values))


def _count(connection: Connection) -> int:
    views = tables.views
    query = select(func.count()).select_from(views).where(views.c.document.is_not(None))
    return int(connection.execute(query).scalar_one())


def _prune_tombstones(connection: Connection) -> None:
    views = tables.views.c
    newest = (
        select(views.id)
        .where(views.document.is_(None))
        .order_by(views.id.desc())
        .offset(MAX_VIEW_TOMBSTONES)
        .limit(1)
    )
    outdated = connection.execute(newest).scalar()
    if outdated is not None:
        connection.execute(
            delete(tables.views).where(views.document.is_(None), views.id <= outdated)
        )
