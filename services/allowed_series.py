"""The series that a token, a share link or a shared view gives access to."""

from collections.abc import Hashable, Iterable
from typing import Final, NamedTuple, Self

from services.pattern import SeriesFilter
from services.point import SeriesPoint
from services.tag_filter import ALL_TAGS, TagFilter


class SeriesSelector(NamedTuple):
    """A condition on series: their name and their point must both match.

    Attributes:
        names: Names and patterns, empty for any name.
        tags: Conditions on the point.
    """

    names: SeriesFilter
    tags: TagFilter = ALL_TAGS


class AllowedSeries:
    """The series that match any of some selectors. Without selectors there are none.

    Two with the same selectors are equal.

    Args:
        selectors: The selectors.

    Attributes:
        selectors: Those with a condition. One without any would select everything.
        comparison_count: Patterns and conditions, with which a series must be compared.
    """

    def __init__(self, selectors: Iterable[SeriesSelector]) -> None:
        self.selectors: Final = tuple(each for each in selectors if each.names.texts or each.tags)
        self.comparison_count: Final = sum(
            each.names.pattern_count + each.tags.text_count for each in self.selectors
        )
        self._key: Final[Hashable] = frozenset(
            (each.names.texts, each.tags) for each in self.selectors
        )

    @classmethod
    def of_names(cls, texts: Iterable[str]) -> Self:
        """Return the series of names and patterns."""
        return cls([SeriesSelector(SeriesFilter(texts))])

    @property
    def texts(self) -> set[str]:
        """The names and patterns of all selectors."""
        return {text for each in self.selectors for text in each.names.texts}

    @property
    def has_tags(self) -> bool:
        """True if the name of a series may not be enough to know whether it is allowed."""
        return any(each.tags for each in self.selectors)

    def allows(self, name: str, point: SeriesPoint | None) -> bool:
        """Return True if a series is allowed; None is a series without a point."""
        for names, tags in self.selectors:
            if name in names and (not tags or tags.matches(point)):
                return True
        return False

    def __contains__(self, name: object) -> bool:
        """Return True if every series of this name is allowed, whatever its point is."""
        return isinstance(name, str) and any(
            name in names and not tags for names, tags in self.selectors
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AllowedSeries) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)
