"""LazyReadings counts readings without decoding, and decodes them on first use."""

from hypothesis import given
from hypothesis import strategies as st

from services.broker.lazy_readings import LazyReadings
from services.formats.json import encode_message
from services.point import SeriesPoint
from services.reading import Reading, series_fault, unit_fault

NAMES = st.text(min_size=1, max_size=30).filter(lambda name: series_fault(name) is None)
UNITS = st.none() | st.sampled_from(['"series":', "series", "°C"])
READINGS = st.lists(
    st.builds(
        Reading,
        NAMES | st.sampled_from(['"series":', 'a,"series":"b', "series"]),
        st.integers(0, 2**50),
        st.floats(allow_nan=False, allow_infinity=False),
        UNITS,
    ),
    max_size=20,
)


@given(READINGS)
def test_readings_are_counted_before_they_are_decoded(readings: list[Reading]) -> None:
    assert not any(unit_fault(reading.unit) for reading in readings)
    lazy = LazyReadings(encode_message(readings))
    assert len(lazy) == len(readings)
    assert list(lazy) == readings
    assert len(lazy) == len(readings)
    assert lazy[:2] == readings[:2]


def test_names_in_points_are_not_counted_as_readings() -> None:
    points = {"series": SeriesPoint("series", "series", {"series": '"series":'}), "a": None}
    readings = [Reading("series", 1, 1.0), Reading("a", 1, 1.0)]
    lazy = LazyReadings(encode_message(readings, points))
    assert len(lazy) == 2
    assert lazy.columns.points == points
    assert len(lazy) == 2


def test_malformed_message_has_no_readings() -> None:
    lazy = LazyReadings(b'{"readings":[{"series":')
    assert list(lazy) == []
    assert len(lazy) == 0
