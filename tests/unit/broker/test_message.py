"""Messages: readings in parts, with the points of their series."""

from services.broker import Message
from services.formats.json import decode_entry
from services.point import SeriesPoint
from services.reading import Reading

POINT = SeriesPoint("m", "f", {"a": "b,c"})


def test_each_message_has_the_points_of_its_own_series() -> None:
    readings = [Reading(name, ts, 1.0) for name in ("a", "b") for ts in range(1_000)]
    messages = Message.of(readings, {"a": POINT, "b": None, "c": None})
    decoded = [decode_entry(message.text) for message in messages]
    assert [one.points for one in decoded] == [{"a": POINT}, {"b": None}]
    assert [reading for one in decoded for reading in one.readings] == readings


def test_readings_without_point_get_a_message_of_their_own() -> None:
    readings = [Reading(name, ts, 1.0) for ts in range(3) for name in ("json", "lines")]
    lines, json = Message.of(readings, {"lines": None})
    assert decode_entry(lines.text).points == {"lines": None}
    assert decode_entry(lines.text).readings == readings[1::2]
    assert decode_entry(json.text).points == {}
    assert decode_entry(json.text).readings == readings[::2]
    assert [lines.reading_count, json.reading_count] == [3, 3]


def test_points_of_other_series_change_nothing() -> None:
    readings = [Reading("json", 1, 1.0)]
    assert Message.of(readings, {"lines": None}) == Message.of(readings)
