"""Says whether memory, descriptors and threads of each process stay as they are under load.

python -m tests.resume.soak --minutes 10
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Final, NamedTuple

from tests.conftest import program
from tests.resume.campaign import Services, services
from tests.resume.crowd import Crowd
from tests.support.servers import RedisServer, wait_until

_WARM: Final = 0.25
"""The part of the time that does not count: caches fill, and the crowd comes."""

_LOOK_SECONDS: Final = 2.0
_PATIENCE: Final = 60.0


class Look(NamedTuple):
    """What a process has at a moment. minute: since the beginning; memory: MiB."""

    minute: float
    memory: float
    descriptors: float
    threads: float


def look(pid: int, began: float) -> Look:
    """What this process has now."""
    process = Path("/proc") / str(pid)
    status = dict(
        line.split(":", 1) for line in (process / "status").read_text().splitlines() if ":" in line
    )
    return Look(
        (time.monotonic() - began) / 60,
        int(status["VmRSS"].split()[0]) / 1024,
        len(list((process / "fd").iterdir())),
        int(status["Threads"]),
    )


def slope(looks: list[Look], figure: str) -> float:
    """How fast a figure grows, a minute."""
    minutes = [one.minute for one in looks]
    return statistics.linear_regression(minutes, [getattr(one, figure) for one in looks]).slope


def told(name: str, looks: list[Look]) -> str:
    """A line for a process: each figure in the end, and its slope."""
    counted = looks[int(len(looks) * _WARM) :]
    figures = (
        f"{getattr(counted[-1], figure):.1f} {unit} ({slope(counted, figure):+.3f} a minute)"
        for figure, unit in (("memory", "MiB"), ("descriptors", "files"), ("threads", "threads"))
    )
    return f"{name}: {', '.join(figures)}"


def processes(made: Services) -> dict[str, int]:
    """The processes that are looked at, by name."""
    (web,) = made.webs.values()
    children = Path(f"/proc/{web.pid}/task/{web.pid}/children").read_text().split()
    return {"web": int(children[0])} | {service.name: service.pid for service in made.others}


def soak(made: Services, minutes: float, viewers: int, churn: float) -> list[str]:
    """Watch for so long while viewers come and go; a line for each process."""
    crowd = Crowd(list(made.webs), viewers, seed=1).start()
    wait_until("all are greeted", lambda: crowd.all_greeted, _PATIENCE)
    crowd.churn = churn
    began = time.monotonic()
    watched = processes(made)
    looks: dict[str, list[Look]] = {name: [] for name in watched}
    while time.monotonic() - began < minutes * 60:
        for name, pid in watched.items():
            looks[name].append(look(pid, began))
        time.sleep(_LOOK_SECONDS)
    crowd.stop()
    lines = [f"{crowd.disconnects} viewers came and went"]
    return lines + [told(name, found) for name, found in looks.items()]


def main() -> None:
    """Run it once, and print what was seen."""
    parser = argparse.ArgumentParser(prog="python -m tests.resume.soak", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--viewers", type=int, default=100)
    parser.add_argument("--churn", type=float, default=10.0, help="disconnects a second")
    parser.add_argument("--rate", type=float, default=50.0, help="readings a second and series")
    options = parser.parse_args()
    found = program("redis")
    if found is None:
        sys.exit("redis-server is not on PATH")
    with tempfile.TemporaryDirectory(prefix="stripchart-soak-") as folder:
        redis = RedisServer(found, Path(folder) / "redis")
        redis.start()
        try:
            with services(Path(folder), redis, 1, options.rate) as made:
                lines = soak(made, options.minutes, options.viewers, options.churn)
        finally:
            redis.kill()
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
