"""Journal entries as JSON: the strict decoder, and the encoder of messages."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.formats.json import decode_entries, decode_entry, encode_message
from services.formats.parsing.result import DecodeResult, Fault
from services.point import SeriesPoint
from services.reading import MAX_NAME_CHARS, MICROSECONDS, Reading

NOW = 1_795_342_272_123_456
KITCHEN = Reading("kitchen", NOW, 21.5)

# Any character but control characters and surrogates, which are not text.
names = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=MAX_NAME_CHARS)
units = st.none() | st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=50)
readings = st.builds(
    Reading,
    names,
    st.integers(0, 2**33 * MICROSECONDS - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    units,
)


class TestSingleEntry:
    def test_time_in_future_is_accepted(self) -> None:
        later = Reading("a", NOW + 20 * 365 * 86_400 * MICROSECONDS, 1.0)
        assert decode_entry(encode_message([later])) == DecodeResult([later], [])
        with_invalid_item = encode_message([later])[:-2] + b',{"series":"b"}]}'
        decoded = decode_entry(with_invalid_item)
        assert decoded.readings == [later]
        assert decoded.faults == [Fault(1, "value is missing")]

    def test_reading_without_time_has_fault(self) -> None:
        decoded = decode_entry(b'{"readings":[{"series":"a","value":1}]}')
        assert decoded == DecodeResult([], [Fault(0, "ts is missing")])

    def test_id_is_ignored(self) -> None:
        text = b'{"id":"a:1-0",' + encode_message([KITCHEN])[1:]
        assert decode_entry(text) == DecodeResult([KITCHEN], [])

    def test_iso8601_time_is_accepted(self) -> None:
        text = b'{"readings":[{"series":"a","ts":"1970-01-01T00:00:01Z","value":1}]}'
        assert decode_entry(text).readings == [Reading("a", MICROSECONDS, 1.0)]

    @given(st.lists(readings, max_size=5))
    def test_encoded_readings_decode_to_themselves(self, sent: list[Reading]) -> None:
        assert decode_entry(encode_message(sent)) == DecodeResult(sent, [])

    @given(st.lists(readings, max_size=5))
    def test_encoded_readings_are_read_by_other_json_readers(self, sent: list[Reading]) -> None:
        documents = json.loads(encode_message(sent))["readings"]
        assert [
            Reading(r["series"], round(r["ts"] * MICROSECONDS), r["value"], r.get("unit"))
            for r in documents
        ] == sent


class TestManyEntries:
    def test_readings_are_returned_in_order(self) -> None:
        messages = [[KITCHEN, Reading("b", 1, 2.0)], [], [KITCHEN._replace(unit="K")]]
        batch = decode_entries([encode_message(readings) for readings in messages])
        assert batch is not None
        in_order = [reading for readings in messages for reading in readings]
        columns = (batch.series, batch.ts, batch.value, batch.unit)
        assert list(zip(*columns, strict=True)) == in_order

    @pytest.mark.parametrize(
        "text",
        [
            b"",
            b"[]",
            b'{"readings":[{"series":"a","ts":1}]}',
            b'{"readings":[{"series":"a","ts":-1,"value":1}]}',
            b'{"readings":[{"series":"a","ts":1e300,"value":1}]}',
            b'{"readings":[{"series":"","ts":1,"value":1}]}',
            b'{"readings":[{"series":"a","ts":1,"value":1,"unit":"\\n"}]}',
            b'{"readings":[]},{"readings":[]}',
        ],
    )
    def test_entry_in_other_format_makes_result_none(self, text: bytes) -> None:
        message = encode_message([KITCHEN])
        assert decode_entries([message, text, message]) is None


class TestPoints:
    """Points of the series that came in line protocol."""

    SENSOR = SeriesPoint("°C", "value", {"domain": "sensor", "entity_id": "a"})

    def test_points_survive_encoding(self) -> None:
        points = {"kitchen": None, "sensor.a": self.SENSOR}
        readings = [KITCHEN, Reading("sensor.a", NOW, 1.0)]
        text = encode_message(readings, points)
        batch = decode_entries([encode_message([Reading("json", NOW, 1.0)]), text, text])
        assert batch is not None
        assert batch.points == points
        assert decode_entry(text) == DecodeResult(readings, [], points=points)

    def test_only_points_that_do_not_follow_from_names_are_written(self) -> None:
        text = encode_message([KITCHEN], {"kitchen": None, "sensor.a": self.SENSOR})
        assert json.loads(text)["points"] == {
            "sensor.a": {
                "measurement": "°C",
                "field": "value",
                "tags": {"domain": "sensor", "entity_id": "a"},
            }
        }

    @pytest.mark.parametrize(
        "points", [b"null", b"[]", b'{"a":null}', b'{"a":{}}', b'{"a":{"measurement":1}}']
    )
    def test_readings_beside_invalid_points_are_kept(self, points: bytes) -> None:
        text = encode_message([KITCHEN])[:-1] + b',"points":' + points + b"}"
        assert decode_entries([text]) is None
        assert decode_entry(text) == DecodeResult([KITCHEN], [])
