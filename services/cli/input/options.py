"""Options of the commands that read text."""

from collections.abc import Callable
from datetime import tzinfo
from typing import Any, Final, TypedDict, TypeVar, cast, get_args

import click

from services.errors import MalformedError
from services.formats.parsing.point_times import Precision
from services.formats.parsing.table.date_format import parse_date_format
from services.formats.parsing.table.dialect import check_delimiter
from services.formats.parsing.table.options import TableOptions
from services.formats.text_encoding import check_encoding
from services.formats.text_stream import TEXT_FORMATS, TextFormat, TextOptions
from services.formats.times import parse_zone

CommandT = TypeVar("CommandT", bound=Callable[..., Any])


class InputOptions(TypedDict):
    """The options of `with_input_options`, as click passes them."""

    kind: str | None
    precision: str
    encoding: str | None
    columns: tuple[str, ...] | None
    delimiter: str | None
    decimal: str | None
    timezone: tzinfo
    date_format: str | None
    allow_old: bool
    dry_run: bool
    as_json: bool


def text_options(options: InputOptions, *, require_time: bool = False) -> TextOptions:
    """Return the options for decoding.

    Args:
        options: The options of the command line.
        require_time: True to refuse readings without a time.
    """
    is_table = options["columns"] is not None or options["delimiter"] is not None
    return TextOptions(
        cast("TextFormat | None", options["kind"] or ("csv" if is_table else None)),
        options["encoding"],
        cast("Precision", options["precision"]),
        TableOptions(
            delimiter=options["delimiter"],
            decimal=options["decimal"],
            columns=options["columns"],
            timezone=options["timezone"],
            date_format=options["date_format"],
            is_file=True,
            allow_old=options["allow_old"],
            require_time=require_time,
        ),
    )


def with_input_options(command: CommandT) -> CommandT:
    """Add the options of a command that reads text."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def parse_zone_option(_context: click.Context, _parameter: click.Parameter, name: str) -> tzinfo:
    """Parse the value of an option that names a time zone."""
    try:
        return parse_zone(name)
    except MalformedError as error:
        raise click.BadParameter(str(error)) from error


def _parse_columns(
    _context: click.Context, _parameter: click.Parameter, text: str | None
) -> tuple[str, ...] | None:
    if text is None:
        return None
    columns = tuple(name.strip() for name in text.split(","))
    if not any(columns):
        raise click.BadParameter("write the names of all columns, such as time,temp,hum")
    return columns


def _parse_delimiter(
    _context: click.Context, _parameter: click.Parameter, text: str | None
) -> str | None:
    return None if text is None else _checked(check_delimiter, text)


def _parse_date_format(
    _context: click.Context, _parameter: click.Parameter, text: str | None
) -> str | None:
    if text is not None:
        _checked(parse_date_format, text)
    return text


def _parse_encoding(
    _context: click.Context, _parameter: click.Parameter, name: str | None
) -> str | None:
    return None if name is None else _checked(check_encoding, name)


def _checked(parse: Callable[[str], str], text: str) -> str:
    try:
        return parse(text)
    except MalformedError as error:
        raise click.BadParameter(str(error)) from error


_OPTIONS: Final = (
    click.option(
        "--format",
        "kind",
        type=click.Choice(TEXT_FORMATS),
        help="Format of the text; lines is line protocol. Default: detected from the first line.",
    ),
    click.option(
        "--precision",
        type=click.Choice(get_args(Precision)),
        default="ns",
        show_default=True,
        help="Unit of the times in line protocol.",
    ),
    click.option(
        "--encoding",
        callback=_parse_encoding,
        help="Encoding of the text, such as latin-1. Default: UTF-8, UTF-16 or Windows-1252.",
    ),
    click.option(
        "--columns",
        metavar="NAMES",
        callback=_parse_columns,
        help="Names of all columns of a table without a header, such as time,temp,hum.",
    ),
    click.option(
        "--delimiter",
        callback=_parse_delimiter,
        help="Character between the cells of a table; the word tab for a tab. Default: detected.",
    ),
    click.option(
        "--decimal",
        type=click.Choice([".", ","]),
        help="Decimal separator of a table. Default: detected.",
    ),
    click.option(
        "--timezone",
        default="UTC",
        show_default=True,
        callback=parse_zone_option,
        help="Zone of the times that state none, such as Europe/Berlin.",
    ),
    click.option(
        "--date-format",
        metavar="FORMAT",
        callback=_parse_date_format,
        help="Format of the times, such as dd/mm/yyyy hh:mm, or as strptime knows it.",
    ),
    click.option("--allow-old", is_flag=True, help="Accept times before 2000."),
    click.option(
        "--dry-run", is_flag=True, help="Only report what was understood; nothing is sent."
    ),
    click.option("--json", "as_json", is_flag=True, help="Write the report as JSON."),
)
