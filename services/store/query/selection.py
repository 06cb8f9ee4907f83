"""Conditions of SQL that select series by names, patterns and tags, as viewers select them."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    exists,
    false,
    func,
    or_,
    select,
)

from services.allowed_series import AllowedSeries, SeriesSelector
from services.pattern import is_pattern, to_glob
from services.store import tables
from services.store.sqlite.direct_queries import fetch_all
from services.tag_filter import FIELD, MEASUREMENT, TAG_PREFIX, TagFilter

S = TypeVar("S", bound=Select[Any])

_NAMED: Final = "SELECT id, name, unit FROM series WHERE name IN ({names}) ORDER BY name LIMIT ?"

# Another program may have written anything into this column.
_TAGS: Final = case((func.json_valid(tables.series.c.tags) == 1, tables.series.c.tags))


class SelectedSeries(NamedTuple):
    """A series that a query selects."""

    id: int
    name: str
    unit: str | None


def find_selected(
    connection: Connection,
    patterns: Sequence[str],
    tags: TagFilter,
    limit: int,
    allowed: AllowedSeries | None = None,
) -> list[SelectedSeries]:
    """Return the selected series, ordered by name.

    Args:
        connection: A connection in a transaction.
        patterns: Names and patterns, any of which must match; empty for all series.
        tags: Conditions on the points of the series.
        limit: Number of series at most.
        allowed: The series that may be read, None for all.
    """
    if patterns and not tags and allowed is None and not any(map(is_pattern, patterns)):
        query = _NAMED.format(names=", ".join("?" * len(patterns)))
        rows = fetch_all(connection, query, (*patterns, limit))
        return [SelectedSeries(*row) for row in rows]
    columns = tables.series.c
    every = select(columns.id, columns.name, columns.unit)
    selected = where_selected(every, patterns, tags, allowed)
    found = connection.execute(selected.order_by(columns.name).limit(limit))
    return [SelectedSeries(*row) for row in found]


def where_selected(
    query: S, patterns: Iterable[str], tags: TagFilter, allowed: AllowedSeries | None = None
) -> S:
    """Restrict a query to the selected series.

    Args:
        query: A query of the table `series`.
        patterns: Names and patterns, any of which must match; empty for all series.
        tags: Conditions on the points of the series.
        allowed: The series that may be read, None for all.
    """
    if allowed is not None:
        query = query.where(or_(false(), *map(_meets, allowed.selectors)))
    texts = list(patterns)
    if texts:
        query = query.where(_matches_any(tables.series.c.name, texts))
    for key, values in tags.conditions:
        query = query.where(_holds(key, values))
    return query


def _meets(selector: SeriesSelector) -> ColumnElement[bool]:
    """Return the condition that a series matches a selector."""
    names, tags = selector
    named = [_matches_any(tables.series.c.name, sorted(names.texts))] if names.texts else []
    return and_(*named, *(_holds(key, values) for key, values in tags.conditions))


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
