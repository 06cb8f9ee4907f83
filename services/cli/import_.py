"""`stripchart import`: imports a file of past readings at the speed of the writer."""

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
from services.errors import MalformedError
from services.formats.line_protocol import Precision
from services.formats.text_stream import TextFormat, TextStream
from services.redis_address import settings_with_redis

_READ_BYTES: Final = 1 << 20
_FORMAT_OF_SUFFIX: Final = {
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
    help="Write the reason of every refused line to this file; the terminal shows the first 20.",
)
def import_(file: Path, kind: str | None, precision: str, report: IO[str] | None) -> None:
    """Import past readings from FILE.

    FILE is CSV, line protocol or JSON lines, plain or compressed (.gz). Every reading needs its
    time. The import is as fast as the writer, and leaves three quarters of the journal to live
    readings. You can import a file again, also after an interruption: that changes nothing.
    """
    settings = settings_with_redis()
    journal, progress = Journal(Broker.connect(settings)), Progress()
    sender = Sender(
        journal,
        progress,
        before_publish=Backpressure(journal, settings, progress.print_line).wait,
        report=lambda line: click.echo(line, file=report) if report is not None else None,
    )
    stream = TextStream(_text_format(file, kind), cast("Precision", precision), require_time=True)
    try:
        for chunk, share in _read_chunks(file):
            sender.send(stream.feed(chunk))
            progress.show(partial(_progress_text, sender, share))
        sender.send(stream.finish())
    finally:
        sender.close()
        click.echo(sender.summary("imported"))
    if sender.refused_count:
        sys.exit(1)


def _progress_text(sender: Sender, share: float) -> str:
    return f"{share:4.0%}  {sender.summary('imported')}"


def _text_format(file: Path, option: str | None) -> TextFormat | None:
    """Return the format of the option or of the file's name; None to detect it from the text."""
    suffixes = [suffix.lower() for suffix in file.suffixes if suffix.lower() != ".gz"]
    name = option or (_FORMAT_OF_SUFFIX.get(suffixes[-1]) if suffixes else None)
    return cast("TextFormat | None", name)


def _read_chunks(file: Path) -> Iterator[tuple[bytes, float]]:
    """Yield the decompressed chunks of a file, and the share of the file that has been read.

    Raises:
        MalformedError: The file can't be decompressed.
    """
    size = max(1, file.stat().st_size)
    with ExitStack() as stack:
        raw = stack.enter_context(file.open("rb"))
        compressed = file.suffix.lower() == ".gz"
        source = stack.enter_context(gzip.open(raw)) if compressed else raw
        try:
            while chunk := source.read(_READ_BYTES):
                yield chunk, raw.tell() / size
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise MalformedError(f"{file} can't be decompressed: {error}") from error
