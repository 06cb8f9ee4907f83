"""Kills everything again and again, and says whether a reading is missing.

python -m tests.faults --kills 1000 --readings 1000000 --batch 500
python -m tests.faults --mutants
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
    """Run one campaign. Ends with 1 when anything is wrong, and keeps its folder then."""
    # However it is ended, nothing that it has started stays.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    options = vars(_parser().parse_args())
    if options.pop("mutants"):
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
    whole = Plan()
    parser.add_argument("--kills", type=int, default=whole.kills)
    parser.add_argument("--readings", type=int, default=whole.readings, help="to acknowledge")
    parser.add_argument("--seconds", type=float, default=whole.seconds, help="at most")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--publishers", type=int, default=whole.publishers)
    parser.add_argument("--rate", type=float, default=whole.rate, help="messages a second of each")
    parser.add_argument("--batch", type=int, default=whole.batch, help="most readings in one")
    parser.add_argument("--pause", type=float, default=whole.pause, help="most between faults")
    parser.add_argument("--appendfsync", choices=["everysec", "always"], default="everysec")
    parser.add_argument("--mutants", action="store_true", help="test the checker itself instead")
    return parser


if __name__ == "__main__":
    main()
