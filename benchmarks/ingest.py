"""Speed of line protocol: parsing it, and writing it to the journal."""

import gc
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Final

import click

from benchmarks.harness.comparison import (
    Contestant,
    Figures,
    TableRow,
    format_table,
    measure_in_turns,
)
from benchmarks.harness.machine import describe_machine
from benchmarks.ingestion.load import WriteStats, percentile_99, write_batches
from benchmarks.ingestion.points import generate_lines
from benchmarks.ingestion.servers import (
    IngestServer,
    run_influxdb,
    run_redis,
    run_stripchart,
)
from services.broker import Broker, Journal, Message
from services.clock import now_microseconds
from services.formats.json import decode_entry, encode_message
from services.formats.line_protocol import decode_lines
from services.settings import Settings
from services.web.main import GC_THRESHOLDS

_BATCH_COUNT: Final = 50

_PARSE_ROWS: Final = (TableRow("rate", "readings, thousand/s"),)
_WRITE_ROWS: Final = (
    TableRow("rate", "points, thousand/s", 2),
    TableRow("p99", "p99 of a request, ms", 2),
    TableRow("cpu", "CPU of the server for each point, µs", 1),
)


def _compare_parsers(rounds: int, reading_count: int) -> list[str]:
    """Compare the parser of line protocol with msgspec's JSON. Return the table."""
    (text,) = generate_lines(reading_count)
    now = now_microseconds()
    message = encode_message(decode_lines(text, now).readings)

    def measure(parse: Callable[[], object]) -> Figures:
        begin = time.process_time()
        parse()
        return {"rate": reading_count / (time.process_time() - begin) / 1e3}

    contestants = [
        Contestant("line protocol", partial(measure, lambda: decode_lines(text, now))),
        Contestant("JSON, by msgspec", partial(measure, lambda: decode_entry(message))),
    ]
    comparison = measure_in_turns(rounds, contestants, "parsing")
    return format_table("parsed, of a core", _PARSE_ROWS, comparison)


class _DirectWriter:
    """Parser and journal in this process, without HTTP."""

    def __init__(self, redis: IngestServer) -> None:
        self._redis = redis
        unlimited = str(1 << 40)
        environment = {
            "REDIS_URL": f"redis://127.0.0.1:{redis.port}/0",
            "STRIPCHART_JOURNAL_MAX_BYTES": unlimited,
            "STRIPCHART_JOURNAL_MAX_ENTRIES": unlimited,
        }
        self._journal = Journal(Broker.connect(Settings.from_environ(environment)))

    def measure(self, batches: Sequence[bytes], seconds: float) -> Figures:
        """Parse and publish batches in turn for some seconds."""
        cpu_before = time.process_time() + self._redis.cpu_seconds()
        durations: list[float] = []
        begin = time.perf_counter()
        while not durations or time.perf_counter() - begin < seconds:
            start = time.perf_counter()
            batch = batches[len(durations) % len(batches)]
            readings = decode_lines(batch, now_microseconds()).readings
            self._journal.publish(Message.of(readings))
            durations.append(time.perf_counter() - start)
        stats = WriteStats(len(durations), time.perf_counter() - begin, percentile_99(durations))
        cpu_seconds = time.process_time() + self._redis.cpu_seconds() - cpu_before
        return _figures(stats, batches, cpu_seconds)


def _measure_http(
    server: IngestServer, batches: Sequence[bytes], connections: int, seconds: float
) -> Figures:
    cpu_before = server.cpu_seconds()
    stats = write_batches(server.port, batches, connections, seconds)
    return _figures(stats, batches, server.cpu_seconds() - cpu_before)


def _figures(stats: WriteStats, batches: Sequence[bytes], cpu_seconds: float) -> Figures:
    point_count = stats.request_count * (batches[0].count(b"\n") + 1)
    return {
        "rate": point_count / stats.seconds / 1e3,
        "p99": 1e3 * stats.p99_seconds,
        "cpu": 1e6 * cpu_seconds / point_count,
    }


@contextmanager
def _gc_of_web_service() -> Iterator[None]:
    """Set the garbage collector's thresholds to those of the web service."""
    thresholds = gc.get_threshold()
    gc.set_threshold(*GC_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


@click.command()
@click.option("--batch", multiple=True, type=click.IntRange(1), default=(1, 100, 5_000),
              show_default=True, help="Points in a request; may be given many times.")  # fmt: skip
@click.option("--connections", type=click.IntRange(1), default=1, show_default=True,
              help="Requests at the same time.")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(0.1), default=2.0, show_default=True,
              help="Duration of each measurement.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True,
              help="Rounds in which each contestant is measured once.")  # fmt: skip
@click.option("--parsed", type=click.IntRange(1), default=100_000, show_default=True,
              help="Readings that are parsed in each measurement.")  # fmt: skip
def run(batch: tuple[int, ...], connections: int, seconds: float, rounds: int, parsed: int) -> None:
    """Line protocol to the journal, against InfluxDB."""
    click.echo(f"{describe_machine('gunicorn', 'gevent', 'msgspec', 'redis')}\n")
    with _gc_of_web_service():
        click.echo("\n".join(_compare_parsers(rounds, parsed)) + "\n")
    missing = [name for name in ("redis-server", "influxd") if shutil.which(name) is None]
    if missing:
        click.echo(f"Writes are not measured: {' and '.join(missing)} is not on PATH.")
        return
    with _gc_of_web_service(), ExitStack() as stack:
        redis = stack.enter_context(run_redis())
        stripchart = stack.enter_context(run_stripchart(redis))
        influxdb = stack.enter_context(run_influxdb())
        direct = _DirectWriter(redis)
        for point_count in batch:
            batches = generate_lines(point_count, _BATCH_COUNT)
            http = partial(_measure_http, batches=batches, connections=connections, seconds=seconds)
            yardstick = Contestant("InfluxDB", partial(http, influxdb))
            for ours in (
                Contestant("over HTTP", partial(http, stripchart)),
                Contestant("without HTTP", partial(direct.measure, batches, seconds)),
            ):
                comparison = measure_in_turns(rounds, [ours, yardstick], ours.name)
                title = f"batches of {point_count}"
                click.echo("\n".join(format_table(title, _WRITE_ROWS, comparison)) + "\n")
