"""Which gunicorn worker type the live relay should run on."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import median
from typing import Final, NamedTuple

import click

from benchmarks.harness import machine
from benchmarks.harness.comparison import Contestant, Figures, Row, in_turns, table
from benchmarks.relay.app import slow_query
from benchmarks.relay.audience import Audience
from benchmarks.relay.feed import Feed
from benchmarks.relay.server import RelayServer
from benchmarks.relay.viewers import Received

_START_SECONDS: Final = 20.0
_WARM_FRAMES: Final = 10
_PAUSE_SECONDS: Final = 0.05
_PROBE_ROWS: Final = 200_000

_ROWS: Final = (
    Row("delivered", "delivered within a second, %"),
    Row("p50", "from write to receive, p50, ms", 2),
    Row("p99", "the same, p99, ms", 2),
    Row("cpu", "CPU of the worker for each delivered frame, µs", 2),
    Row("memory", "memory for each viewer, KiB"),
    Row("http", "an HTTP answer meanwhile, p50, ms", 2),
    Row("http_slow", "the same, p95, ms", 2),
    Row("query", "p99 of frames beside slow queries in threads, ms", 2),
    Row("query_here", "p99 of frames beside slow queries in the event loop, ms", 2),
    Row("client", "CPU of the load client, % of a core"),
)


class Load(NamedTuple):
    """What a server is given to do.

    rate: frames a second; seconds: of each window; query_seconds: what a query of query_rows takes.
    """

    viewers: int
    rate: int
    seconds: float
    query_seconds: float
    query_rows: int

    @property
    def frames(self) -> int:
        """Frames of a window."""
        return max(1, round(self.rate * self.seconds))


class Run:
    """One server with its viewers, which is measured in several windows of time."""

    def __init__(self, load: Load, feed: Feed, server: RelayServer, audience: Audience) -> None:
        self._load = load
        self._feed = feed
        self._server = server
        self._audience = audience

    def stream(self) -> Figures:
        """Nothing but frames."""
        before = self._server.usage()
        received = self._window()
        used = self._server.usage().cpu - before.cpu
        expected = self._load.frames * self._load.viewers
        return {
            "delivered": 100 * received.in_time / expected,
            "p50": 1e3 * received.p50,
            "p99": 1e3 * received.p99,
            "cpu": 1e6 * used / max(1, received.frames),
            "client": 100 * received.cpu / self._load.seconds,
        }

    def answers(self) -> Figures:
        """Frames, and small HTTP requests meanwhile."""
        took: list[float] = []
        self._window(lambda: took.append(self._server.answer_seconds()))
        took.sort()
        return {"http": 1e3 * median(took), "http_slow": 1e3 * took[(len(took) - 1) * 95 // 100]}

    def queries(self, path: str) -> float:
        """Frames, and slow queries meanwhile, in half of the time. The p99 of the frames in ms."""

        def ask() -> None:
            self._server.get(f"{path}{self._load.query_rows}")
            time.sleep(self._load.query_seconds)

        return 1e3 * self._window(ask).p99

    def _window(self, beside: Callable[[], object] | None = None) -> Received:
        """Send frames, do something beside it again and again, and see what was received."""
        with ThreadPoolExecutor(1) as pool:
            feeding = pool.submit(self._feed.run, self._load.rate, self._load.frames)
            while beside is not None and not feeding.done():
                beside()
                time.sleep(_PAUSE_SECONDS)
            feeding.result()
        return self._audience.take(self._load.frames * self._load.viewers)


def measure(worker_type: str, load: Load) -> Figures:
    """Start a server of this worker type, and measure it."""
    with Feed() as feed, RelayServer(worker_type, load.viewers, feed.port) as server:
        feed.accept(_START_SECONDS)
        # What is made at the first request is not for a viewer.
        server.get("/answer")
        empty = server.usage()
        with Audience(server.port, load.viewers) as audience:
            feed.run(load.rate, _WARM_FRAMES)
            audience.take(_WARM_FRAMES * load.viewers)
            full = server.usage()
            run = Run(load, feed, server, audience)
            figures = run.stream() | run.answers()
            figures["memory"] = (full.memory - empty.memory) / load.viewers / 1024
            figures["query"] = run.queries("/query?rows=")
            if worker_type == "gevent":
                figures["query_here"] = run.queries("/query?here&rows=")
            return figures


def query_rows(seconds: float) -> int:
    """How many rows make the slow query take about this long on this machine."""
    took = []
    for _ in range(3):
        begin = time.perf_counter()
        slow_query(_PROBE_ROWS)
        took.append(time.perf_counter() - begin)
    return round(_PROBE_ROWS * seconds / min(took))


@click.command()
@click.option("--viewers", multiple=True, type=click.IntRange(1), default=(50, 200, 500),
              show_default=True, help="Viewers; may be given several times.")  # fmt: skip
@click.option("--rate", type=click.IntRange(1), default=100, show_default=True,
              help="Frames a second to each viewer.")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(0.1), default=1.0, show_default=True,
              help="Length of each window of measurement.")  # fmt: skip
@click.option("--query-seconds", type=click.FloatRange(0.001), default=0.3, show_default=True,
              help="How long a slow query takes.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True,
              help="How often each of the two is measured.")  # fmt: skip
def run(
    viewers: tuple[int, ...], rate: int, seconds: float, query_seconds: float, rounds: int
) -> None:
    """The live relay on gevent, against gthread."""
    click.echo(f"{machine.describe('gunicorn', 'gevent', 'flask-sock')}\n")
    rows = query_rows(query_seconds)
    for count in viewers:
        load = Load(count, rate, seconds, query_seconds, rows)
        ours = Contestant("gevent", partial(measure, "gevent", load))
        yardstick = Contestant("gthread", partial(measure, "gthread", load))
        title = f"{count} viewers, {rate} frames/s each"
        comparison = in_turns(rounds, [ours, yardstick], title)
        click.echo("\n".join(table(title, _ROWS, comparison)) + "\n")
