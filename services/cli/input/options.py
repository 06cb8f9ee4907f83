"""Options of the commands that read text."""

from typing import Final, get_args

import click

from services.formats.line_protocol import Precision
from services.formats.text_stream import TEXT_FORMATS

FORMAT: Final = click.option(
    "--format",
    "kind",
    type=click.Choice(TEXT_FORMATS),
    help="Format of the text; lines is line protocol. Default: detected from the first line.",
)
PRECISION: Final = click.option(
    "--precision",
    type=click.Choice(get_args(Precision)),
    default="ns",
    show_default=True,
    help="Unit of the times in line protocol.",
)
