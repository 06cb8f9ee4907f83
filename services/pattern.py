"""Patterns for series names, in which `*` matches any characters, or none.

Everything else in a pattern is literal: `?` and `[` have no meaning of their own.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from services.errors import MalformedError

WILDCARD: Final = "*"

MAX_PATTERNS: Final = 20
"""Patterns of one request or viewer. Each is compared with the names of all series."""

MAX_PATTERN_CHARS: Final = 256


def is_pattern(text: str) -> bool:
    """Return True if the text is a pattern, and not the name of a single series."""
    return WILDCARD in text


def check_patterns(texts: Iterable[str]) -> None:
    """Check the bounds of a selection that a client asks for. Plain names have no bound here.

    Raises:
        MalformedError: There are too many patterns, or one is too long.
    """
    patterns = {text for text in texts if is_pattern(text)}
    if len(patterns) > MAX_PATTERNS:
        raise MalformedError(
            f"series: at most {MAX_PATTERNS} patterns with * are allowed, not {len(patterns)};"
            " name the series, or leave series out to get all of them"
        )
    if any(len(pattern) > MAX_PATTERN_CHARS for pattern in patterns):
        raise MalformedError(
            f"series: a pattern with * must have at most {MAX_PATTERN_CHARS} characters"
        )


def matches(pattern: str, name: str) -> bool:
    """Return True if a pattern, or a plain name, matches the whole of `name`."""
    return _parsed(pattern).matches(name) if is_pattern(pattern) else pattern == name


def to_glob(pattern: str) -> str:
    """Return the pattern for SQLite's GLOB operator, which matches the same names."""
    return "".join(f"[{char}]" if char in "?[" else char for char in pattern)


class SeriesFilter:
    """A selection of series by names and patterns. An empty one selects every series.

    Attributes:
        texts: The names and patterns, without duplicates.
        names: The plain names among them.
        pattern_count: Number of patterns among them.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = frozenset(texts)
        self.names = frozenset(text for text in self.texts if not is_pattern(text))
        self._patterns = [_Pattern(text) for text in self.texts - self.names]
        self.pattern_count = len(self._patterns)

    def __contains__(self, name: str) -> bool:
        if not self.texts or name in self.names:
            return True
        for pattern in self._patterns:  # noqa: SIM110 (`any` takes nearly twice as long)
            if pattern.matches(name):
                return True
        return False


class _Pattern:
    """A parsed pattern: the parts between its wildcards.

    The first place for each part is always right, because a later one leaves less of the name.
    So no pattern needs a second attempt, as it may in a regular expression.
    """

    __slots__ = ("_middle", "_min_chars", "_prefix", "_suffix")

    def __init__(self, text: str) -> None:
        self._prefix, *middle, self._suffix = text.split(WILDCARD)
        self._middle = [part for part in middle if part]
        self._min_chars = len(text) - text.count(WILDCARD)

    def matches(self, name: str) -> bool:
        prefix, suffix = self._prefix, self._suffix
        if len(name) < self._min_chars or not name.startswith(prefix) or not name.endswith(suffix):
            return False
        start, end = len(prefix), len(name) - len(suffix)
        for part in self._middle:
            start = name.find(part, start, end)
            if start < 0:
                return False
            start += len(part)
        return True


@lru_cache(maxsize=256)
def _parsed(pattern: str) -> _Pattern:
    return _Pattern(pattern)
