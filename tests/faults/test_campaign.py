"""A campaign of faults, once for each way in which Redis syncs its file."""

from pathlib import Path

import pytest

from tests.faults.campaign import Campaign, Plan

pytestmark = [pytest.mark.redis, pytest.mark.faults]


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("appendfsync", "seed"), [("everysec", 1), ("always", 2)])
def test_faults_lose_no_acknowledged_reading(tmp_path: Path, appendfsync: str, seed: int) -> None:
    plan = Plan(kills=50, readings=10_000, seconds=110.0, seed=seed, appendfsync=appendfsync)
    report = Campaign(plan, tmp_path).run()
    assert report.clean, f"\n{report}"
