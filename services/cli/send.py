"""`stripchart send`: sends one reading, or a text of readings from standard input."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import BinaryIO, Final, cast

import click

from services.broker import Broker, Journal, Message
from services.cli.input.options import FORMAT, PRECISION
from services.cli.input.progress import Progress
from services.cli.input.sender import Sender
from services.clock import now_microseconds
from services.errors import MalformedError
from services.formats.json import decode_json
from services.formats.line_protocol import Precision
from services.formats.text_stream import TextFormat, TextStream
from services.reading import ts_to_seconds
from services.redis_address import settings_with_redis

_READ_BYTES: Final = 262_144


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("name", required=False)
@click.argument("value", type=float, required=False)
@click.option("--unit", help="Unit of the series, such as °C.")
@click.option("--ts", help="Time of the reading, in Unix seconds or as ISO 8601. Default: now.")
@FORMAT
@PRECISION
def send(
    name: str | None,
    value: float | None,
    *,
    unit: str | None,
    ts: str | None,
    kind: str | None,
    precision: str,
) -> None:
    """Send one reading, or those of standard input.

    With NAME and VALUE, that reading is sent. Otherwise the input is JSON lines, such as {"series":
    "kitchen", "value": 21.5} or a list of them; CSV with a header, such as time,series,value,unit;
    or line protocol, such as kitchen value=21.5.
    """
    if name is None:
        if unit is not None or ts is not None:
            raise click.UsageError("--unit and --ts need a reading: NAME VALUE")
        stream = TextStream(cast("TextFormat | None", kind), cast("Precision", precision))
        _send_text(sys.stdin.buffer, stream)
    elif value is None:
        raise click.UsageError(f"the value of {name} is missing")
    else:
        _send_one({"series": name, "value": value, "unit": unit, "ts": _parse_ts(ts)})


def _send_one(item: dict[str, object]) -> None:
    readings, faults, *_ = decode_json(json.dumps(item).encode(), now_microseconds())
    if faults:
        raise MalformedError(faults[0].reason)
    _open_journal().publish(Message.of(readings))
    reading = readings[0]
    time = datetime.fromtimestamp(ts_to_seconds(reading.ts), UTC).isoformat(" ", "milliseconds")
    value = (
        f"{reading.value:.15g}" if reading.unit is None else f"{reading.value:.15g} {reading.unit}"
    )
    click.echo(f"sent {reading.series} = {value} at {time}")


def _send_text(source: BinaryIO, stream: TextStream) -> None:
    if source.isatty():
        click.echo("reading lines from the terminal; end with Ctrl-D", err=True)
    progress = Progress()
    sender = Sender(_open_journal(), progress)
    read: Callable[[int], bytes] = source.read1  # type: ignore[attr-defined]  # BufferedReader's
    try:
        while chunk := read(_READ_BYTES):
            sender.send(stream.feed(chunk))
            if not source.isatty():
                progress.show(lambda: sender.summary("sent"))
        sender.send(stream.finish())
    finally:
        sender.close()
        click.echo(sender.summary("sent"))
    if sender.refused_count:
        sys.exit(1)


def _open_journal() -> Journal:
    return Journal(Broker.connect(settings_with_redis()))


def _parse_ts(text: str | None) -> float | str | None:
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        return text
