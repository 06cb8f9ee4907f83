"""Has many connections of viewers end, in all ways, and says whether a reading is missing.

python -m tests.resume --disconnects 10000
"""

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path

from tests.conftest import program
from tests.resume.campaign import run, services
from tests.support.servers import RedisServer


def main() -> None:
    """Run one campaign. Ends with 1 when anything is wrong, and keeps its folder then."""
    parser = argparse.ArgumentParser(prog="python -m tests.resume", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--disconnects", type=int, default=10_000)
    parser.add_argument("--viewers", type=int, default=100)
    parser.add_argument("--churn", type=float, default=60.0, help="disconnects a second")
    parser.add_argument("--rate", type=float, default=20.0, help="readings a second and series")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    options = parser.parse_args()
    found = program("redis")
    if found is None:
        sys.exit("redis-server is not on PATH")
    folder = Path(tempfile.mkdtemp(prefix="stripchart-resume-"))
    sys.stdout.write(f"seed {options.seed}, in {folder}\n")
    sys.stdout.flush()
    redis = RedisServer(found, folder / "redis")
    redis.start()
    try:
        with services(folder, redis, 2, options.rate) as made:
            report = run(made, options.viewers, options.disconnects, options.churn, options.seed)
    finally:
        redis.kill()
    sys.stdout.write(f"{report}\n")
    if not report.verdict.clean:
        sys.exit(1)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
