"""Readings as JSON: what is forgiven, what is refused, and that nothing is changed on the way."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import MalformedError
from services.formats.json import (
    decode_entries,
    decode_entry,
    decode_json,
    encode_message,
    message_id,
)
from services.formats.parsing.result import DecodeResult, Fault
from services.reading import MAX_AHEAD_MICROSECONDS, MAX_NAME_CHARS, MICROSECONDS, Reading

NOW = 1_795_342_272_123_456
KITCHEN = Reading("kitchen", NOW, 21.5)

# Any character but control characters and surrogates, which are no text.
names = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=MAX_NAME_CHARS)
units = st.none() | st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=50)
readings = st.builds(
    Reading,
    names,
    st.integers(0, 2**33 * MICROSECONDS - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    units,
)


def good(text: bytes | str) -> list[Reading]:
    """The readings of a text that has no fault."""
    decoded = decode_json(text.encode() if isinstance(text, str) else text, NOW)
    assert decoded.faults == []
    return decoded.readings


def only_fault(item: str) -> str:
    """What is wrong with one reading, be it sent by a stranger or found in the journal."""
    decoded = decode_json(item.encode(), NOW)
    assert decoded.readings == []
    assert [fault.item_index for fault in decoded.faults] == [0]
    return decoded.faults[0].reason


class TestShapes:
    """What `decode` takes."""

    def test_one_reading(self) -> None:
        assert good('{"series":"kitchen","value":21.5}') == [KITCHEN]

    def test_a_list(self) -> None:
        text = '[{"series":"a","value":1,"ts":1},{"series":"b","value":2,"ts":2,"unit":"°C"}]'
        expected = [Reading("a", MICROSECONDS, 1.0), Reading("b", 2 * MICROSECONDS, 2.0, "°C")]
        assert good(text) == expected

    def test_a_message_with_a_foreign_id(self) -> None:
        text = '{"id":"x:1-0","readings":[{"series":"kitchen","value":21.5}],"more":null}'
        assert good(text) == [KITCHEN]

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", "\n  \n"])
    def test_lines(self, end: str) -> None:
        lines = ['{"series":"a","value":1}', '{"series":"b","value":2}', ""]
        assert good(end.join(lines)) == [Reading("a", NOW, 1.0), Reading("b", NOW, 2.0)]

    def test_nothing_at_all_is_an_empty_list(self) -> None:
        assert good("[]") == []
        assert good('{"readings":[]}') == []

    def test_a_line_separator_inside_a_name_ends_no_line(self) -> None:
        text = '{"series":"a\u2028b","value":1}\n{"series":"c","value":1}'
        assert [r.series for r in good(text)] == ["a\u2028b", "c"]

    def test_unknown_keys_are_ignored(self) -> None:
        assert good('{"series":"kitchen","value":21.5,"room":{"floor":[1]}}') == [KITCHEN]

    def test_a_bad_neighbour_harms_nobody(self) -> None:
        text = '[{"series":"a","value":1},{"series":"a"},7,{"series":"b","value":2}]'
        decoded = decode_json(text.encode(), NOW)
        assert [r.series for r in decoded.readings] == ["a", "b"]
        assert decoded.faults == [
            Fault(1, "value is missing"),
            Fault(2, "a reading must be an object"),
        ]

    def test_a_bad_line_harms_nobody(self) -> None:
        decoded = decode_json(
            b'{"series":"a","value":1}\n{"series":\n{"series":"b","value":2}', NOW
        )
        assert [r.series for r in decoded.readings] == ["a", "b"]
        assert [fault.item_index for fault in decoded.faults] == [1]
        assert "not JSON" in decoded.faults[0].reason

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            (b"", "not JSON"),
            (b"  \n", "not JSON"),
            (b"hello", "not JSON"),
            (b'{"series":"a","value":', "not JSON"),
            (b"21.5", "not a reading"),
            (b'"kitchen"', "not a reading"),
            (b"null", "not a reading"),
            (b"true", "not a reading"),
            (b'{"series":"a\xff","value":1}', "not UTF-8"),
            (b"[" * 100_000, "nested too deeply"),
            (b'{"a":' * 100_000, "nested too deeply"),
            (b'{"readings":[],"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        ],
    )
    def test_what_no_item_can_be_told_from(self, text: bytes, why: str) -> None:
        with pytest.raises(MalformedError, match=why):
            decode_json(text, NOW)
        with pytest.raises(MalformedError, match=why):
            decode_entry(text)


class TestReadings:
    """Which readings are refused, and why."""

    @pytest.mark.parametrize(
        ("item", "why"),
        [
            ("{}", "series is missing"),
            ('{"value":1}', "series is missing"),
            ('{"series":"a"}', "value is missing"),
            ('{"series":null,"value":1}', "series must be a string"),
            ('{"series":"","value":1}', "empty"),
            ('{"series":"a\\u0000","value":1}', "control"),
            ('{"series":"\\ud800","value":1}', "control"),
            ('{"series":"a","value":1,"unit":"\\udfff"}', "control"),
            ('{"series":"a","value":1,"unit":3}', "unit must be a string"),
            ('{"series":"a","value":null}', "must be a number"),
            ('{"series":"a","value":"1"}', "must be a number"),
            ('{"series":"a","value":true}', "must be a number"),
            ('{"series":"a","value":[1]}', "must be a number"),
            ('{"series":"a","value":NaN}', "finite"),
            ('{"series":"a","value":Infinity}', "finite"),
            ('{"series":"a","value":-Infinity}', "finite"),
            ('{"series":"a","value":1e400}', "finite"),
            (f'{{"series":"a","value":1{"0" * 399}}}', "finite"),
            (f'{{"series":"a","value":1{"0" * 9999}}}', "finite"),
            ('{"series":"a","value":1,"ts":true}', "ts must be a number of seconds"),
            ('{"series":"a","value":1,"ts":[1]}', "ts must be a number of seconds"),
            ('{"series":"a","value":1,"ts":"noon"}', "ts can't be read"),
            ('{"series":"a","value":1,"ts":""}', "ts can't be read"),
            ('{"series":"a","value":1,"ts":NaN}', "ts can't be read"),
            ('{"series":"a","value":1,"ts":1e400}', "ts can't be read"),
            (f'{{"series":"a","value":1,"ts":1{"0" * 9999}}}', "ts can't be read"),
            (f'{{"series":"a","value":1,"ts":1{"0" * 399}}}', "10 minutes ahead"),
            ('{"series":"a","value":1,"ts":-1}', "before 1970"),
            ('{"series":"a","value":1,"ts":"1969-12-31T23:59:59Z"}', "before 1970"),
        ],
    )
    def test_a_fault_names_what_is_wrong(self, item: str, why: str) -> None:
        assert why in only_fault(item)
        entry = decode_entry(f'{{"readings":[{item}]}}'.encode())
        assert entry.readings == []
        assert len(entry.faults) == 1

    def test_a_large_whole_number_is_a_value(self) -> None:
        assert good(f'{{"series":"a","value":1{"0" * 300}}}') == [Reading("a", NOW, 1e300)]

    def test_a_time_may_be_ten_minutes_ahead(self) -> None:
        seconds = (NOW + MAX_AHEAD_MICROSECONDS) / MICROSECONDS
        assert len(good(f'{{"series":"a","value":1,"ts":{seconds}}}')) == 1
        assert "ahead" in only_fault(f'{{"series":"a","value":1,"ts":{seconds + 0.001}}}')


class TestTimes:
    """What `ts` may be."""

    @pytest.mark.parametrize(
        ("ts", "microseconds"),
        [
            ("1795342272", 1_795_342_272_000_000),
            ("1795342272.123457", 1_795_342_272_123_457),
            ("0", 0),
            ("1e9", 1_000_000_000_000_000),
            ('"2026-11-22T10:11:12.123457Z"', 1_795_342_272_123_457),
            ('"2026-11-22 11:11:12+01:00"', 1_795_342_272_000_000),
            ('"2026-11-22T10:11:12"', 1_795_342_272_000_000),
            ("null", NOW),
        ],
    )
    def test_a_number_or_iso8601_or_null(self, ts: str, microseconds: int) -> None:
        assert good(f'{{"series":"a","value":1,"ts":{ts}}}')[0].ts == microseconds

    def test_readings_of_one_series_without_a_time_stay_distinct(self) -> None:
        items = [{"series": name, "value": i} for i, name in enumerate(["a", "b", "a", "b", "a"])]
        stamped = good(json.dumps(items))
        assert [r.ts - NOW for r in stamped] == [0, 0, 1, 1, 2]
        assert len({(r.series, r.ts) for r in stamped}) == len(items)

    def test_lines_without_a_time_stay_distinct(self) -> None:
        assert [r.ts - NOW for r in good('{"series":"a","value":1}\n' * 3)] == [0, 1, 2]


class TestEntries:
    """Journal entries, which were judged before they were acknowledged."""

    def test_the_future_is_not_judged_again(self) -> None:
        later = Reading("a", NOW + 20 * 365 * 86_400 * MICROSECONDS, 1.0)
        assert decode_entry(encode_message([later])) == DecodeResult([later], [])
        with_bad_neighbour = encode_message([later])[:-2] + b',{"series":"b"}]}'
        decoded = decode_entry(with_bad_neighbour)
        assert decoded.readings == [later]
        assert decoded.faults == [Fault(1, "value is missing")]

    def test_a_time_is_never_made_up(self) -> None:
        decoded = decode_entry(b'{"readings":[{"series":"a","value":1}]}')
        assert decoded == DecodeResult([], [Fault(0, "ts is missing")])

    def test_an_id_is_no_harm(self) -> None:
        text = b'{"id":"a:1-0",' + encode_message([KITCHEN])[1:]
        assert decode_entry(text) == DecodeResult([KITCHEN], [])

    def test_a_time_as_text_is_read(self) -> None:
        text = b'{"readings":[{"series":"a","ts":"1970-01-01T00:00:01Z","value":1}]}'
        assert decode_entry(text).readings == [Reading("a", MICROSECONDS, 1.0)]

    @given(st.lists(readings, max_size=5))
    def test_what_is_encoded_comes_back_to_the_microsecond(self, sent: list[Reading]) -> None:
        assert decode_entry(encode_message(sent)) == DecodeResult(sent, [])

    @given(st.lists(readings, max_size=5))
    def test_other_programs_read_the_same(self, sent: list[Reading]) -> None:
        found = json.loads(encode_message(sent))["readings"]
        assert [
            Reading(r["series"], round(r["ts"] * MICROSECONDS), r["value"], r.get("unit"))
            for r in found
        ] == sent


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("readings"), inner),
    max_leaves=8,
)
keys = st.sampled_from(["series", "ts", "value", "unit"])
almost = st.lists(st.dictionaries(keys, json_values), max_size=3)


@given(st.binary() | st.lists(st.binary()).map(b"\n".join))
def test_any_bytes_are_decoded_or_malformed(text: bytes) -> None:
    with suppress(MalformedError):
        decode_json(text, NOW)
    with suppress(MalformedError):
        decode_entry(text)


@given(almost)
def test_any_json_is_decoded_item_by_item(items: list[dict[str, object]]) -> None:
    text = json.dumps(items).encode()
    for decoded in (decode_json(text, NOW), decode_entry(b'{"readings":' + text + b"}")):
        assert len(decoded.readings) + len(decoded.faults) == len(items)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b'{"id":"a:1-0","readings":[]}', "a:1-0"),
        (b'{"readings":[],"id":"a:1-0"}', "a:1-0"),
        (b'{"id":7}', None),
        (b"[]", None),
        (b"{}", None),
        (b"nonsense", None),
        (b"\xff", None),
        (b"[" * 100_000, None),
    ],
)
def test_the_id_of_a_message(text: bytes, found: str | None) -> None:
    assert message_id(text) == found


class TestManyEntries:
    """Entries that are read at once are read as each of them would be alone."""

    def test_they_are_read_in_their_order(self) -> None:
        messages = [[KITCHEN, Reading("b", 1, 2.0)], [], [KITCHEN._replace(unit="K")]]
        found = decode_entries([encode_message(readings) for readings in messages])
        assert found is not None
        in_order = [reading for readings in messages for reading in readings]
        columns = (found.series, found.ts, found.value, found.unit)
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
    def test_one_that_is_not_ours_sends_all_of_them_back(self, text: bytes) -> None:
        ours = encode_message([KITCHEN])
        assert decode_entries([ours, text, ours]) is None
