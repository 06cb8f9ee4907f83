"""The process of an attacker: python -m tests.attacks.attacker NAME PORT REDIS_PORT CONNECTIONS."""

import asyncio
import sys

from tests.attacks.attacks import Target, attack


def main() -> None:
    """Attack until the process is killed."""
    name, port, redis_port, connections = sys.argv[1:]
    asyncio.run(attack(name, Target(int(port), int(redis_port)), int(connections)))


if __name__ == "__main__":
    main()
