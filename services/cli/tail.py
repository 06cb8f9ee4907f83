"""`stripchart tail`: readings as they arrive, one JSON object on each line."""

import json
import re
from itertools import islice

import click

from services.broker import Broker
from services.cli.follower import Follower
from services.cli.redis_address import settings_with_redis
from services.reading import Reading, ts_to_seconds


@click.command()
@click.argument("series", nargs=-1)
@click.option("--count", type=click.IntRange(min=1), help="End after so many readings.")
def tail(series: tuple[str, ...], count: int | None) -> None:
    """Show readings as they arrive, one JSON object on each line.

    SERIES are names of series, in which * stands for anything. Without any, all are shown.
    """
    names = _pattern(series)
    broker = Broker.connect(settings_with_redis())
    readings = Follower(broker, lambda text: click.echo(text, err=True)).readings()
    wanted = (reading for reading in readings if names.fullmatch(reading.series))
    for reading in islice(wanted, count):
        click.echo(_line(reading))


def _pattern(series: tuple[str, ...]) -> re.Pattern[str]:
    alternatives = (".*".join(map(re.escape, name.split("*"))) for name in series or ("*",))
    return re.compile("|".join(alternatives), re.DOTALL)


def _line(reading: Reading) -> str:
    fields = {"series": reading.series, "ts": ts_to_seconds(reading.ts), "value": reading.value}
    if reading.unit is not None:
        fields["unit"] = reading.unit
    return json.dumps(fields, ensure_ascii=False)
