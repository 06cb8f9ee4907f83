"""How long to keep what, and how much: the operator's rules. Without any, all is kept for ever."""

import re
from fnmatch import translate
from functools import lru_cache
from typing import Final, NamedTuple

TABLES: Final = ("raw", "5s", "1min", "15min", "4h")
"""What a rule can be about: the readings, and the tiers of rollups."""

_SECONDS: Final = {"h": 3_600, "d": 86_400, "w": 604_800, "y": 31_557_600}
_BYTES: Final = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}

_AGE: Final = re.compile(r"(\d{1,6})([hdwy])", re.ASCII)
_SIZE: Final = re.compile(r"(\d{1,15})\s*([KMGT]?B|)", re.ASCII)


class RetentionRule(NamedTuple):
    """Keep one tier, or the readings, of some series: for so long, or so much of all of them.

    pattern: a name, or one with `*` for any characters. seconds: how long, 0 in a rule about the
    size. most_bytes: what that tier of these series together may fill, 0 in one about the age.
    """

    pattern: str
    table: str
    max_age_seconds: int = 0
    max_bytes: int = 0

    def matches(self, series: str, what: str) -> bool:
        """Whether it is about this tier of this series."""
        return what == self.table and _compiled(self.pattern).fullmatch(series) is not None


class RetentionPolicy(NamedTuple):
    """What to keep. most_bytes: what the database may fill, 0 for any size."""

    rules: tuple[RetentionRule, ...] = ()
    max_bytes: int = 0

    def has_rule(self, series: str, what: str) -> bool:
        """Whether a tier of a series, or its readings, are not kept for ever."""
        return any(rule.matches(series, what) for rule in self.rules)

    def max_age_seconds(self, series: str, what: str) -> int:
        """For how long to keep a tier of a series, or its readings; 0 for ever.

        Of the rules about ages the last one that fits counts, whatever those about sizes say.
        """
        fitting = (
            r.max_age_seconds
            for r in reversed(self.rules)
            if r.max_age_seconds and r.matches(series, what)
        )
        return next(fitting, 0)

    def find_size_rule(self, series: str, what: str) -> RetentionRule | None:
        """The rule about sizes that counts: the last one that fits, whatever the ages are."""
        return next(
            (r for r in reversed(self.rules) if r.max_bytes and r.matches(series, what)), None
        )


def parse_retention_rules(text: str) -> tuple[RetentionRule, ...]:
    """Read `raw=90d, 5s=500MB, cpu.*:raw=7d`. Raises ValueError for anything else."""
    return tuple(_rule(part.strip()) for part in text.split(",") if part.strip())


def _rule(text: str) -> RetentionRule:
    left, _, limit = text.rpartition("=")
    pattern, _, what = left.rpartition(":")
    age = _AGE.fullmatch(limit.strip())
    size = _SIZE.fullmatch(limit.strip().upper())
    seconds = int(age[1]) * _SECONDS[age[2]] if age else 0
    most_bytes = int(size[1]) * _BYTES[size[2]] if size and size[2] else 0
    if not seconds and not most_bytes:
        raise ValueError(f"{text!r} must end in an age like =12h or =90d, or a size like =500MB")
    if what.strip() not in TABLES:
        raise ValueError(f"{text!r} must be about one of {', '.join(TABLES)}")
    return RetentionRule(pattern.strip() or "*", what.strip(), seconds, most_bytes)


def parse_size(text: str) -> int:
    """Read `10GB`; empty is 0. Raises ValueError for anything else."""
    if not text:
        return 0
    found = _SIZE.fullmatch(text.strip().upper())
    if found is None:
        raise ValueError("must be a size like 500MB or 10GB")
    return int(found[1]) * _BYTES[found[2]]


def format_retention_rules(rules: tuple[RetentionRule, ...]) -> str:
    """Write what `parse_rules` reads."""
    return ",".join(_rule_text(rule) for rule in rules)


def format_size(size: int) -> str:
    """Write what `parse_size` reads: bytes in their largest unit that divides them, 0 as empty."""
    return _in_largest_unit(size, _BYTES) if size else ""


def _rule_text(rule: RetentionRule) -> str:
    limit = (
        _in_largest_unit(rule.max_age_seconds, _SECONDS)
        if rule.max_age_seconds
        else _in_largest_unit(rule.max_bytes, _BYTES)
    )
    about = rule.table if rule.pattern == "*" else f"{rule.pattern}:{rule.table}"
    return f"{about}={limit}"


def _in_largest_unit(amount: int, units: dict[str, int]) -> str:
    unit = max((u for u in units if amount % units[u] == 0), key=lambda u: (units[u], u))
    return f"{amount // units[unit]}{unit}"


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern.replace("[", "[[]").replace("?", "[?]")))
