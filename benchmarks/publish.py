"""Readings a second into the journal: one call of the script, against a pipeline of redis-py."""

import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import click
import redis

from benchmarks.harness import machine
from benchmarks.harness.comparison import Contestant, Figures, Row, in_turns, table
from benchmarks.product.redis import redis_server
from benchmarks.storage import made
from benchmarks.storage.database import settings_for
from services.broker import Broker, Journal, Message
from services.reading import Reading, ts_to_seconds

_SERIES: Final = 20

_ROWS: Final = (
    Row("sent", "readings a second, messages made beforehand", 0),
    Row("made", "the same, and the messages made too", 0),
)


def ours(url: str, calls: list[list[list[Reading]]]) -> Figures:
    """The journal: one call of the script for each list of messages."""
    broker = Broker.connect(settings_for(Path(), REDIS_URL=url))
    journal = Journal(broker)

    def messages(call: list[list[Reading]]) -> list[Message]:
        return [message for readings in call for message in Message.of(readings)]

    try:
        return _measured(broker.client, calls, messages, journal.publish)
    finally:
        broker.close()


def pipeline(url: str, calls: list[list[list[Reading]]]) -> Figures:
    """What redis-py offers: XADD and PUBLISH of each message in one pipeline."""
    client = redis.Redis.from_url(url)

    def messages(call: list[list[Reading]]) -> list[bytes]:
        return [
            json.dumps(
                {
                    "readings": [
                        {"series": r.series, "ts": ts_to_seconds(r.ts), "value": r.value}
                        for r in readings
                    ]
                }
            ).encode()
            for readings in call
        ]

    def send(texts: list[bytes]) -> None:
        with client.pipeline(transaction=False) as pipe:
            for text in texts:
                pipe.xadd("readings:journal", {"m": text})
                pipe.publish("readings", text)
            pipe.execute()

    try:
        return _measured(client, calls, messages, send)
    finally:
        client.close()


def _measured(
    client: Any,
    calls: list[list[list[Reading]]],
    messages: Callable[[list[list[Reading]]], list[Any]],
    send: Callable[[list[Any]], object],
) -> Figures:
    """Both figures; the journal is empty before each."""
    size = sum(len(readings) for call in calls for readings in call)
    prepared = [messages(call) for call in calls]
    client.flushdb()
    # The first call also loads the script.
    send(prepared[0])
    begin = time.perf_counter()
    for texts in prepared:
        send(texts)
    sent = time.perf_counter() - begin
    client.flushdb()
    begin = time.perf_counter()
    for call in calls:
        send(messages(call))
    made_too = time.perf_counter() - begin
    return {"sent": size / sent, "made": size / made_too}


@click.command()
@click.option("--messages", type=click.IntRange(1), default=500, show_default=True,
              help="Messages in a call.")  # fmt: skip
@click.option("--in-message", multiple=True, type=click.IntRange(1, 1_000), default=(1, 100),
              show_default=True,
              help="Readings in a message; may be given several times.")  # fmt: skip
@click.option("--size", type=click.IntRange(1), default=100_000, show_default=True,
              help="Readings that are published each time.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(1), default=7, show_default=True,
              help="How often each of the two is measured.")  # fmt: skip
def run(messages: int, in_message: tuple[int, ...], size: int, rounds: int) -> None:
    """One publish call, against redis-py's pipelined XADD and PUBLISH."""
    click.echo(f"{machine.describe('redis', 'hiredis', 'msgspec')}\n")
    with TemporaryDirectory() as folder, redis_server(Path(folder)) as server:
        for count in in_message:
            readings = list(made.readings(_SERIES, size))
            parts = [readings[start : start + count] for start in range(0, size, count)]
            calls = [parts[start : start + messages] for start in range(0, len(parts), messages)]
            contestants = [
                Contestant("the journal", partial(ours, server.url, calls)),
                Contestant("a pipeline", partial(pipeline, server.url, calls)),
            ]
            title = f"calls of {messages} messages of {count}"
            comparison = in_turns(rounds, contestants, title)
            click.echo("\n".join(table(title, _ROWS, comparison)) + "\n")
