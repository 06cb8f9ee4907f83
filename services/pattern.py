"""Patterns for series names, in which `*` matches any characters, or none.

Everything else in a pattern is literal: `?` and `[` have no meaning of their own.
"""

import re
from collections.abc import Iterable
from fnmatch import translate
from functools import lru_cache
from typing import Final

WILDCARD: Final = "*"

MAX_CACHED_NAMES: Final = 100_000
"""Names whose result a `SeriesFilter` remembers."""


def is_pattern(text: str) -> bool:
    """Return True if the text is a pattern, and not the name of a single series."""
    return WILDCARD in text


def matches(pattern: str, name: str) -> bool:
    """Return True if a pattern, or a plain name, matches the whole of `name`."""
    return _compiled(pattern).fullmatch(name) is not None


def to_glob(pattern: str) -> str:
    """Return the pattern for SQLite's GLOB operator, which matches the same names."""
    return "".join(f"[{char}]" if char in "?[" else char for char in pattern)


class SeriesFilter:
    """A selection of series by names and patterns. An empty one selects every series.

    Results for patterns are cached, because the same names come again and again.

    Attributes:
        patterns: The names and patterns, without duplicates.
    """

    def __init__(self, patterns: Iterable[str], max_cached: int = MAX_CACHED_NAMES) -> None:
        self.patterns = frozenset(patterns)
        self._wildcards = [_compiled(text) for text in self.patterns if is_pattern(text)]
        self._max_cached = max_cached
        self._cache: dict[str, bool] = {}

    def __contains__(self, name: str) -> bool:
        if not self.patterns or name in self.patterns:
            return True
        if not self._wildcards:
            return False
        selected = self._cache.get(name)
        if selected is None:
            if len(self._cache) >= self._max_cached:
                self._cache.clear()
            selected = any(wildcard.fullmatch(name) for wildcard in self._wildcards)
            self._cache[name] = selected
        return selected


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern.replace("[", "[[]").replace("?", "[?]")))
