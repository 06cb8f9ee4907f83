"""Campaigns of faults, with each way in which Redis syncs its file, and in which we commit."""

from pathlib import Path

import pytest

from tests.faults.campaign import Campaign, Plan

pytestmark = [pytest.mark.redis, pytest.mark.faults]


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("appendfsync", "flush", "seed"),
    [("everysec", 0.0, 1), ("everysec", 10.0, 2), ("always", 1.0, 3)],
)
def test_faults_lose_no_acknowledged_reading(
    tmp_path: Path, appendfsync: str, flush: float, seed: int
) -> None:
    plan = Plan(
        kills=34,
        readings=7_000,
        seconds=110.0,
        seed=seed,
        appendfsync=appendfsync,
        flush=flush,
    )
    report = Campaign(plan, tmp_path).run()
    assert report.clean, f"\n{report}"
