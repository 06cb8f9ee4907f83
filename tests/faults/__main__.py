"""Runs a campaign of faults, and reports whether an acknowledged reading is missing.

python -m tests.faults --kills 1000 --readings 1000000 --batch 500
python -m tests.faults --self-test
"""

import argparse
import random
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from tests.faults import selftest
from tests.faults.campaign import Campaign, Plan


def main() -> None:
    """Run one campaign. If anything is wrong, exit with 1 and keep its folder."""
    # An exception, so that the campaign ends all of its processes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    options = vars(_parser().parse_args())
    if options.pop("self_test"):
        selftest.main()
    plan = Plan(**options)
    folder = Path(tempfile.mkdtemp(prefix="stripchart-faults-"))
    sys.stdout.write(f"seed {plan.seed}, in {folder}\n")
    sys.stdout.flush()
    report = Campaign(plan, folder).run()
    sys.stdout.write(f"{report}\n")
    if not report.clean:
        sys.exit(1)
    shutil.rmtree(folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    default = Plan()
    add = parser.add_argument
    add("--kills", type=int, default=default.kills, help="minimum number of kills")
    add("--readings", type=int, default=default.readings, help="minimum number acknowledged")
    add("--seconds", type=float, default=default.seconds, help="time limit of the faults")
    add("--seed", type=int, default=random.randrange(1_000_000))
    add("--publishers", type=int, default=default.publishers, help="number of HTTP publishers")
    add("--rate", type=float, default=default.rate, help="messages a second of each publisher")
    add("--batch", type=int, default=default.batch, help="maximum number of readings in a message")
    add("--pause", type=float, default=default.pause, help="maximum seconds between two faults")
    add("--appendfsync", choices=["everysec", "always"], default="everysec")
    add("--flush", type=float, default=default.flush, help="STRIPCHART_FLUSH_SECONDS")
    add("--self-test", action="store_true", help="test the checker with mutants instead")
    return parser


if __name__ == "__main__":
    main()
