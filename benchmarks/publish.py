"""Readings per second into the journal: one call of the script, and a pipeline of redis-py."""

import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import click
import redis

from benchmarks.harness.comparison import (
    Contestant,
    Figures,
    TableRow,
    format_table,
    measure_in_turns,
)
from benchmarks.harness.machine import describe_machine
from benchmarks.product.redis import redis_server
from benchmarks.storage.database import settings_with_data_in
from benchmarks.storage.synthetic_readings import generate_readings
from services.broker import Broker, Journal, Message
from services.reading import Reading, ts_to_seconds

_SERIES_COUNT: Final = 20

Call = list[list[Reading]]
"""The readings of each message of one call."""

_ROWS: Final = (
    TableRow("send", "readings a second, messages made beforehand", 0),
    TableRow("encode_and_send", "the same, and the messages made too", 0),
)


def measure_journal(url: str, calls: list[Call]) -> Figures:
    """Measure the journal: one call of the script for many messages."""
    broker = Broker.connect(settings_with_data_in(Path(), REDIS_URL=url))
    journal = Journal(broker)

    def encode(call: Call) -> list[Message]:
        return [message for readings in call for message in Message.of(readings)]

    try:
        return _measure(broker.client, calls, encode, journal.publish)
    finally:
        broker.close()


def measure_pipeline(url: str, calls: list[Call]) -> Figures:
    """Measure redis-py: XADD and PUBLISH of each message in one pipeline."""
    client = redis.Redis.from_url(url)

    def encode(call: Call) -> list[bytes]:
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

    def send(messages: list[bytes]) -> None:
        with client.pipeline(transaction=False) as pipeline:
            for message in messages:
                pipeline.xadd("readings:journal", {"m": message})
                pipeline.publish("readings", message)
            pipeline.execute()

    try:
        return _measure(client, calls, encode, send)
    finally:
        client.close()


def _measure(
    client: Any,
    calls: list[Call],
    encode: Callable[[Call], list[Any]],
    send: Callable[[list[Any]], object],
) -> Figures:
    """Measure sending alone, then encoding and sending, each with an empty journal."""
    reading_count = sum(len(readings) for call in calls for readings in call)
    encoded_calls = [encode(call) for call in calls]
    client.flushdb()
    # The first call also loads the script.
    send(encoded_calls[0])
    begin = time.perf_counter()
    for messages in encoded_calls:
        send(messages)
    send_seconds = time.perf_counter() - begin
    client.flushdb()
    begin = time.perf_counter()
    for call in calls:
        send(encode(call))
    encode_and_send_seconds = time.perf_counter() - begin
    return {
        "send": reading_count / send_seconds,
        "encode_and_send": reading_count / encode_and_send_seconds,
    }


@click.command()
@click.option("--messages", type=click.IntRange(1), default=500, show_default=True,
              help="Messages in a call.")  # fmt: skip
@click.option("--in-message", multiple=True, type=click.IntRange(1, 1_000), default=(1, 100),
              show_default=True,
              help="Readings in a message; may be given many times.")  # fmt: skip
@click.option("--size", type=click.IntRange(1), default=100_000, show_default=True,
              help="Readings that are published in each measurement.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(1), default=7, show_default=True,
              help="Rounds in which both are measured once.")  # fmt: skip
def run(messages: int, in_message: tuple[int, ...], size: int, rounds: int) -> None:
    """One publish call, against redis-py's pipelined XADD and PUBLISH."""
    click.echo(f"{describe_machine('redis', 'hiredis', 'msgspec')}\n")
    with TemporaryDirectory() as folder, redis_server(Path(folder)) as server:
        for count in in_message:
            readings = list(generate_readings(_SERIES_COUNT, size))
            parts = [readings[start : start + count] for start in range(0, size, count)]
            calls = [parts[start : start + messages] for start in range(0, len(parts), messages)]
            contestants = [
                Contestant("the journal", partial(measure_journal, server.url, calls)),
                Contestant("a pipeline", partial(measure_pipeline, server.url, calls)),
            ]
            title = f"calls of {messages} messages of {count}"
            comparison = measure_in_turns(rounds, contestants, title)
            click.echo("\n".join(format_table(title, _ROWS, comparison)) + "\n")
