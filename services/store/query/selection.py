"""Conditions of SQL that select series by names, patterns and tags, as viewers select them."""

from collections.abc import Iterable
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_

from services.pattern import is_pattern, to_glob
from services.store import tables
from services.tag_filter import FIELD, MEASUREMENT, TAG_PREFIX, TagFilter

S = TypeVar("S", bound=Select[Any])

# Another program may have written anything into this column.
_TAGS: Final = case((func.json_valid(tables.series.c.tags) == 1, tables.series.c.tags))


def where_selected(query: S, patterns: Iterable[str], tags: TagFilter) -> S:
    """Restrict a query to the selected series.

    Args:
        query: A query of the table `series`.
        patterns: Names and patterns, any of which must match; empty for all series.
        tags: Conditions on the points of the series.
    """
    texts = list(patterns)
    if texts:
        query = query.where(_matches_any(tables.series.c.name, texts))
    for key, values in tags.conditions:
        query = query.where(_holds(key, values))
    return query


def _holds(key: str, texts: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that one of the texts matches; an empty one if there is no such tag."""
    if key in {MEASUREMENT, FIELD}:
        value = func.json_extract(_TAGS, f"$.{key}")
        return or_(_matches_any(value, texts), value.is_(None) if "" in texts else false())
    # Unlike a path, a comparison takes any key. All texts share one scan of the tags.
    each = func.json_each(_TAGS, "$.tags").table_valued("key", "value")
    has_tag = and_(each.c.key == key.removeprefix(TAG_PREFIX), each.c.value.is_not(None))
    found = exists().where(has_tag, _matches_any(each.c.value, texts))
    return or_(~exists().where(has_tag), found) if "" in texts else found


def _matches_any(value: ColumnElement[str], texts: Iterable[str]) -> ColumnElement[bool]:
    texts = list(texts)
    globs = [value.op("GLOB")(to_glob(text)) for text in texts if is_pattern(text)]
    return or_(value.in_(texts), *globs)
