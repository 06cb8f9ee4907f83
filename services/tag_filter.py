"""Selection of series by their points: `tag.host=attic`, `measurement=cpu`, `field=usage*`."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Self

from services.errors import MalformedError
from services.pattern import is_pattern, matches
from services.point import SeriesPoint

MEASUREMENT: Final = "measurement"
FIELD: Final = "field"
TAG_PREFIX: Final = "tag."

_MAX_TEXTS: Final = 100
"""Names, patterns and keys of one filter. Each is compared with the points of all series."""

_MAX_TEXT_CHARS: Final = 1_024


@dataclass(frozen=True)
class TagFilter:
    """Conditions on the point of a series, all of which must hold. Without any, all series match.

    Attributes:
        conditions: Texts by what they are compared with: `measurement`, `field`, or `tag.` and the
            key of a tag. One of the texts must match: a value, a pattern with `*`, or an empty
            text for a series that has no such tag.
    """

    conditions: frozenset[tuple[str, frozenset[str]]] = field(default_factory=frozenset)

    @classmethod
    def parse(cls, parameters: Iterable[tuple[str, str]]) -> Self:
        """Parse the parameters of a query. Parameters of other names are ignored.

        Raises:
            MalformedError: A key is missing, or the filter has too many or too long texts.
        """
        texts: dict[str, set[str]] = {}
        for name, text in parameters:
            if name in {MEASUREMENT, FIELD} or name.startswith(TAG_PREFIX):
                texts.setdefault(name, set()).add(text)
        if TAG_PREFIX in texts:
            raise MalformedError("a condition on a tag needs its key, as in tag.host=attic")
        count = sum(1 + len(each) for each in texts.values())
        if count > _MAX_TEXTS:
            raise MalformedError(
                f"tags: at most {_MAX_TEXTS} keys and values are allowed, not {count}"
            )
        if any(len(text) > _MAX_TEXT_CHARS for key, each in texts.items() for text in (key, *each)):
            raise MalformedError(
                f"tags: a key or value must have at most {_MAX_TEXT_CHARS} characters"
            )
        return cls(frozenset((key, frozenset(each)) for key, each in texts.items()))

    def __bool__(self) -> bool:
        return bool(self.conditions)

    @property
    def text_count(self) -> int:
        """Number of texts, each of which must be compared with a point."""
        return sum(len(texts) for _, texts in self.conditions)

    @property
    def patterns(self) -> list[str]:
        """The texts that are patterns."""
        return [text for _, texts in self.conditions for text in texts if is_pattern(text)]

    def matches(self, point: SeriesPoint | None) -> bool:
        """Return True if all conditions hold for a point; None is a series without a point."""
        for key, texts in self.conditions:  # noqa: SIM110 (`all` takes nearly twice as long)
            if not _matches_any(texts, _value(point, key)):
                return False
        return True


ALL_TAGS: Final = TagFilter()
"""The filter without conditions, which every series matches."""


def _value(point: SeriesPoint | None, key: str) -> str | None:
    """Return what a condition is about, None if the point has no such tag."""
    if point is None:
        return None
    if key == MEASUREMENT:
        return point.measurement
    if key == FIELD:
        return point.field
    return point.tags.get(key.removeprefix(TAG_PREFIX))


def _matches_any(texts: frozenset[str], value: str | None) -> bool:
    if value is None:
        return "" in texts
    return value in texts or any(matches(text, value) for text in texts if is_pattern(text))
