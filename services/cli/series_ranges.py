"""`stripchart series stats` and `increase`: answers about a series in a range."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Any, TypeVar, get_args

import click
import msgspec

from services.cli.fresh_database import open_fresh_reader
from services.cli.input.options import parse_zone_option
from services.clock import now_microseconds
from services.errors import MalformedError, UnknownSeriesError
from services.formats.times import parse_time
from services.reading import ts_to_seconds
from services.store import (
    Answers,
    Interval,
    PeriodLength,
    SeriesSelection,
    SeriesStatistics,
    divide_range,
)
from services.tag_filter import ALL_TAGS

T = TypeVar("T")
CommandT = TypeVar("CommandT", bound=Callable[..., Any])


def _with_range(default_start: str) -> Callable[[CommandT], CommandT]:
    def add(command: CommandT) -> CommandT:
        start = click.option(
            "--from",
            "start",
            default=default_start,
            show_default=True,
            help="Start: Unix seconds, ISO 8601, or relative, such as -15m.",
        )
        end = click.option("--to", "end", default="now", show_default=True, help="End: as --from.")
        return start(end(command))

    return add


@click.command()
@click.argument("name")
@_with_range("-24h")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def stats(name: str, start: str, end: str, as_json: bool) -> None:
    """Print statistics of the series NAME between two times.

    The mean of a state is weighted by time. The difference of a counter is its increase.
    """
    now = now_microseconds()
    interval = Interval(parse_time(start, now), parse_time(end, now) + 1)
    if interval.is_empty:
        raise MalformedError("--from must not be after --to")
    found = _answer(name, open_fresh_reader().ranges.statistics(_only(name), interval, now))
    fields = _fields(found)
    if as_json:
        click.echo(msgspec.json.encode(fields))
        return
    for key, value in fields.items():
        click.echo(f"{key}\t{'' if value is None else value}")


@click.command()
@click.argument("name")
@_with_range("-7d")
@click.option(
    "--per",
    type=click.Choice(get_args(PeriodLength)),
    default="day",
    show_default=True,
    help="Length of a period.",
)
@click.option(
    "--timezone",
    "zone",
    metavar="NAME",
    default="UTC",
    show_default=True,
    callback=parse_zone_option,
    help="Zone whose days are meant, such as Europe/Berlin.",
)
def increase(name: str, start: str, end: str, per: PeriodLength, zone: tzinfo) -> None:
    """Print the increase of the counter NAME in each period, and in all of them.

    A counter that falls by more than a tenth has started again at zero.
    """
    now = now_microseconds()
    periods = divide_range(parse_time(start, now), parse_time(end, now), per, zone)
    found = _answer(name, open_fresh_reader().ranges.increases(_only(name), periods.edges))
    known = [one for one in found.increases if one is not None]
    for ts, one in zip(periods.starts, found.increases, strict=True):
        local = datetime.fromtimestamp(ts_to_seconds(ts), zone)
        click.echo(f"{local.isoformat(' ', 'minutes')}\t{_number(one)}")
    click.echo(f"total\t{_number(sum(known) if known else None)}")


def _fields(found: SeriesStatistics) -> dict[str, Any]:
    moments = {
        key: None if value is None else datetime.fromtimestamp(ts_to_seconds(value.ts), UTC)
        for key, value in (("first", found.first), ("last", found.last))
    }
    return {
        "kind": found.kind,
        "unit": found.unit,
        "count": found.reading_count,
        "min": found.min,
        "max": found.max,
        "mean": found.mean,
        **{key: moment and moment.isoformat(" ", "seconds") for key, moment in moments.items()},
        "difference": found.difference,
        "slope": found.slope,
        "integral": found.integral,
    }


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.15g}"


def _only(name: str) -> SeriesSelection:
    return SeriesSelection([name], ALL_TAGS, 1)


def _answer(name: str, answers: Answers[T]) -> T:
    if name not in answers.series:
        raise UnknownSeriesError(
            f"there is no series {name!r}", "`stripchart series list` lists them"
        )
    return answers.series[name]
