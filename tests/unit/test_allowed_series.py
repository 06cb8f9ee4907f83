"""Allowed series, compared with their selectors one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.allowed_series import AllowedSeries, SeriesSelector
from services.pattern import SeriesFilter
from services.point import SeriesPoint
from services.tag_filter import TagFilter

ATTIC = SeriesPoint("cpu", "load", {"host": "attic"})
HOST = TagFilter.parse([("tag.host", "attic")])
NAMES = ("kitchen", "kitchen.door", "cellar")
TEXTS = st.lists(st.sampled_from([*NAMES, "kitchen*", "*e*"]), max_size=2)


def selector(*texts: str, tags: TagFilter | None = None) -> SeriesSelector:
    return SeriesSelector(SeriesFilter(texts), *([] if tags is None else [tags]))


def test_allowed_series_without_selectors_has_nothing() -> None:
    for allowed in (AllowedSeries([]), AllowedSeries([selector()]), AllowedSeries.of_names([])):
        assert not allowed.allows("kitchen", ATTIC)
        assert "kitchen" not in allowed


def test_names_and_tags_of_a_selector_must_both_match() -> None:
    allowed = AllowedSeries([selector("cpu*", tags=HOST), selector("kitchen")])
    assert allowed.allows("cpu,host=attic", ATTIC)
    assert not allowed.allows("cpu,host=attic", None)
    assert not allowed.allows("mem,host=attic", ATTIC)
    assert allowed.allows("kitchen", None)
    # A name alone says nothing about tags.
    assert "cpu,host=attic" not in allowed
    assert "kitchen" in allowed
    assert 5 not in allowed
    assert allowed.has_tags
    assert not AllowedSeries.of_names(["kitchen"]).has_tags
    assert allowed.comparison_count == 1 + HOST.text_count


@given(st.lists(st.tuples(TEXTS, st.booleans()), max_size=3), st.sampled_from(NAMES))
def test_allowed_series_has_what_any_selector_has(
    panels: list[tuple[list[str], bool]], name: str
) -> None:
    selectors = [selector(*texts, tags=HOST if tagged else None) for texts, tagged in panels]
    allowed = AllowedSeries(selectors)
    for point in (None, ATTIC):
        expected = any(
            (texts or tagged) and name in SeriesFilter(texts) and (not tagged or point is ATTIC)
            for texts, tagged in panels
        )
        assert allowed.allows(name, point) is expected
    assert allowed == AllowedSeries(reversed(selectors))
    assert hash(allowed) == hash(AllowedSeries(reversed(selectors)))


@pytest.mark.parametrize(
    "other", [AllowedSeries.of_names(["b"]), AllowedSeries([selector("a", tags=HOST)]), None]
)
def test_different_series_are_not_equal(other: object) -> None:
    assert AllowedSeries.of_names(["a"]) != other
