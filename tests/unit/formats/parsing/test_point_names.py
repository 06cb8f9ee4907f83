"""Series names of fields, and points of series names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.formats.parsing.point_grammar import parse_point
from services.formats.parsing.point_names import (
    FieldSeries,
    UnstorableSeriesError,
    find_point,
    point_of_series,
    series_of_field,
)
from services.point import SeriesPoint


def series_of_line(line: str) -> FieldSeries:
    """Return the series of the only field of a line."""
    point = parse_point(line)
    (field,) = point.fields
    return series_of_field(point.measurement, point.tags, field.name)


@pytest.mark.parametrize(
    ("name", "point"),
    [
        ("kitchen", "kitchen value"),
        ("Living Room", r"Living\ Room value"),
        ("cpu,host=attic", "cpu,host=attic value"),
        ("cpu,cpu=cpu0,host=attic idle", "cpu,cpu=cpu0,host=attic idle"),
        ("a,c=1,b=2 d", r"a\,c=1\,b=2\ d value"),
        ("#1", r"\#1 value"),
    ],
)
def test_series_name_becomes_escaped_point(name: str, point: str) -> None:
    assert point_of_series(name) == point


@pytest.mark.parametrize(
    ("line", "name", "unit"),
    [
        ("kitchen value=1", "kitchen", None),
        ("weather temperature=1", "weather temperature", None),
        ("cpu,host=attic value=1", "cpu,host=attic", None),
        ("cpu,host=attic,cpu=cpu0 idle=1", "cpu,cpu=cpu0,host=attic idle", None),
        (r"disk\,\ a,path\==a\ b\,c free\ space=1", "disk, a,path==a b,c free space", None),
        (r"a\b,c=\d e=1", r"a\b,c=\d e", None),
        ("°C,domain=sensor,entity_id=kitchen value=1", "sensor.kitchen", "°C"),
        ("°C,domain=sensor,entity_id=kitchen battery=1", "sensor.kitchen battery", None),
        ("°C,domain=sensor,entity_id=a,source=b value=1", "sensor.a,source=b", "°C"),
        ("sensor.a,domain=sensor,entity_id=a value=1", "sensor.a", None),
        ("sensor__power,domain=sensor,entity_id=a value=1", "sensor.a", None),
        ("state,domain=sun,entity_id=sun elevation=1", "sun.sun elevation", None),
        ("event,domain=sensor,entity_id=a value=1", "sensor.a", None),
        ("home_events,domain=sensor,entity_id=a value=1", "sensor.a", None),
        ("°" * 51 + ",domain=sensor,entity_id=a value=1", "sensor.a", None),
        ("°C,entity_id=a value=1", "°C,entity_id=a", None),
    ],
)  # fmt: skip
def test_field_becomes_series(line: str, name: str, unit: str | None) -> None:
    assert series_of_line(line)[:2] == (name, unit)


def test_tags_in_any_order_are_same_series() -> None:
    assert series_of_line("a,b=1,c=2 d=1") == series_of_line("a,c=2,b=1 d=1")


@pytest.mark.parametrize(
    ("line", "point", "is_in_name"),
    [
        ("kitchen value=1", SeriesPoint("kitchen", "value", {}), True),
        ("weather temperature=1", SeriesPoint("weather", "temperature", {}), True),
        ("a,c=1,b=2 d=1", SeriesPoint("a", "d", {"b": "2", "c": "1"}), True),
        (r"a,b=c\ d e=1", SeriesPoint("a", "e", {"b": "c d"}), True),
        (r"a,b=c\ d value=1", SeriesPoint("a", "value", {"b": "c d"}), False),
        (r"a,b=c\,d\=e f=1", SeriesPoint("a", "f", {"b": "c,d=e"}), False),
        (r"a\ b value=1", SeriesPoint("a b", "value", {}), False),
        (
            "°C,domain=sensor,entity_id=a value=1",
            SeriesPoint("°C", "value", {"domain": "sensor", "entity_id": "a"}),
            False,
        ),
    ],
)
def test_series_has_the_point_that_was_sent(
    line: str, point: SeriesPoint, is_in_name: bool
) -> None:
    series = series_of_line(line)
    assert series.point == (None if is_in_name else point)
    assert find_point(series.name, {series.name: series.point}) == point


texts = st.text(st.sampled_from("ab,= é"), min_size=1, max_size=4)


@given(texts, texts, st.dictionaries(texts, texts, max_size=3))
def test_any_point_is_found_by_its_name(measurement: str, field: str, tags: dict[str, str]) -> None:
    series = series_of_field(measurement, tags, field)
    expected = SeriesPoint(measurement, field, tags)
    assert find_point(series.name, {series.name: series.point}) == expected


def test_point_of_another_name_is_not_used() -> None:
    assert find_point("a", {"a": SeriesPoint("b", "value", {})}) is None
    assert find_point("a", {}) is None


def test_name_beyond_the_bound_is_unstorable() -> None:
    assert len(series_of_field("m", {"t": "x" * 1_018}, "f").name) == 1_024
    with pytest.raises(UnstorableSeriesError, match="at most 1024 characters"):
        series_of_field("m", {"t": "x" * 1_019}, "f")
