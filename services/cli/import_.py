"""`stripchart import`: imports a file of past readings at the speed of the writer."""

from dataclasses import replace
from functools import partial
from pathlib import PurePath
from typing import IO, Final, Unpack

import click

from services.broker import Broker, Journal
from services.cli.input.backpressure import Backpressure
from services.cli.input.files import STANDARD_INPUT, InputFile, open_input
from services.cli.input.options import InputOptions, text_options, with_input_options
from services.cli.input.progress import Progress
from services.cli.input.sender import Sender
from services.cli.input.transfer import Transfer
from services.errors import MalformedError
from services.formats.text_encoding import detect_encoding
from services.formats.text_stream import TextFormat, TextOptions
from services.redis_address import settings_with_redis

_FORMAT_OF_SUFFIX: Final[dict[str, TextFormat]] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".lp": "lines",
    ".line": "lines",
}


@click.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@with_input_options
@click.option(
    "--report",
    type=click.File("w", encoding="utf-8"),
    help="Write the reason of every refused line to this file; the terminal shows the first 20.",
)
def import_(file: str, report: IO[str] | None, **options: Unpack[InputOptions]) -> None:
    """Import past readings from FILE.

    FILE is CSV, line protocol or JSON, plain, compressed (.gz), or alone in a .zip; - is standard
    input. Every reading needs its time. At the end a report tells what was understood; with
    --dry-run nothing else is done. The import is as fast as the writer, and leaves three quarters
    of the journal to live readings. You can import a file again, also after an interruption: that
    changes nothing.
    """
    progress = Progress()
    sender = _open_sender(progress, report, dry_run=options["dry_run"])
    choose_options = partial(_text_options, file, options)
    Transfer(file, choose_options, sender, progress, "imported").run(options)


def _open_sender(progress: Progress, report: IO[str] | None, *, dry_run: bool) -> Sender:
    def write_fault(line: str) -> None:
        if report is not None:
            click.echo(line, file=report)

    if dry_run:
        return Sender(None, progress, write_fault=write_fault)
    settings = settings_with_redis()
    journal = Journal(Broker.connect(settings))
    return Sender(
        journal,
        progress,
        before_publish=Backpressure(journal, settings, progress.print_line).wait,
        write_fault=write_fault,
    )


def _text_options(path: str, options: InputOptions, source: InputFile) -> TextOptions:
    """Return the options for decoding a file, with its encoding if all of it was read."""
    text = text_options(options, require_time=True)
    text_format = text.format or _FORMAT_OF_SUFFIX.get(PurePath(source.name).suffix.lower())
    encoding = text.encoding
    if encoding is None and source.is_regular and path != STANDARD_INPUT:
        encoding = _read_encoding(path)
    return replace(text, format=text_format, encoding=encoding)


def _read_encoding(path: str) -> str | None:
    """Read a file to its end to detect its encoding. Damage is reported when it is read again."""
    with open_input(path) as source:
        try:
            return detect_encoding(source.chunks())
        except MalformedError:
            return None
