"""Untrusted JSON: the lenient decoder accepts many forms, and names the fault of each reading."""

import json
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import MalformedError
from services.formats.json import (
    decode_entry,
    decode_json,
    message_id,
)
from services.formats.parsing.json_stream import CHUNK_BYTES
from services.formats.parsing.result import MAX_FAULTS, Fault
from services.reading import MAX_AHEAD_MICROSECONDS, MICROSECONDS, Reading
from tests.support.json import NOW, decode_valid, only_fault

KITCHEN = Reading("kitchen", NOW, 21.5)


class TestForms:
    def test_single_reading_is_decoded(self) -> None:
        assert decode_valid('{"series":"kitchen","value":21.5}') == [KITCHEN]

    def test_list_is_decoded(self) -> None:
        text = '[{"series":"a","value":1,"ts":1},{"series":"b","value":2,"ts":2,"unit":"°C"}]'
        expected = [Reading("a", MICROSECONDS, 1.0), Reading("b", 2 * MICROSECONDS, 2.0, "°C")]
        assert decode_valid(text) == expected

    def test_message_with_foreign_id_is_decoded(self) -> None:
        text = '{"id":"x:1-0","readings":[{"series":"kitchen","value":21.5}],"more":null}'
        assert decode_valid(text) == [KITCHEN]

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", "\n  \n"])
    def test_document_on_each_line_is_decoded(self, end: str) -> None:
        lines = ['{"series":"a","value":1}', '{"series":"b","value":2}', ""]
        assert decode_valid(end.join(lines)) == [Reading("a", NOW, 1.0), Reading("b", NOW, 2.0)]

    @pytest.mark.parametrize(
        "text",
        [
            json.dumps([{"series": "a", "value": 1}, {"series": "b", "value": 2}], indent=2),
            '{\n"series": "a",\n"value": 1\n}\n{\n"series": "b",\n"value": 2\n}\n',
            '\ufeff[\r\n{"series": "a", "value": 1},\r\n{"series": "b", "value": 2}\r\n]\r\n',
            '\ufeff{"series": "a", "value": 1}\n{"series": "b", "value": 2}',
            '{"series": "a", "value": 1}\n[\n{"series": "b",\n"value": 2}\n]',
        ],
    )
    def test_documents_on_several_lines_are_decoded(self, text: str) -> None:
        assert decode_valid(text) == [Reading("a", NOW, 1.0), Reading("b", NOW, 2.0)]

    def test_lists_and_messages_on_lines_are_decoded(self) -> None:
        text = b'{"series":"a","value":1}\n[{"series":"b","value":2},7]\n{"readings":[]}\nx'
        decoded = decode_json(text, NOW)
        assert [r.series for r in decoded.readings] == ["a", "b"]
        assert [fault.item_index for fault in decoded.faults] == [2, 3]

    def test_empty_list_or_message_has_no_readings(self) -> None:
        assert decode_valid("[]") == []
        assert decode_valid('{"readings":[]}') == []

    def test_line_separator_in_name_does_not_end_line(self) -> None:
        text = '{"series":"a\u2028b","value":1}\n{"series":"c","value":1}'
        assert [r.series for r in decode_valid(text)] == ["a\u2028b", "c"]

    def test_unknown_keys_are_ignored(self) -> None:
        assert decode_valid('{"series":"kitchen","value":21.5,"room":{"floor":[1]}}') == [KITCHEN]

    def test_invalid_items_have_faults_and_others_are_decoded(self) -> None:
        text = '[{"series":"a","value":1},{"series":"a"},7,{"series":"b","value":2}]'
        decoded = decode_json(text.encode(), NOW)
        assert [r.series for r in decoded.readings] == ["a", "b"]
        assert decoded.faults == [
            Fault(1, "value is missing"),
            Fault(2, "a reading must be an object"),
        ]

    def test_malformed_line_has_fault_and_others_are_decoded(self) -> None:
        decoded = decode_json(
            b'{"series":"a","value":1}\n{"series":\n{"series":"b","value":2}', NOW
        )
        assert [r.series for r in decoded.readings] == ["a", "b"]
        assert [fault.item_index for fault in decoded.faults] == [1]
        assert "not JSON" in decoded.faults[0].reason

    @pytest.mark.parametrize(
        ("text", "reason"),
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
    def test_text_without_items_is_refused(self, text: bytes, reason: str) -> None:
        with pytest.raises(MalformedError, match=reason):
            decode_json(text, NOW)
        with pytest.raises(MalformedError, match=reason):
            decode_entry(text)


class TestInvalidReadings:
    @pytest.mark.parametrize(
        ("item", "reason"),
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
    def test_fault_names_broken_rule(self, item: str, reason: str) -> None:
        assert reason in only_fault(item)
        entry = decode_entry(f'{{"readings":[{item}]}}'.encode())
        assert entry.readings == []
        assert len(entry.faults) == 1

    def test_large_integer_is_accepted(self) -> None:
        assert decode_valid(f'{{"series":"a","value":1{"0" * 300}}}') == [Reading("a", NOW, 1e300)]

    def test_fault_quotes_at_most_200_characters(self) -> None:
        reason = only_fault(json.dumps({"series": "a", "value": 1, "ts": "x" * 60_000}))
        assert reason.startswith("ts can't be read")
        assert len(reason) <= 200

    def test_first_faults_are_listed_and_others_counted(self) -> None:
        text = b'[{"series":"a","value":1},' + b"7," * 1_500 + b'{"series":"b","value":1}]'
        decoded = decode_json(text, NOW)
        assert [r.series for r in decoded.readings] == ["a", "b"]
        assert [fault.item_index for fault in decoded.faults] == list(range(1, MAX_FAULTS + 1))
        assert decoded.omitted_fault_count == 500

    @pytest.mark.parametrize("separator", [b",", b"\n"])
    def test_decoding_ends_after_the_maximum_of_faults(self, separator: bytes) -> None:
        good, bad = b'{"series":"kitchen","value":21.5}', separator.join([b"1"] * 100)
        text = separator.join([good, bad, good])
        if separator == b",":
            text = b"[" + text + b"]"
        decoded = decode_json(text, NOW, max_faults=99)
        assert decoded.is_cut
        assert decoded.readings == [KITCHEN]
        decoded = decode_json(text, NOW, max_faults=100)
        assert not decoded.is_cut
        assert len(decoded.readings) == 2

    def test_time_more_than_ten_minutes_ahead_is_refused(self) -> None:
        seconds = (NOW + MAX_AHEAD_MICROSECONDS) / MICROSECONDS
        assert len(decode_valid(f'{{"series":"a","value":1,"ts":{seconds}}}')) == 1
        assert "ahead" in only_fault(f'{{"series":"a","value":1,"ts":{seconds + 0.001}}}')


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("readings"), inner),
    max_leaves=8,
)
keys = st.sampled_from(["series", "ts", "value", "unit"])
similar_to_readings = st.lists(st.dictionaries(keys, json_values), max_size=3)


@given(st.binary() | st.lists(st.binary()).map(b"\n".join))
def test_any_bytes_are_decoded_or_refused(text: bytes) -> None:
    with suppress(MalformedError):
        decode_json(text, NOW)
    with suppress(MalformedError):
        decode_entry(text)


@given(similar_to_readings)
def test_each_item_of_any_json_has_reading_or_fault(items: list[dict[str, object]]) -> None:
    text = json.dumps(items).encode()
    for decoded in (decode_json(text, NOW), decode_entry(b'{"readings":' + text + b"}")):
        assert len(decoded.readings) + len(decoded.faults) == len(items)


@pytest.mark.parametrize(
    ("text", "expected"),
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
def test_id_of_message_is_returned(text: bytes, expected: str | None) -> None:
    assert message_id(text) == expected


def test_id_of_huge_text_is_found_without_its_items() -> None:
    text = b'{"readings":[' + b"1," * (1 << 19) + b'1],"id":"x:1-0"}'
    tracemalloc.start()
    try:
        assert message_id(text) == "x:1-0"
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


class TestMemory:
    def peak_bytes(self, text: bytes) -> int:
        """Return the memory that decoding takes at most."""
        tracemalloc.start()
        try:
            decode_json(text, NOW)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    @pytest.mark.long
    @pytest.mark.parametrize("item", [b"{}", b"1"])
    def test_many_invalid_items_take_little_memory(self, item: bytes) -> None:
        count = CHUNK_BYTES // 2
        assert self.peak_bytes(b"[" + b",".join([item] * count) + b"]") < 1_000_000
        assert self.peak_bytes(b"\n".join([item] * count)) < 1_000_000

    @pytest.mark.long
    def test_object_with_many_keys_takes_little_memory(self) -> None:
        value = b"[" + b"[]," * 500 + b"1]"
        keys = b",".join(b'"%d":%b' % (i, value) for i in range(900))
        assert self.peak_bytes(b'{"series":"a","value":1,' + keys + b"}") < 2_000_000
