"""Conditions of SQL that select series by names, patterns and tags, as viewers select them."""

from collections.abc import Iterable
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Select, case, func, or_, select

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
        query = query.where(_matches_any(_value(key), values))
    return query


def _value(key: str) -> ColumnElement[str]:
    """Return what a condition is about; NULL for a series that has no such tag."""
    if key in {MEASUREMENT, FIELD}:
        return func.json_extract(_TAGS, f"$.{key}")
    # Unlike a path, a comparison takes any key.
    each = func.json_each(_TAGS, "$.tags").table_valued("key", "value")
    tag = each.c.key == key.removeprefix(TAG_PREFIX)
    return select(each.c.value).where(tag).scalar_subquery()


def _matches_any(value: ColumnElement[str], texts: Iterable[str]) -> ColumnElement[bool]:
    texts = list(texts)
    globs = [value.op("GLOB")(to_glob(text)) for text in texts if is_pattern(text)]
    absent = [value.is_(None)] if "" in texts else []
    return or_(value.in_(texts), *globs, *absent)
