"""Attacks with many connections hold up no other client."""

from collections.abc import Iterator

import pytest

from tests.attacks.trial import Trial, trial
from tests.support.redis_server import RedisServer

pytestmark = [pytest.mark.redis, pytest.mark.long]

# `python -m tests.attacks` checks the real limits. They would fail here on a busy machine.
MAX_SECONDS = 4.0


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """A stack with a thousand series of few readings."""
    folder = tmp_path_factory.mktemp("attacks")
    with RedisServer.in_folder(folder / "redis") as redis, trial(folder, redis, 1_000) as attacked:
        yield attacked


@pytest.mark.parametrize(
    ("attack", "connections"),
    [("dropped-queries", 40), ("small-fault-bodies", 100), ("request-floods", 300)],
)
def test_attack_holds_up_no_other_client(attacked: Trial, attack: str, connections: int) -> None:
    result = attacked.run(attack, connections, seconds=3.0)
    assert max(result.viewer, result.livez, result.readyz, result.write) < MAX_SECONDS, result
    assert result.memory < 400_000_000
