"""`stripchart send`: one reading, or lines of readings from standard input."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import BinaryIO, Final

import click

from services.broker import Broker, Journal, Message
from services.cli.console import Lines
from services.cli.redis_address import settings_with_redis
from services.clock import microseconds
from services.errors import MalformedError
from services.formats.json import decode
from services.reading import Reading, ts_to_seconds

_PIECE: Final = 65_536
_LONGEST_LINE: Final = 16 * 1024 * 1024


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("name", required=False)
@click.argument("value", type=float, required=False)
@click.option("--unit", help="The unit of the series, such as °C.")
@click.option("--ts", help="The time, in Unix seconds or as ISO 8601. Default: now.")
def send(name: str | None, value: float | None, unit: str | None, ts: str | None) -> None:
    """Send the reading NAME VALUE, or without these the lines of standard input.

    Each line is JSON: a reading such as {"series": "kitchen", "value": 21.5}, in which "ts" and
    "unit" may stand as well, or a list of readings.
    """
    if name is None:
        if unit is not None or ts is not None:
            raise click.UsageError("--unit and --ts belong to one reading: NAME VALUE")
        _send_lines(sys.stdin.buffer)
    elif value is None:
        raise click.UsageError(f"the value of {name} is missing")
    else:
        _send_one({"series": name, "value": value, "unit": unit, "ts": _time(ts)})


def _send_one(item: dict[str, object]) -> None:
    readings, faults, *_ = decode(json.dumps(item).encode(), microseconds())
    if faults:
        raise MalformedError(faults[0].error)
    _journal().publish(Message.of(readings))
    reading = readings[0]
    time = datetime.fromtimestamp(ts_to_seconds(reading.ts), UTC).isoformat(" ", "milliseconds")
    value = (
        f"{reading.value:.15g}" if reading.unit is None else f"{reading.value:.15g} {reading.unit}"
    )
    click.echo(f"sent {reading.series} = {value} at {time}")


def _send_lines(source: BinaryIO) -> None:
    if source.isatty():
        click.echo("reading lines of JSON from the terminal; Ctrl-D ends them", err=True)
    batches = Batches(_journal())
    try:
        for lines in _lines(source):
            batches.send(lines)
    finally:
        refused = f", refused {batches.refused}" if batches.refused else ""
        click.echo(f"sent {batches.sent} readings of {len(batches.series)} series{refused}")
    if batches.refused:
        sys.exit(1)


class Batches:
    """Lines of JSON on their way to the journal, in one call for all that come together."""

    def __init__(self, journal: Journal, clock: Callable[[], int] = microseconds) -> None:
        self.sent = 0
        self.refused = 0
        self.series: set[str] = set()
        self._journal = journal
        self._clock = clock
        self._number = 0
        self._next_time = 0

    def send(self, lines: Iterable[bytes]) -> None:
        """Send what is good of these lines, and report the rest on standard error.

        Raises BrokerUnavailableError, JournalFullError.
        """
        readings: list[Reading] = []
        for line in lines:
            self._number += 1
            if line.strip():
                readings += self._decode(line)
        if readings:
            self._journal.publish(Message.of(readings))
            self.sent += len(readings)
            self.series.update(reading.series for reading in readings)

    def _decode(self, line: bytes) -> list[Reading]:
        # Readings without a time that come together still get times of their own.
        now = max(self._clock(), self._next_time)
        try:
            readings, faults, more, _ = decode(line, now)
        except MalformedError as error:
            self._refuse(f"line {self._number}: {error}")
            return []
        several = len(readings) + len(faults) > 1
        for fault in faults:
            item = f", item {fault.place + 1}" if several else ""
            self._refuse(f"line {self._number}{item}: {fault.error}")
        self.refused += more
        self._next_time = now + len(readings)
        return readings

    def _refuse(self, why: str) -> None:
        self.refused += 1
        click.echo(why, err=True)


def _lines(source: BinaryIO) -> Iterator[list[bytes]]:
    """All lines that there are now, again and again until the end."""
    lines = Lines(_LONGEST_LINE)
    while piece := source.read1(_PIECE):  # type: ignore[attr-defined]  # io.BufferedReader has it
        yield lines.feed(piece)
    yield lines.end()


def _journal() -> Journal:
    return Journal(Broker.connect(settings_with_redis()))


def _time(text: str | None) -> float | str | None:
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        return text
