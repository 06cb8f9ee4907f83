"""Cost of sending each message to a thousand viewers."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Final, NamedTuple

import click

from benchmarks.broadcast.dependencies import MissingDependencyError
from benchmarks.broadcast.load import Publisher, connect_viewers, publish_until_all_receive
from benchmarks.broadcast.servers import (
    LiveServer,
    run_c_server,
    run_redis,
    run_stripchart,
    run_websockets_server,
    run_ws_server,
)
from benchmarks.harness.comparison import (
    Contestant,
    Figures,
    TableRow,
    format_table,
    measure_in_turns,
)
from benchmarks.harness.machine import describe_machine

_ROWS: Final = (
    TableRow("delivered", "delivered within a second, %"),
    TableRow("p50", "from publish to receive, p50, ms", 2),
    TableRow("p99", "the same, p99, ms", 2),
    TableRow("cpu", "CPU for each delivered message, µs", 2),
    TableRow("share", "CPU of the server, % of a core"),
    TableRow("frames", "messages in a frame", 2),
    TableRow("memory", "memory for each viewer, KiB"),
    TableRow("client", "CPU of the load client, % of a core"),
)

_SERVERS: Final[dict[str, Callable[[int], AbstractContextManager[LiveServer]]]] = {
    "Stripchart": run_stripchart,
    "websockets": run_websockets_server,
    "ws": run_ws_server,
    "C": run_c_server,
}


class FanoutLoad(NamedTuple):
    """Load of a server.

    Attributes:
        viewers: Number of viewers that read.
        stalled: Number of further viewers that never read.
        rate: Messages per second.
        readings: Number of readings in each message.
        seconds: Duration of the measurement.
    """

    viewers: int
    stalled: int
    rate: int
    readings: int
    seconds: float


def measure(name: str, load: FanoutLoad) -> Figures:
    """Start a server, connect its viewers, and measure it under a load."""
    with run_redis() as redis_port, _SERVERS[name](redis_port) as server:
        publisher = Publisher(redis_port, load.readings)
        # The memory for a first message and viewer does not count as memory for each viewer.
        with connect_viewers(server, 1) as single_viewer:
            publish_until_all_receive(publisher, single_viewer, load.readings)
            usage_without_viewers = server.usage()
        with connect_viewers(server, load.viewers, load.stalled) as viewers:
            publish_until_all_receive(publisher, viewers, load.viewers * load.readings)
            usage_with_viewers = server.usage()
            message_count = max(1, round(load.rate * load.seconds))
            publisher.publish(load.rate, load.rate)
            viewers.receive(load.rate * load.viewers * load.readings)
            cpu_before = server.usage().cpu_seconds
            publisher.publish(load.rate, message_count)
            expected = message_count * load.viewers * load.readings
            stats = viewers.receive(expected)
            cpu_seconds = server.usage().cpu_seconds - cpu_before
        publisher.close()
    delivered_messages = max(1, stats.readings) / load.readings
    memory_bytes = usage_with_viewers.memory_bytes - usage_without_viewers.memory_bytes
    return {
        "delivered": 100 * stats.in_time / expected,
        "p50": 1e3 * stats.p50,
        "p99": 1e3 * stats.p99,
        "cpu": 1e6 * cpu_seconds / delivered_messages,
        "share": 100 * cpu_seconds / load.seconds,
        "frames": delivered_messages / max(1, stats.frames),
        "memory": memory_bytes / (load.viewers + load.stalled) / 1024,
        "client": 100 * stats.cpu / load.seconds,
    }


def _contestants(names: tuple[str, ...], load: FanoutLoad) -> list[Contestant]:
    """Return the servers that can run on this machine, and print why others can't.

    If the load has stalled viewers, each server is measured with and without them.
    """
    contestants = []
    for name in names:
        try:
            with run_redis() as redis_port, _SERVERS[name](redis_port):
                pass
        except MissingDependencyError as error:
            click.echo(f"Without {name}: {error}")
            continue
        if load.stalled:
            title = f"{name}, {load.stalled} stalled"
            contestants.append(Contestant(title, partial(measure, name, load)))
        without_stalled = load._replace(stalled=0)
        contestants.append(Contestant(name, partial(measure, name, without_stalled)))
    return contestants


@click.command()
@click.option("--viewers", type=click.IntRange(1), default=1000, show_default=True,
              help="Viewers that read.")  # fmt: skip
@click.option("--stalled", type=click.IntRange(0), default=0, show_default=True,
              help="Further viewers that never read; measured with and without them.")  # fmt: skip
@click.option("--rate", type=click.IntRange(1), default=100, show_default=True,
              help="Messages per second.")  # fmt: skip
@click.option("--readings", type=click.IntRange(1), default=1, show_default=True,
              help="Readings in each message.")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(0.1), default=5.0, show_default=True,
              help="Duration of each measurement.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True,
              help="Rounds in which each server is measured once.")  # fmt: skip
@click.option("--server", "names", multiple=True, type=click.Choice(list(_SERVERS)),
              default=tuple(_SERVERS), help="Only this one; may be given many times.")  # fmt: skip
def run(
    *,
    viewers: int,
    stalled: int,
    rate: int,
    readings: int,
    seconds: float,
    rounds: int,
    names: tuple[str, ...],
) -> None:
    """The live relay, against `websockets`, Node's `ws` and C."""
    click.echo(f"{describe_machine('gunicorn', 'gevent', 'flask-sock')}\n")
    load = FanoutLoad(viewers, stalled, rate, readings, seconds)
    title = f"{viewers} viewers, {rate} messages/s of {readings}"
    comparison = measure_in_turns(rounds, _contestants(names, load), title)
    click.echo("\n".join(format_table(title, _ROWS, comparison)) + "\n")
