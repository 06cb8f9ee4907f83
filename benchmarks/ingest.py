"""How fast line protocol is parsed, and taken into the journal."""

import gc
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Final

import click

from benchmarks.harness import machine
from benchmarks.harness.comparison import Contestant, Figures, Row, in_turns, table
from benchmarks.ingestion import servers
from benchmarks.ingestion.load import Answered, slowest, write
from benchmarks.ingestion.points import lines
from benchmarks.ingestion.servers import Server
from services.broker import Broker, Journal, Message
from services.clock import now_microseconds
from services.formats.json import decode_entry, encode_message
from services.formats.line_protocol import decode_lines
from services.settings import Settings
from services.web.main import GC_THRESHOLDS

_BATCHES: Final = 50
_PARSED: Final = 100_000

_PARSE_ROWS: Final = (Row("rate", "readings, thousand/s"),)
_WRITE_ROWS: Final = (
    Row("rate", "points, thousand/s", 2),
    Row("slow", "p99 of a request, ms", 2),
    Row("cpu", "CPU of the server for each point, µs", 1),
)


def _parsing(function: Callable[[], object]) -> Callable[[], Figures]:
    def measure() -> Figures:
        begun = time.process_time()
        function()
        return {"rate": _PARSED / (time.process_time() - begun) / 1e3}

    return measure


def _parse(rounds: int) -> list[str]:
    (text,) = lines(_PARSED)
    now = now_microseconds()
    message = encode_message(decode_lines(text, now).readings)
    ours = Contestant("line protocol", _parsing(lambda: decode_lines(text, now)))
    yardstick = Contestant("JSON, by msgspec", _parsing(lambda: decode_entry(message)))
    comparison = in_turns(rounds, [ours, yardstick], "parsing")
    return table("parsed, of a core", _PARSE_ROWS, comparison)


class _Journalling:
    """The parser and the journal by themselves, as far as one process gets with them."""

    def __init__(self, redis: Server) -> None:
        self._redis = redis
        url = f"redis://127.0.0.1:{redis.port}/0"
        most = str(1 << 40)
        self._journal = Journal(
            Broker.connect(
                Settings.from_environ(
                    {
                        "REDIS_URL": url,
                        "STRIPCHART_JOURNAL_MAX_BYTES": most,
                        "STRIPCHART_JOURNAL_MAX_ENTRIES": most,
                    }
                )
            )
        )

    def measure(self, batches: Sequence[bytes], seconds: float) -> Figures:
        used = time.process_time() + self._redis.cpu_seconds()
        took: list[float] = []
        begun = time.perf_counter()
        while not took or time.perf_counter() - begun < seconds:
            start = time.perf_counter()
            readings = decode_lines(batches[len(took) % len(batches)], now_microseconds()).readings
            self._journal.publish(Message.of(readings))
            took.append(time.perf_counter() - start)
        answered = Answered(len(took), time.perf_counter() - begun, slowest(took))
        used = time.process_time() + self._redis.cpu_seconds() - used
        return _figures(answered, batches, used)


def _writing(server: Server, batches: Sequence[bytes], connections: int, seconds: float) -> Figures:
    used = server.cpu_seconds()
    answered = write(server.port, batches, connections, seconds)
    return _figures(answered, batches, server.cpu_seconds() - used)


def _figures(answered: Answered, batches: Sequence[bytes], used: float) -> Figures:
    points = answered.requests * (batches[0].count(b"\n") + 1)
    return {
        "rate": points / answered.seconds / 1e3,
        "slow": 1e3 * answered.slow,
        "cpu": 1e6 * used / points,
    }


@contextmanager
def _collecting_as_the_web_service() -> Iterator[None]:
    threshold = gc.get_threshold()
    gc.set_threshold(*GC_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*threshold)


@click.command()
@click.option("--batch", multiple=True, type=click.IntRange(1), default=(1, 100, 5_000),
              show_default=True, help="Points in a request.")  # fmt: skip
@click.option("--connections", type=click.IntRange(1), default=1, show_default=True,
              help="Requests that are under way at once.")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(0.1), default=2.0, show_default=True,
              help="Length of each window of measurement.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True,
              help="How often each is measured.")  # fmt: skip
def run(batch: tuple[int, ...], connections: int, seconds: float, rounds: int) -> None:
    """Line protocol to the journal, against InfluxDB."""
    click.echo(f"{machine.describe('gunicorn', 'gevent', 'msgspec', 'redis')}\n")
    with _collecting_as_the_web_service():
        click.echo("\n".join(_parse(rounds)) + "\n")
    missing = [name for name in ("redis-server", "influxd") if shutil.which(name) is None]
    if missing:
        click.echo(f"The writing is not measured: {' and '.join(missing)} is not on PATH.")
        return
    with _collecting_as_the_web_service(), ExitStack() as stack:
        redis = stack.enter_context(servers.redis())
        ours = stack.enter_context(servers.stripchart(redis))
        influx = stack.enter_context(servers.influxdb())
        alone = _Journalling(redis)
        for size in batch:
            batches = lines(size, _BATCHES)
            theirs = Contestant(
                "InfluxDB", partial(_writing, influx, batches, connections, seconds)
            )
            over_http = Contestant(
                "over HTTP", partial(_writing, ours, batches, connections, seconds)
            )
            by_itself = Contestant("without HTTP", partial(alone.measure, batches, seconds))
            for contestant in (over_http, by_itself):
                comparison = in_turns(rounds, [contestant, theirs], contestant.name)
                title = f"batches of {size}"
                click.echo("\n".join(table(title, _WRITE_ROWS, comparison)) + "\n")
