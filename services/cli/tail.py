"""`stripchart tail`: readings as they arrive, one on each line."""

import json
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

import click

from services.broker import Broker, CaughtUp, DataLost, Disconnected, Follower, Journal, Received
from services.cli.supervise.redis_address import settings_with_redis
from services.formats.csv import encode_csv
from services.formats.line_protocol import encode_lines
from services.formats.text_stream import TEXT_FORMATS
from services.reading import Reading, ts_to_seconds


@click.command()
@click.argument("series", nargs=-1)
@click.option("--count", type=click.IntRange(min=1), help="End after so many readings.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(TEXT_FORMATS),
    default="json",
    show_default=True,
    help="How each is written; lines is line protocol.",
)
def tail(series: tuple[str, ...], count: int | None, kind: str) -> None:
    """Show readings as they arrive, one on each line.

    SERIES are names of series, in which * stands for anything. Without any, all are shown.
    """
    names = _pattern(series)
    broker = Broker.connect(settings_with_redis())
    readings = arriving(broker, lambda text: click.echo(text, err=True))
    wanted = (reading for reading in readings if names.fullmatch(reading.series))
    if kind == "csv":
        click.echo(encode_csv([]), nl=False)
    for reading in islice(wanted, count):
        click.echo(_WRITERS[kind](reading), nl=False)


def arriving(broker: Broker, notice: Callable[[str], None]) -> Iterator[Reading]:
    """All readings that come from now on, in order, none twice, across outages of Redis.

    notice: is told, once each, what an operator should know.
    """
    away = False
    for event in Follower(broker, Journal(broker)).events():
        match event:
            case Received(_, readings):
                yield from readings
            case DataLost(reason, _):
                notice(f"readings may be missing here: {reason}")
            case Disconnected(error) if not away:
                notice(f"{error}; waiting for it")
                away = True
            case CaughtUp() if away:
                notice("Redis is back")
                away = False
            case _:
                pass


def _pattern(series: tuple[str, ...]) -> re.Pattern[str]:
    alternatives = (".*".join(map(re.escape, name.split("*"))) for name in series or ("*",))
    return re.compile("|".join(alternatives), re.DOTALL)


def _json_line(reading: Reading) -> str:
    fields = {"series": reading.series, "ts": ts_to_seconds(reading.ts), "value": reading.value}
    if reading.unit is not None:
        fields["unit"] = reading.unit
    return json.dumps(fields, ensure_ascii=False) + "\n"


_WRITERS: Final[dict[str, Callable[[Reading], str | bytes]]] = {
    "json": _json_line,
    "csv": lambda reading: encode_csv([reading], header=False),
    "lines": lambda reading: encode_lines([reading]),
}
