"""How long to keep what: the rules of the operator. Without any, everything is kept for ever."""

import re
from fnmatch import translate
from typing import Final, NamedTuple

WHAT: Final = ("raw", "5s", "1min", "15min", "4h")
"""What a rule can be about: the readings, and the tiers of rollups."""

_SECONDS: Final = {"h": 3_600, "d": 86_400, "w": 604_800, "y": 31_557_600}
_BYTES: Final = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}

_AGE: Final = re.compile(r"(\d{1,6})([hdwy])", re.ASCII)
_SIZE: Final = re.compile(r"(\d{1,15})\s*([KMGT]?B|)", re.ASCII)


class Rule(NamedTuple):
    """Keep one tier, or the readings, of some series for so many seconds.

    pattern: a name, or one with `*` for any characters.
    """

    pattern: str
    what: str
    seconds: int

    def fits(self, series: str, what: str) -> bool:
        """Whether it is about this tier of this series."""
        if what != self.what:
            return False
        plain = self.pattern.replace("[", "[[]").replace("?", "[?]")
        return re.fullmatch(translate(plain), series) is not None


class Keep(NamedTuple):
    """What to keep. most_bytes: what the database may fill, 0 for any size."""

    rules: tuple[Rule, ...] = ()
    most_bytes: int = 0

    def has_rule(self, series: str, what: str) -> bool:
        """Whether a tier of a series, or its readings, are not kept for ever."""
        return any(rule.fits(series, what) for rule in self.rules)


def parse_rules(text: str) -> tuple[Rule, ...]:
    """Read `raw=90d, 1min=2y, cpu.*:raw=7d`. Raises ValueError for anything else."""
    return tuple(_rule(part.strip()) for part in text.split(",") if part.strip())


def _rule(text: str) -> Rule:
    left, _, age = text.rpartition("=")
    pattern, _, what = left.rpartition(":")
    found = _AGE.fullmatch(age.strip())
    if found is None or int(found[1]) == 0:
        raise ValueError(f"{text!r} must end in an age like =12h, =90d, =8w or =2y")
    if what.strip() not in WHAT:
        raise ValueError(f"{text!r} must be about one of {', '.join(WHAT)}")
    return Rule(pattern.strip() or "*", what.strip(), int(found[1]) * _SECONDS[found[2]])


def parse_size(text: str) -> int:
    """Read `10GB`; empty is 0. Raises ValueError for anything else."""
    if not text:
        return 0
    found = _SIZE.fullmatch(text.strip().upper())
    if found is None:
        raise ValueError("must be a size like 500MB or 10GB")
    return int(found[1]) * _BYTES[found[2]]
