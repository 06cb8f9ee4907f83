"""Selection of series by their points, in Python and in SQLite."""

from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, create_engine, insert, select

from services.errors import MalformedError
from services.point import SeriesPoint
from services.store import tables
from services.store.query.selection import where_selected
from services.tag_filter import ALL_TAGS, TagFilter

POINT = SeriesPoint("cpu", "usage", {"host": "attic", "cpu": "cpu0", 'a.b"c': "*"})


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ([], True),
        ([("tag.host", "attic")], True),
        ([("tag.host", "cellar")], False),
        ([("tag.host", "cellar"), ("tag.host", "attic")], True),
        ([("tag.host", "attic"), ("tag.cpu", "cpu1")], False),
        ([("tag.host", "att*")], True),
        ([("tag.host", "*")], True),
        ([("tag.host", "")], False),
        ([("tag.room", "")], True),
        ([("tag.room", "*")], False),
        ([("tag.room", ""), ("tag.room", "attic")], True),
        ([("measurement", "cpu"), ("field", "us*")], True),
        ([("measurement", "mem")], False),
        ([("field", "")], False),
        ([("other", "x"), ("tags.host", "x")], True),
    ],
)
def test_all_conditions_must_hold(parameters: list[tuple[str, str]], expected: bool) -> None:
    assert TagFilter.parse(parameters).matches(POINT) is expected


def test_series_without_point_has_no_tags() -> None:
    assert ALL_TAGS.matches(None)
    assert TagFilter.parse([("tag.host", ""), ("measurement", "")]).matches(None)
    assert not TagFilter.parse([("tag.host", "*")]).matches(None)


def test_equal_conditions_are_equal_filters() -> None:
    texts = [("tag.a", "1"), ("tag.a", "2"), ("field", "x")]
    assert hash(TagFilter.parse(texts)) == hash(TagFilter.parse(texts[::-1]))
    assert TagFilter.parse(texts) == TagFilter.parse(texts[::-1])


@pytest.mark.parametrize(
    "parameters",
    [
        [("tag.", "x")],
        [("tag.a", str(number)) for number in range(100)],
        [(f"tag.{number}", "") for number in range(51)],
        [("tag.a", "x" * 1_025)],
        [("tag." + "x" * 1_025, "")],
    ],
)
def test_filter_beyond_its_bounds_is_refused(parameters: list[tuple[str, str]]) -> None:
    with pytest.raises(MalformedError, match="tag"):
        TagFilter.parse(parameters)


keys = st.sampled_from(["measurement", "field", "tag.a", "tag.a.b", 'tag."', "tag.é*"])
texts = st.text("ab*?[", max_size=3)
points = st.none() | st.builds(
    SeriesPoint,
    st.text("ab", min_size=1, max_size=2),
    st.text("ab", min_size=1, max_size=2),
    st.dictionaries(
        st.sampled_from(["a", "a.b", '"', "é*"]), st.text("ab*[", min_size=1, max_size=2)
    ),
)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """An empty database in memory."""
    engine = create_engine("sqlite://")
    tables.metadata.create_all(engine)
    yield engine
    engine.dispose()


def find(connection: Connection, tags: TagFilter) -> set[int]:
    query = where_selected(select(tables.series.c.id), [], tags)
    return set(connection.execute(query).scalars())


@given(st.lists(st.tuples(keys, texts), max_size=4), st.lists(points, max_size=5))
def test_database_selects_the_same_series(
    engine: Engine, parameters: list[tuple[str, str]], stored: list[SeriesPoint | None]
) -> None:
    tags = TagFilter.parse(parameters)
    rows = [
        {
            "id": number,
            "name": str(number),
            "tags": None if point is None else msgspec.json.encode(point).decode(),
            "created_at": 0,
        }
        for number, point in enumerate(stored)
    ]
    with engine.connect() as connection:
        if rows:
            connection.execute(insert(tables.series), rows)
        expected = {number for number, point in enumerate(stored) if tags.matches(point)}
        assert find(connection, tags) == expected
        connection.rollback()


def test_all_patterns_of_a_tag_share_one_scan_of_the_tags() -> None:
    tags = TagFilter.parse([("tag.a", f"*{number}*") for number in range(20)])
    assert str(where_selected(select(tables.series.c.id), [], tags)).count("json_each(") == 1


@pytest.mark.parametrize("text", ["", "x", "[]", "1", '{"tags":5}'])
def test_unreadable_tags_match_nothing(engine: Engine, text: str) -> None:
    with engine.connect() as connection:
        connection.execute(insert(tables.series).values(id=1, name="a", tags=text, created_at=0))
        assert find(connection, TagFilter.parse([("tag.a", "*")])) == set()
        connection.rollback()
