"""`stripchart import`: a file of past readings, at a pace that leaves room for live ones."""

import gzip
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import IO, Final, cast

import click

from services.broker import Broker, Journal
from services.cli.input.backpressure import Backpressure
from services.cli.input.options import FORMAT, PRECISION
from services.cli.input.progress import Progress
from services.cli.input.sender import Sender
from services.cli.supervise.redis_address import settings_with_redis
from services.errors import MalformedError
from services.formats.line_protocol import Precision
from services.formats.text_stream import TextFormat, TextStream

_PIECE: Final = 1 << 20
_SUFFIXES: Final = {
    ".csv": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".lp": "lines",
    ".line": "lines",
}


@click.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@FORMAT
@PRECISION
@click.option(
    "--report",
    type=click.File("w", encoding="utf-8"),
    help="Write why each line was refused into this file; the terminal shows the first ones.",
)
def import_(file: Path, kind: str | None, precision: str, report: IO[str] | None) -> None:
    """Import FILE: CSV, line protocol or lines of JSON, each with its time; may end with .gz.

    It goes as fast as the writer stores, and leaves three quarters of the journal to live readings.
    To import a file again, also after an interruption, changes nothing.
    """
    settings = settings_with_redis()
    journal, progress = Journal(Broker.connect(settings)), Progress()
    delivery = Sender(
        journal,
        progress,
        room=Backpressure(journal, settings, progress.print_line).wait_for_room,
        report=lambda line: click.echo(line, file=report) if report is not None else None,
    )
    stream = TextStream(_kind(file, kind), cast("Precision", precision), require_time=True)
    try:
        for piece, share in _pieces(file):
            delivery.send(stream.feed(piece))
            progress.show(partial(_so_far, delivery, share))
        delivery.send(stream.finish())
    finally:
        delivery.close()
        click.echo(delivery.summary("imported"))
    if delivery.refused:
        sys.exit(1)


def _so_far(delivery: Sender, share: float) -> str:
    return f"{share:4.0%}  {delivery.summary('imported')}"


def _kind(file: Path, named: str | None) -> TextFormat | None:
    suffixes = [suffix.lower() for suffix in file.suffixes if suffix.lower() != ".gz"]
    told = named or (_SUFFIXES.get(suffixes[-1]) if suffixes else None)
    return cast("TextFormat | None", told)


def _pieces(file: Path) -> Iterator[tuple[bytes, float]]:
    """Pieces of the file, and how much of it they reach, from 0 to 1. Raises MalformedError."""
    size = max(1, file.stat().st_size)
    with ExitStack() as stack:
        raw = stack.enter_context(file.open("rb"))
        packed = file.suffix.lower() == ".gz"
        source = stack.enter_context(gzip.open(raw)) if packed else raw
        try:
            while piece := source.read(_PIECE):
                yield piece, raw.tell() / size
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise MalformedError(f"{file} can't be unpacked: {error}") from error
