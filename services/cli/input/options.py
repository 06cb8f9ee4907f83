"""The options of commands that read or write text."""

from typing import Final, get_args

import click

from services.formats.line_protocol import Precision
from services.formats.text_stream import TEXT_FORMATS

FORMAT: Final = click.option(
    "--format",
    "kind",
    type=click.Choice(TEXT_FORMATS),
    help="The format; lines is line protocol. Default: what the first line looks like.",
)
PRECISION: Final = click.option(
    "--precision",
    type=click.Choice(get_args(Precision)),
    default="ns",
    show_default=True,
    help="What the times of line protocol count.",
)
