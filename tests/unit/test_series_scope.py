"""Scopes of access, compared with their selectors one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pattern import SeriesFilter
from services.point import SeriesPoint
from services.series_scope import SeriesScope, SeriesSelector
from services.tag_filter import TagFilter

ATTIC = SeriesPoint("cpu", "load", {"host": "attic"})
HOST = TagFilter.parse([("tag.host", "attic")])
NAMES = ("kitchen", "kitchen.door", "cellar")
TEXTS = st.lists(st.sampled_from([*NAMES, "kitchen*", "*e*"]), max_size=2)


def selector(*texts: str, tags: TagFilter | None = None) -> SeriesSelector:
    return SeriesSelector(SeriesFilter(texts), *([] if tags is None else [tags]))


def test_scope_without_selectors_has_nothing() -> None:
    for scope in (SeriesScope([]), SeriesScope([selector()]), SeriesScope.of_names([])):
        assert not scope.allows("kitchen", ATTIC)
        assert "kitchen" not in scope


def test_names_and_tags_of_a_selector_must_both_match() -> None:
    scope = SeriesScope([selector("cpu*", tags=HOST), selector("kitchen")])
    assert scope.allows("cpu,host=attic", ATTIC)
    assert not scope.allows("cpu,host=attic", None)
    assert not scope.allows("mem,host=attic", ATTIC)
    assert scope.allows("kitchen", None)
    # A name alone says nothing about tags.
    assert "cpu,host=attic" not in scope
    assert "kitchen" in scope
    assert 5 not in scope
    assert scope.has_tags
    assert not SeriesScope.of_names(["kitchen"]).has_tags
    assert scope.comparison_count == 1 + HOST.text_count


@given(st.lists(st.tuples(TEXTS, st.booleans()), max_size=3), st.sampled_from(NAMES))
def test_scope_has_what_any_selector_has(panels: list[tuple[list[str], bool]], name: str) -> None:
    selectors = [selector(*texts, tags=HOST if tagged else None) for texts, tagged in panels]
    scope = SeriesScope(selectors)
    for point in (None, ATTIC):
        expected = any(
            (texts or tagged) and name in SeriesFilter(texts) and (not tagged or point is ATTIC)
            for texts, tagged in panels
        )
        assert scope.allows(name, point) is expected
    assert scope == SeriesScope(reversed(selectors))
    assert hash(scope) == hash(SeriesScope(reversed(selectors)))


@pytest.mark.parametrize(
    "other", [SeriesScope.of_names(["b"]), SeriesScope([selector("a", tags=HOST)]), None]
)
def test_different_scopes_are_not_equal(other: object) -> None:
    assert SeriesScope.of_names(["a"]) != other
