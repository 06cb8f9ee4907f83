"""The way of a text from its file through the decoder to the journal, and the report of it."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import click

from services.cli.input.files import InputFile, open_input
from services.cli.input.options import InputOptions
from services.cli.input.progress import Progress
from services.cli.input.sender import Sender
from services.errors import StripchartError
from services.formats.text_stream import TextOptions, TextStream


@dataclass(frozen=True, slots=True)
class Transfer:
    """A text, and what becomes of it.

    Attributes:
        path: Path of its file, or "-" for standard input.
        choose_options: Returns how to decode the file.
        sender: Publishes its readings.
        progress: Shows how many they are.
        verb: What happens to the readings, such as "sent".
    """

    path: str
    choose_options: Callable[[InputFile], TextOptions]
    sender: Sender
    progress: Progress
    verb: str

    def run(self, options: InputOptions) -> None:
        """Send all readings, and print the report. Exits with 1 if an item was refused.

        Raises:
            StripchartError: The text or Redis can't be used. The report was printed.
        """
        stream = TextStream()
        try:
            with open_input(self.path) as source:
                stream = TextStream(self.choose_options(source))
                for chunk in source.chunks():
                    self.sender.send(stream.feed(chunk))
                    self.progress.show(partial(self._progress_text, source))
                self.sender.send(stream.finish())
        except StripchartError as error:
            self.sender.report.error = str(error)
            raise
        finally:
            self.sender.close()
            _print_report(self, stream, options)
        if self.sender.report.refused_count:
            sys.exit(1)

    def _progress_text(self, source: InputFile) -> str:
        share = "" if source.share is None else f"{source.share:4.0%}  "
        return f"{share}{self.sender.summary(self.verb)}"


def _print_report(transfer: Transfer, stream: TextStream, options: InputOptions) -> None:
    """Print the report about a text."""
    sender = transfer.sender
    if options["as_json"]:
        document = sender.report.document(
            stream, reading_count=sender.sent_count, dry_run=options["dry_run"]
        )
        click.echo(json.dumps(document, ensure_ascii=False))
        return
    click.echo(sender.summary("understood" if options["dry_run"] else transfer.verb))
    for line in sender.report.lines(stream):
        click.echo(line)
    if options["dry_run"]:
        click.echo("dry run: nothing was sent")
