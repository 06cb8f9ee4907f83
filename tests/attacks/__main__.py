"""Attacks a Stripchart in many ways, and reports what a well-behaved client notices.

python -m tests.attacks --connections 1000
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.attacks.attacks import ATTACKS
from tests.attacks.trial import Trial, trial
from tests.support.redis_server import RedisServer

_REST_SECONDS = 3.0


def main() -> None:
    """Run the attacks. If a bystander is held up in one of them, exit with 1."""
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="stripchart-attacks-") as name:
        folder = Path(name)
        with (
            RedisServer.in_folder(folder / "redis", "--appendfsync", "everysec") as redis,
            trial(folder, redis, options.series) as attacked,
        ):
            are_good = _run(attacked, options)
    sys.exit(0 if are_good else 1)


def _run(attacked: Trial, options: argparse.Namespace) -> bool:
    header = f"{'':26}" + "".join(
        f"{name:>8}" for name in ("viewer", "livez", "readyz", "write", "MB")
    )
    _print(f"{header}\n{'(viewer p95, longest requests in ms)':26}")
    are_good = True
    for attack in options.attack or ATTACKS:
        result = attacked.run(attack, options.connections, options.seconds)
        are_good = are_good and result.is_good
        _print(f"{attack:26}{result}{'' if result.is_good else '  held up'}")
        time.sleep(_REST_SECONDS)
    return are_good


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.attacks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add = parser.add_argument
    add("--attack", choices=list(ATTACKS), action="append", help="one attack only; may be repeated")
    add("--connections", type=int, default=1_000, help="connections of the attacker")
    add("--seconds", type=float, default=10.0, help="duration of each attack")
    add("--series", type=int, default=40_000, help="number of stored series")
    return parser


if __name__ == "__main__":
    main()
