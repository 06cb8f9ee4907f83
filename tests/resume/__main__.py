"""Ends many connections of viewers in all ways, and reports whether a reading is missing.

python -m tests.resume --disconnects 10000
"""

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path

from tests.resume.campaign import run
from tests.resume.web_cluster import WebCluster
from tests.support.redis_server import RedisServer


def main() -> None:
    """Run one campaign. If anything is wrong, exit with 1 and keep its folder."""
    options = _parser().parse_args()
    folder = Path(tempfile.mkdtemp(prefix="stripchart-resume-"))
    sys.stdout.write(f"seed {options.seed}, in {folder}\n")
    sys.stdout.flush()
    with (
        RedisServer.in_folder(folder / "redis") as redis,
        WebCluster(folder, redis, webs=2, rate=options.rate) as cluster,
    ):
        report = run(
            cluster, options.viewers, options.disconnects, options.disconnect_rate, options.seed
        )
    sys.stdout.write(f"{report}\n")
    if not report.verdict.clean:
        sys.exit(1)
    shutil.rmtree(folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.resume", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add = parser.add_argument
    add("--disconnects", type=int, default=10_000, help="minimum number of ended connections")
    add("--viewers", type=int, default=100, help="number of viewers")
    add("--disconnect-rate", type=float, default=60.0, help="disconnects a second by viewers")
    add("--rate", type=float, default=20.0, help="readings a second of each series")
    add("--seed", type=int, default=random.randrange(1_000_000))
    return parser


if __name__ == "__main__":
    main()
