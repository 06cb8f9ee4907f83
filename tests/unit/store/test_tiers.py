"""Tiers: their names and widths."""

from services.retention_policy import TIER_NAMES
from services.store.tiers import BLOCK_WIDTH, ROLLUPS, TIERS, WIDEST_BUCKET


def test_retention_rules_can_name_every_tier() -> None:
    assert tuple(tier.name for tier in TIERS) == TIER_NAMES


def test_every_width_is_a_multiple_of_the_finer_ones() -> None:
    widths = [tier.width for tier in ROLLUPS]
    assert all(wide % fine == 0 for i, wide in enumerate(widths) for fine in widths[:i])
    assert all(WIDEST_BUCKET % width == 0 for width in (BLOCK_WIDTH, *widths))
