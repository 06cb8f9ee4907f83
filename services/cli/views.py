"""`stripchart views`: lists, exports, imports and deletes the views of the page."""

from collections.abc import Iterable
from typing import TextIO

import click
import msgspec

from services.cli.commands import carry_out
from services.cli.fresh_database import settings_of_fresh_database
from services.command import DeleteView, PutView
from services.errors import (
    ConflictError,
    MalformedError,
    UnknownViewError,
)
from services.formats.views import (
    MAX_VIEW_BYTES,
    NewView,
    PanelSpec,
    ViewDocument,
    as_document,
    view_name,
)
from services.store import ViewReader, reading_engine


@click.group()
def views() -> None:
    """List, export, import and delete the named views of the page.

    The page of the view NAME is /v/NAME. A view is one JSON document.
    """


@views.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_views(as_json: bool) -> None:
    """List every view: name, title, revision and number of panels."""
    stored = [
        {
            "name": view.name,
            "title": view.document.title,
            "revision": view.revision,
            "panels": len(view.document.panels),
        }
        for view in _open_reader().list_all()
        if view.document is not None
    ]
    if as_json:
        click.echo(msgspec.json.encode({"views": stored}))
        return
    for item in stored:
        click.echo("\t".join(map(str, item.values())))


@views.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print the JSON document.")
def show(name: str, as_json: bool) -> None:
    """Show what the view NAME has: one line for each panel."""
    name, revision, document = _require(name)
    if as_json:
        click.echo(_as_json(document, revision))
        return
    click.echo(f"{document.title or name}, revision {revision}")
    if document.window is not None:
        click.echo(f"window {document.window}")
    for panel in document.panels:
        click.echo("\t".join(_columns(panel)))


@views.command()
@click.argument("name")
@click.argument("file", type=click.File("w", encoding="utf-8"), default="-")
def export(name: str, file: TextIO) -> None:
    """Write the view NAME as JSON to FILE, or to standard output."""
    _, revision, document = _require(name)
    file.write(f"{_as_json(document, revision)}\n")


@views.command("import")
@click.argument("name")
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
@click.option("--replace", is_flag=True, help="Replace a view that was changed since the export.")
def import_view(name: str, file: TextIO, replace: bool) -> None:
    """Save the JSON document in FILE, or of standard input, as the view NAME.

    A view of this name is replaced if it still has the revision that the document has.
    """
    name = view_name(name)
    try:
        new = NewView.decode(file.read(MAX_VIEW_BYTES + 1))
    except UnicodeDecodeError as error:
        raise MalformedError("the file is not UTF-8") from error
    stored = _open_reader().find(name)
    expected = stored.revision if stored is not None else 0
    exists = stored is not None and stored.document is not None
    if exists and not replace and new.revision != expected:
        raise ConflictError(
            f"there is a view {name!r} already, with the revision {expected}",
            "--replace replaces it",
        )
    document = new.without_revision().encode().decode()
    carry_out(PutView(name, expected, document))
    click.echo(f"{name} is saved as revision {expected + 1}")


@views.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Don't ask for confirmation.")
def delete(name: str, yes: bool) -> None:
    """Delete the view NAME, and end its share links. No readings are deleted."""
    name, revision, _ = _require(name)
    if not yes:
        click.confirm(f"Delete the view {name}?", abort=True)
    carry_out(DeleteView(name, revision))
    click.echo(f"{name} is deleted")


def _open_reader() -> ViewReader:
    return ViewReader(reading_engine(settings_of_fresh_database()))


def _require(name: str) -> tuple[str, int, ViewDocument]:
    """Return name, revision and content of a view.

    Raises:
        UnknownViewError: There is no view of this name.
    """
    name = view_name(name)
    stored = _open_reader().find(name)
    if stored is None or stored.document is None:
        raise UnknownViewError(f"there is no view {name!r}", "`stripchart views list` lists them")
    return name, stored.revision, stored.document


def _as_json(document: ViewDocument, revision: int) -> str:
    text = msgspec.json.encode(as_document(document, revision))
    return msgspec.json.format(text, indent=2).decode()


def _columns(panel: PanelSpec) -> Iterable[str]:
    yield panel.id
    yield panel.type
    yield panel.title or ""
    yield " ".join([*panel.series, *panel.tags])
