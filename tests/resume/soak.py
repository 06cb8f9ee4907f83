"""Reports whether memory, descriptors and threads of each process grow under load.

python -m tests.resume.soak --minutes 10
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Final, NamedTuple

from tests.resume.viewer_pool import ViewerPool
from tests.resume.web_cluster import WebCluster
from tests.support.process_stats import child_pids, status_bytes
from tests.support.redis_server import RedisServer
from tests.support.waiting import wait_until

_WARM_UP_SHARE: Final = 0.25
"""The share of the time that is not evaluated: caches fill, and viewers connect."""

_SAMPLE_SECONDS: Final = 2.0
_MEBIBYTE: Final = 1 << 20


class Sample(NamedTuple):
    """The resources of a process at one moment.

    Attributes:
        minute: The time since the start, in minutes.
        memory: Resident memory in MiB.
        descriptors: Open files.
        threads: Threads.
    """

    minute: float
    memory: float
    descriptors: float
    threads: float


def take_sample(pid: int, start: float) -> Sample:
    """Measure the resources of a process now."""
    process = Path("/proc") / str(pid)
    return Sample(
        (time.monotonic() - start) / 60,
        status_bytes(pid, "VmRSS") / _MEBIBYTE,
        len(list((process / "fd").iterdir())),
        len(list((process / "task").iterdir())),
    )


def slope(samples: list[Sample], figure: str) -> float:
    """Return the growth of a figure per minute."""
    minutes = [sample.minute for sample in samples]
    values = [getattr(sample, figure) for sample in samples]
    return statistics.linear_regression(minutes, values).slope


def describe(name: str, samples: list[Sample]) -> str:
    """Return a line for a process: the last value of each figure, and its growth."""
    evaluated = samples[int(len(samples) * _WARM_UP_SHARE) :]
    figures = (
        f"{getattr(evaluated[-1], figure):.1f} {unit} ({slope(evaluated, figure):+.3f} a minute)"
        for figure, unit in (("memory", "MiB"), ("descriptors", "files"), ("threads", "threads"))
    )
    return f"{name}: {', '.join(figures)}"


def soak(cluster: WebCluster, minutes: float, viewers: int, disconnect_rate: float) -> list[str]:
    """Sample all processes while viewers connect and disconnect. Return a line for each."""
    pool = ViewerPool(cluster.ports, viewers, seed=1).start()
    wait_until("all viewers are greeted", lambda: pool.all_greeted)
    pool.disconnects_per_second = disconnect_rate
    start = time.monotonic()
    (web,) = cluster.webs.values()
    pids = {
        "web": child_pids(web.pid)[0],
        "writer": cluster.writer.pid,
        "producer": cluster.producer.pid,
    }
    samples: dict[str, list[Sample]] = {name: [] for name in pids}
    while time.monotonic() - start < minutes * 60:
        for name, pid in pids.items():
            samples[name].append(take_sample(pid, start))
        time.sleep(_SAMPLE_SECONDS)
    pool.stop()
    lines = [f"{pool.disconnects} viewers connected and disconnected"]
    return lines + [describe(name, own) for name, own in samples.items()]


def main() -> None:
    """Run one soak test and print its lines."""
    options = _parser().parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="stripchart-soak-") as folder,
        RedisServer.in_folder(Path(folder) / "redis") as redis,
        WebCluster(Path(folder), redis, webs=1, rate=options.rate) as cluster,
    ):
        lines = soak(cluster, options.minutes, options.viewers, options.disconnect_rate)
    sys.stdout.write("\n".join(lines) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.resume.soak", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add = parser.add_argument
    add("--minutes", type=float, default=10.0, help="the duration")
    add("--viewers", type=int, default=100, help="number of viewers")
    add("--disconnect-rate", type=float, default=10.0, help="disconnects a second by viewers")
    add("--rate", type=float, default=50.0, help="readings a second of each series")
    return parser


if __name__ == "__main__":
    main()
