"""`stripchart series`: lists the recorded series, and changes them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import click
import msgspec

from services.broker import Broker, Journal
from services.cli.fresh_database import open_fresh_reader
from services.cli.series_ranges import increase, stats
from services.clock import now_microseconds
from services.command import Delete, Erase, Rename, SeriesCommand, SetSettings, SetUnit
from services.errors import UnknownSeriesError
from services.formats.times import parse_time
from services.reading import ts_to_seconds
from services.redis_address import settings_with_redis
from services.series_settings import MAX_DECIMALS, SERIES_KINDS, parse_settings
from services.store import SeriesInfo
from services.tag_filter import FIELD, MEASUREMENT, TAG_PREFIX, TagFilter


@click.group()
def series() -> None:
    """List the recorded series, answer questions about them, and correct them.

    A correction is a command in the journal. It applies to everything that was published before
    it, and the writer carries it out in order.
    """


series.add_command(stats)
series.add_command(increase)


@series.command("list")
@click.argument("names", nargs=-1)
@click.option(
    "--tag",
    "tags",
    multiple=True,
    metavar="KEY=VALUE",
    help="Only series with this tag, which may have *; without a value, series that do not have"
    " the tag. Values of the same key are alternatives. May be repeated.",
)
@click.option("--measurement", multiple=True, help="Only series of this measurement.")
@click.option("--field", multiple=True, help="Only series of this field.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, with the tags.")
def list_series(
    names: Sequence[str],
    tags: Sequence[str],
    measurement: Sequence[str],
    field: Sequence[str],
    as_json: bool,
) -> None:
    """List the series NAMES, which may be patterns with *, or every series.

    The columns are name, unit, last value, the times of the first and the last reading, kind and
    label.
    """
    conditions = [
        *(_parse_tag(tag) for tag in tags),
        *((MEASUREMENT, text) for text in measurement),
        *((FIELD, text) for text in field),
    ]
    tag_filter = TagFilter.parse(conditions)
    listing = open_fresh_reader().list_series(patterns=names, tags=tag_filter)
    if as_json:
        click.echo(msgspec.json.encode({"series": [info.as_document() for info in listing]}))
        return
    for info in listing:
        click.echo("\t".join(_columns(info)))


@series.command()
@click.argument("name")
@click.argument("new_name")
def rename(name: str, new_name: str) -> None:
    """Rename the series NAME to NEW_NAME. No other series may have this name."""
    _send(Rename(name, new_name))
    click.echo(f"{name} will be renamed to {new_name}")


@series.command()
@click.argument("name")
@click.argument("unit", required=False)
def unit(name: str, unit: str | None) -> None:
    """Set the unit of the series NAME to UNIT, or remove it."""
    _send(SetUnit(name, unit or None))
    click.echo(f"the unit of {name} will be {unit}" if unit else f"{name} will have no unit")


@series.command("set", no_args_is_help=True)
@click.argument("name")
@click.option("--label", metavar="TEXT", help="Text to show instead of the name.")
@click.option(
    "--kind",
    metavar="KIND",
    help=f"One of {', '.join(SERIES_KINDS)}. Without it the kind is guessed from the readings.",
)
@click.option(
    "--decimals", metavar="N", help=f"Digits after the decimal point, 0 to {MAX_DECIMALS}."
)
@click.option("--color", metavar="#RRGGBB", help="Colour of the line.")
@click.option(
    "--state",
    "states",
    multiple=True,
    metavar="VALUE=WORD",
    help="Word for a value, such as 1=open. May be repeated; replaces all words that were set.",
)
def set_settings(name: str, states: Sequence[str], **texts: str | None) -> None:
    """Set how the series NAME is shown. Its name, which the sender uses, stays.

    An empty text, as in --label '', removes a setting.
    """
    settings: dict[str, object] = {key: text for key, text in texts.items() if text is not None}
    if (decimals := texts["decimals"]) and decimals.isdecimal():
        settings["decimals"] = int(decimals)
    if states:
        settings["states"] = dict(_parse_state(text) for text in states if text)
    if not settings:
        raise click.UsageError("give at least one option, such as --label")
    _send(SetSettings(name, parse_settings(settings)))
    click.echo(f"the settings of {name} will be changed: {', '.join(settings)}")


@series.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Don't ask for confirmation.")
def delete(name: str, yes: bool) -> None:
    """Delete the series NAME with all its readings."""
    _check(Delete(name))
    if not yes:
        click.confirm(f"Delete {name} with all its readings?", abort=True)
    _send(Delete(name))
    click.echo(f"{name} will be deleted")


@series.command()
@click.argument("name")
@click.option(
    "--from",
    "start",
    required=True,
    help="Start: Unix seconds, ISO 8601, or relative, such as -15m.",
)
@click.option("--to", "end", required=True, help="End: as --from, or now. Both ends are included.")
def erase(name: str, start: str, end: str) -> None:
    """Erase the readings of the series NAME between two times."""
    now = now_microseconds()
    command = Erase(name, parse_time(start, now), parse_time(end, now))
    raw_start = _send(command)
    click.echo(
        f"{name} will be erased from {_format_ts(command.start)} to {_format_ts(command.end)}"
    )
    if command.start < raw_start:
        click.echo(
            f"before {_format_ts(raw_start)} only whole buckets are erased:"
            " the readings there were purged"
        )


def _parse_tag(text: str) -> tuple[str, str]:
    """Parse KEY=VALUE as a parameter of a filter."""
    key, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} is not KEY=VALUE", param_hint="--tag")
    return f"{TAG_PREFIX}{key}", value


def _parse_state(text: str) -> tuple[str, str]:
    """Parse VALUE=WORD as an item of the words of states."""
    value, equals, word = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} is not VALUE=WORD", param_hint="--state")
    return value, word


def _columns(info: SeriesInfo) -> Iterable[str]:
    yield info.name
    yield info.unit or ""
    yield "" if info.last_value is None else f"{info.last_value:.15g}"
    for ts in (info.first_ts, info.last_ts):
        yield "" if ts is None else _format_ts(ts)
    yield info.kind
    yield info.settings.label or ""


def _format_ts(ts: int) -> str:
    return datetime.fromtimestamp(ts_to_seconds(ts), UTC).isoformat(" ", "microseconds")


def _check(command: SeriesCommand) -> int:
    """Check a command against the database, and return the time before which only buckets exist.

    Raises:
        UnknownSeriesError: There is no such series.
        SeriesExistsError: There is a series with the new name.
    """
    try:
        return open_fresh_reader().check_command(command)
    except UnknownSeriesError as error:
        raise UnknownSeriesError(str(error), "`stripchart series list` lists them") from error


def _send(command: SeriesCommand) -> int:
    """Check a command and publish it for the writer. Returns and raises as `_check`."""
    raw_start = _check(command)
    broker = Broker.connect(settings_with_redis())
    Journal(broker).send_commands([command])
    broker.close()
    return raw_start
