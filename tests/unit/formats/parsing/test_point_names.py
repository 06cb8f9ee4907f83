"""Series names of fields, and points of series names."""

import pytest

from services.formats.parsing.point_grammar import parse_point
from services.formats.parsing.point_names import PointSeries, point_of_series, series_of_field


def series_of_line(line: str) -> PointSeries:
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
        ("°C,entity_id=a value=1", "°C,entity_id=a", None),
    ],
)  # fmt: skip
def test_field_becomes_series(line: str, name: str, unit: str | None) -> None:
    assert series_of_line(line) == (name, unit)


def test_tags_in_any_order_are_same_series() -> None:
    assert series_of_line("a,b=1,c=2 d=1") == series_of_line("a,c=2,b=1 d=1")
