"""`stripchart tail`: prints readings as they arrive, one on each line."""

import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

import click

from services.broker import Broker, CaughtUp, DataLost, Disconnected, Follower, Journal, Received
from services.formats.csv import encode_csv
from services.formats.line_protocol import encode_lines
from services.formats.text_stream import TEXT_FORMATS
from services.pattern import SeriesFilter
from services.reading import Reading, ts_to_seconds
from services.redis_address import settings_with_redis


@click.command()
@click.argument("series", nargs=-1)
@click.option("--count", type=click.IntRange(min=1), help="Stop after this number of readings.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(TEXT_FORMATS),
    default="json",
    show_default=True,
    help="Format of the output; lines is line protocol.",
)
def tail(series: tuple[str, ...], count: int | None, kind: str) -> None:
    """Print readings as they arrive, one on each line.

    SERIES are names of series, in which * matches any characters. Without names, the readings
    of all series are printed.
    """
    selection = SeriesFilter(series)
    broker = Broker.connect(settings_with_redis())
    readings = follow_readings(broker, lambda text: click.echo(text, err=True))
    selected = (reading for reading in readings if reading.series in selection)
    if kind == "csv":
        click.echo(encode_csv([]), nl=False)
    for reading in islice(selected, count):
        click.echo(_ENCODERS[kind](reading), nl=False)


def follow_readings(broker: Broker, notice: Callable[[str], None]) -> Iterator[Reading]:
    """Yield all readings that arrive from now on, in order, each once, across outages of Redis.

    Args:
        broker: The Redis with the journal.
        notice: Called with a sentence for the operator, such as the beginning of an outage.
    """
    disconnected = False
    for event in Follower(broker, Journal(broker)).events():
        match event:
            case Received(_, readings):
                yield from readings
            case DataLost(reason, _):
                notice(f"readings may be missing here: {reason}")
            case Disconnected(error) if not disconnected:
                notice(f"{error}; retrying")
                disconnected = True
            case CaughtUp() if disconnected:
                notice("Redis is available again")
                disconnected = False
            case _:
                pass


def _encode_json_line(reading: Reading) -> str:
    fields = {"series": reading.series, "ts": ts_to_seconds(reading.ts), "value": reading.value}
    if reading.unit is not None:
        fields["unit"] = reading.unit
    return json.dumps(fields, ensure_ascii=False) + "\n"


_ENCODERS: Final[dict[str, Callable[[Reading], str | bytes]]] = {
    "json": _encode_json_line,
    "csv": lambda reading: encode_csv([reading], header=False),
    "lines": lambda reading: encode_lines([reading]),
}
