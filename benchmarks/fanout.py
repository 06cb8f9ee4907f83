"""What it costs to send each message to a thousand viewers."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Final, NamedTuple

import click

from benchmarks.broadcast.load import Publisher, audience, everybody_hears
from benchmarks.broadcast.programs import MissingError
from benchmarks.broadcast.servers import (
    Server,
    c_server,
    redis_server,
    stripchart,
    websockets_server,
    ws_server,
)
from benchmarks.harness import machine
from benchmarks.harness.comparison import Contestant, Figures, Row, in_turns, table

_ROWS: Final = (
    Row("delivered", "delivered within a second, %"),
    Row("p50", "from publish to receive, p50, ms", 2),
    Row("p99", "the same, p99, ms", 2),
    Row("cpu", "CPU for each delivered message, µs", 2),
    Row("share", "CPU of the server, % of a core"),
    Row("frames", "messages in a frame", 2),
    Row("memory", "memory for each viewer, KiB"),
    Row("client", "CPU of the load client, % of a core"),
)

_SERVERS: Final[dict[str, Callable[[int], AbstractContextManager[Server]]]] = {
    "Stripchart": stripchart,
    "websockets": websockets_server,
    "ws": ws_server,
    "C": c_server,
}


class Load(NamedTuple):
    """What a server is given to do. rate: messages a second; readings: in each of them."""

    viewers: int
    stalled: int
    rate: int
    readings: int
    seconds: float


def measure(name: str, load: Load) -> Figures:
    """Start a server with its viewers, and measure it for a while."""
    with redis_server() as redis, _SERVERS[name](redis) as server:
        publisher = Publisher(redis, load.readings)
        # What is made for the first message and viewer is not for each of them.
        with audience(server, 1) as one:
            everybody_hears(publisher, one, 1, load.readings)
            empty = server.usage()
        with audience(server, load.viewers, load.stalled) as watching:
            everybody_hears(publisher, watching, load.viewers, load.readings)
            full = server.usage()
            messages = max(1, round(load.rate * load.seconds))
            publisher.run(load.rate, load.rate)
            watching.take(load.rate * load.viewers * load.readings)
            before = server.usage()
            publisher.run(load.rate, messages)
            received = watching.take(messages * load.viewers * load.readings)
            used = server.usage().cpu - before.cpu
        publisher.close()
    came = max(1, received.messages) / load.readings
    return {
        "delivered": 100 * received.in_time / (messages * load.viewers * load.readings),
        "p50": 1e3 * received.p50,
        "p99": 1e3 * received.p99,
        "cpu": 1e6 * used / came,
        "share": 100 * used / load.seconds,
        "frames": came / max(1, received.frames),
        "memory": (full.memory - empty.memory) / (load.viewers + load.stalled) / 1024,
        "client": 100 * received.cpu / load.seconds,
    }


def _contestants(names: tuple[str, ...], load: Load) -> list[Contestant]:
    """Those that this machine has what they need for; of the others it is said.

    Where viewers are to stall, each is measured without them too.
    """
    found = []
    for name in names:
        try:
            with redis_server() as redis, _SERVERS[name](redis):
                if load.stalled:
                    stalling = f"{name}, {load.stalled} stalled"
                    found.append(Contestant(stalling, partial(measure, name, load)))
                alone = load._replace(stalled=0)
                found.append(Contestant(name, partial(measure, name, alone)))
        except MissingError as error:
            click.echo(f"{name} is left out: {error}")
    return found


@click.command()
@click.option("--viewers", type=click.IntRange(1), default=1000, show_default=True,
              help="Viewers who read.")  # fmt: skip
@click.option("--stalled", type=click.IntRange(0), default=0, show_default=True,
              help="Viewers more who never read; measured with and without them.")  # fmt: skip
@click.option("--rate", type=click.IntRange(1), default=100, show_default=True,
              help="Messages a second.")  # fmt: skip
@click.option("--readings", type=click.IntRange(1), default=1, show_default=True,
              help="Readings in each message.")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(0.1), default=5.0, show_default=True,
              help="Length of each window of measurement.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True,
              help="How often each is measured.")  # fmt: skip
@click.option("--server", "names", multiple=True, type=click.Choice(list(_SERVERS)),
              default=tuple(_SERVERS), help="Only these; may be given several times.")  # fmt: skip
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
    click.echo(f"{machine.describe('gunicorn', 'gevent', 'flask-sock')}\n")
    load = Load(viewers, stalled, rate, readings, seconds)
    title = f"{viewers} viewers, {rate} messages/s of {readings}"
    comparison = in_turns(rounds, _contestants(names, load), title)
    click.echo("\n".join(table(title, _ROWS, comparison)) + "\n")
