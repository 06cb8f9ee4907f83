"""`stripchart send`: sends one reading, or a text of readings from standard input."""

import json
import sys
from datetime import UTC, datetime
from typing import Unpack

import click

from services.broker import Broker, Journal, Message
from services.cli.input.files import STANDARD_INPUT
from services.cli.input.options import InputOptions, text_options, with_input_options
from services.cli.input.progress import Progress
from services.cli.input.sender import Sender
from services.cli.input.transfer import Transfer
from services.clock import now_microseconds
from services.errors import MalformedError
from services.formats.json import decode_json
from services.reading import ts_to_seconds
from services.redis_address import settings_with_redis


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("name", required=False)
@click.argument("value", type=float, required=False)
@click.option("--unit", help="Unit of the series, such as °C.")
@click.option("--ts", help="Time of the reading, in Unix seconds or as ISO 8601. Default: now.")
@with_input_options
def send(
    name: str | None,
    value: float | None,
    unit: str | None,
    ts: str | None,
    **options: Unpack[InputOptions],
) -> None:
    """Send one reading, or those of standard input.

    With NAME and VALUE, that reading is sent. Otherwise the input is JSON, such as {"series":
    "kitchen", "value": 21.5} or a list of them; CSV with a header, such as time,series,value,unit;
    or line protocol, such as kitchen value=21.5. At the end a report tells what was understood.
    """
    if name is None:
        if unit is not None or ts is not None:
            raise click.UsageError("--unit and --ts need a reading: NAME VALUE")
        _send_text(options)
    elif value is None:
        raise click.UsageError(f"the value of {name} is missing")
    else:
        item = {"series": name, "value": value, "unit": unit, "ts": _parse_ts(ts)}
        _send_one(item, dry_run=options["dry_run"])


def _send_one(item: dict[str, object], *, dry_run: bool) -> None:
    readings, faults, *_ = decode_json(json.dumps(item).encode(), now_microseconds())
    if faults:
        raise MalformedError(faults[0].reason)
    if not dry_run:
        _open_journal().publish(Message.of(readings))
    reading = readings[0]
    time = datetime.fromtimestamp(ts_to_seconds(reading.ts), UTC).isoformat(" ", "milliseconds")
    value = (
        f"{reading.value:.15g}" if reading.unit is None else f"{reading.value:.15g} {reading.unit}"
    )
    verb = "understood" if dry_run else "sent"
    click.echo(f"{verb} {reading.series} = {value} at {time}")


def _send_text(options: InputOptions) -> None:
    if sys.stdin.isatty():
        click.echo("reading lines from the terminal; end with Ctrl-D", err=True)
    progress = Progress()
    sender = Sender(None if options["dry_run"] else _open_journal(), progress)
    text = text_options(options)
    Transfer(STANDARD_INPUT, lambda _source: text, sender, progress, "sent").run(options)


def _open_journal() -> Journal:
    return Journal(Broker.connect(settings_with_redis()))


def _parse_ts(text: str | None) -> float | str | None:
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        return text
