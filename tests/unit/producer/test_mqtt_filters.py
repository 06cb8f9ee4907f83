"""Topic filters of MQTT."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.producer.mqtt_filters import TopicFilter, group_filters

LEVELS = st.sampled_from(["a", "b", "$a", ""])
TOPICS = st.lists(LEVELS, min_size=1, max_size=4).map("/".join)
FILTERS = st.builds(
    lambda levels, end: TopicFilter.parse("/".join([*levels, *end]) or "#"),
    st.lists(st.one_of(LEVELS, st.just("+")), max_size=3),
    st.sampled_from([[], ["#"]]),
)


def groups(*texts: str) -> list[list[str]]:
    filters = [TopicFilter.parse(text) for text in texts]
    return [[each.text for each in group] for group in group_filters(filters)]


@pytest.mark.parametrize(
    ("filters", "grouped"),
    [
        (["a/b", "a/c", "d/#"], [["a/b", "a/c", "d/#"]]),
        (["a/b", "a/b"], [["a/b"]]),
        (["a/b", "a/+", "a/#", "a"], [["a/#"]]),
        (["home/+/temperature", "#", "home/attic/#"], [["#"]]),
        (["#", "$SYS/#"], [["#", "$SYS/#"]]),
        (["+/b", "$SYS/b"], [["+/b", "$SYS/b"]]),
        (["a/+", "+/b", "c/d"], [["a/+", "c/d"], ["+/b"]]),
        (["a/+/c", "+/b/c", "a/b/+"], [["a/+/c"], ["+/b/c"], ["a/b/+"]]),
        (["+/#", "#"], [["#"]]),
    ],
)
def test_filters_of_a_connection_have_no_topic_in_common(
    filters: list[str], grouped: list[list[str]]
) -> None:
    assert groups(*filters) == grouped


@given(st.lists(FILTERS, max_size=6), TOPICS)
def test_each_topic_matches_at_most_one_filter_of_a_group(
    filters: list[TopicFilter], topic: str
) -> None:
    counts = [
        sum(each.match(topic) is not None for each in group) for group in group_filters(filters)
    ]
    assert all(count <= 1 for count in counts)
    assert any(counts) == any(each.match(topic) for each in filters)


@given(FILTERS, FILTERS, TOPICS)
def test_relations_of_filters_agree_with_their_topics(
    one: TopicFilter, other: TopicFilter, topic: str
) -> None:
    matched = one.match(topic) is not None, other.match(topic) is not None
    if one.covers(other):
        assert matched != (False, True)
    if not one.overlaps(other):
        assert matched != (True, True)


@pytest.mark.parametrize("text", ["", "a/#/b", "a+/b", "a/b#", "$share/group/a"])
def test_invalid_filter_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"empty|level|\$share"):
        TopicFilter.parse(text)


def test_wildcard_does_not_match_topics_of_the_broker() -> None:
    assert TopicFilter.parse("#").match("$SYS/broker/uptime") is None
    assert TopicFilter.parse("+/broker/#").match("$SYS/broker/uptime") is None
    assert TopicFilter.parse("$SYS/#").match("$SYS/broker/uptime") is not None
    assert TopicFilter.parse("a/#").match("a/$SYS") is not None
