"""Retention policy: the operator's rules for deleting data by age or size.

Without a rule, nothing is deleted.
"""

import re
from typing import Final, NamedTuple

from services.pattern import WILDCARD, matches

TIER_NAMES: Final = ("raw", "5s", "1min", "15min", "4h")
"""Tiers that a rule can name: the raw readings, and the rollups."""

_AGE_UNITS: Final = {"h": 3_600, "d": 86_400, "w": 604_800, "y": 31_557_600}
"""Seconds in each unit of age. A year has 365.25 days."""

_SIZE_UNITS: Final = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
"""Bytes in each unit of size."""

_AGE: Final = re.compile(r"(\d{1,6})([hdwy])", re.ASCII)
_SIZE: Final = re.compile(r"(\d{1,15})\s*([KMGT]?B|)", re.ASCII)


class RetentionRule(NamedTuple):
    """A limit of age or of size for one tier of some series.

    Attributes:
        pattern: Name or pattern of the series.
        tier: One of TIER_NAMES.
        max_age_seconds: Age from which data is deleted, 0 in a rule about size.
        max_bytes: Size that the tier may have for all these series together, 0 in a rule
            about age.
    """

    pattern: str
    tier: str
    max_age_seconds: int = 0
    max_bytes: int = 0

    def applies_to(self, series: str, tier: str) -> bool:
        """Return True if the rule is about this tier of this series."""
        return tier == self.tier and matches(self.pattern, series)


class RetentionPolicy(NamedTuple):
    """All rules, and a limit for the whole database.

    Of several rules of the same kind for one tier of a series, the last one applies. Rules about
    age and rules about size do not replace each other.

    Attributes:
        rules: Rules about single tiers.
        max_bytes: Size that the database may have, 0 for no limit.
    """

    rules: tuple[RetentionRule, ...] = ()
    max_bytes: int = 0

    def has_rule(self, series: str, tier: str) -> bool:
        """Return True if any rule applies to a tier of a series."""
        return any(rule.applies_to(series, tier) for rule in self.rules)

    def max_age_seconds(self, series: str, tier: str) -> int:
        """Return the age from which a tier of a series is deleted, 0 for no limit."""
        ages = (
            rule.max_age_seconds
            for rule in reversed(self.rules)
            if rule.max_age_seconds and rule.applies_to(series, tier)
        )
        return next(ages, 0)

    def find_size_rule(self, series: str, tier: str) -> RetentionRule | None:
        """Return the rule that limits the size of a tier of a series, None for no limit."""
        rules = (
            rule
            for rule in reversed(self.rules)
            if rule.max_bytes and rule.applies_to(series, tier)
        )
        return next(rules, None)


def parse_retention_rules(text: str) -> tuple[RetentionRule, ...]:
    """Parse rules such as `raw=90d, 5s=500MB, cpu.*:raw=7d`.

    Raises:
        ValueError: A part is not a rule.
    """
    return tuple(_parse_rule(part.strip()) for part in text.split(",") if part.strip())


def format_retention_rules(rules: tuple[RetentionRule, ...]) -> str:
    """Return the text that `parse_retention_rules` parses to the rules."""
    return ",".join(_format_rule(rule) for rule in rules)


def parse_size(text: str) -> int:
    """Parse a size such as `10GB`.

    Returns:
        The size in bytes, 0 for an empty text.

    Raises:
        ValueError: `text` is not a size.
    """
    if not text:
        return 0
    size = _SIZE.fullmatch(text.strip().upper())
    if size is None:
        raise ValueError("must be a size like 500MB or 10GB")
    return int(size[1]) * _SIZE_UNITS[size[2]]


def format_size(size_bytes: int) -> str:
    """Return the text that `parse_size` parses to the size.

    The text has the largest unit that divides the size. It is empty for 0.
    """
    return _in_largest_unit(size_bytes, _SIZE_UNITS) if size_bytes else ""


def _parse_rule(text: str) -> RetentionRule:
    selection, _, limit = text.rpartition("=")
    pattern, _, tier = selection.rpartition(":")
    age = _AGE.fullmatch(limit.strip())
    size = _SIZE.fullmatch(limit.strip().upper())
    max_age_seconds = int(age[1]) * _AGE_UNITS[age[2]] if age else 0
    # A number without a unit is no limit here: it could be an age as well.
    max_bytes = int(size[1]) * _SIZE_UNITS[size[2]] if size and size[2] else 0
    if not max_age_seconds and not max_bytes:
        raise ValueError(f"{text!r} must end in an age like =12h or =90d, or a size like =500MB")
    if tier.strip() not in TIER_NAMES:
        raise ValueError(f"{text!r} must name one of {', '.join(TIER_NAMES)}")
    return RetentionRule(pattern.strip() or WILDCARD, tier.strip(), max_age_seconds, max_bytes)


def _format_rule(rule: RetentionRule) -> str:
    limit = (
        _in_largest_unit(rule.max_age_seconds, _AGE_UNITS)
        if rule.max_age_seconds
        else _in_largest_unit(rule.max_bytes, _SIZE_UNITS)
    )
    selection = rule.tier if rule.pattern == WILDCARD else f"{rule.pattern}:{rule.tier}"
    return f"{selection}={limit}"


def _in_largest_unit(amount: int, units: dict[str, int]) -> str:
    unit = max((u for u in units if amount % units[u] == 0), key=lambda u: (units[u], u))
    return f"{amount // units[unit]}{unit}"
