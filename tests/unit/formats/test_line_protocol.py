"""Line protocol: points made by its grammar are decoded, and invalid lines have a fault."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import OversizedError
from services.formats.line_protocol import decode_lines, encode_lines
from services.formats.parsing.field_series import FieldSeriesCache
from services.formats.parsing.point_times import Precision
from services.formats.parsing.result import (
    MAX_READINGS_PER_TEXT,
    DecodeResult,
    Fault,
)
from services.reading import MAX_AHEAD_MICROSECONDS, MAX_NAME_CHARS, MICROSECONDS, Reading
from tests.support.line_protocol import NOW, STAMP, decode_twice, decode_valid

series_names = st.text(
    st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from(r'\,= #"'),
    min_size=1,
    max_size=MAX_NAME_CHARS,
    # At the start of a text it is the mark of the encoding, and no part of the name.
).filter(lambda name: not name.startswith("\ufeff"))


@given(series_names, st.floats(allow_nan=False, allow_infinity=False), st.integers(0, NOW))
def test_encoded_reading_decodes_to_itself(name: str, value: float, ts: int) -> None:
    expected = Reading(name.rstrip("\\") or "_", ts, value)
    assert decode_valid(encode_lines([Reading(name, ts, value, "V")]).decode()) == [expected]


class TestFields:
    def test_unit_of_home_assistant_is_kept(self) -> None:
        line = f"°C,domain=sensor,entity_id=kitchen value=1 {STAMP}"
        assert decode_valid(line) == [Reading("sensor.kitchen", NOW, 1.0, "°C")]

    def test_unit_of_home_assistant_follows_its_string_field(self) -> None:
        key = "event,domain=sensor,entity_id=kitchen"
        units = ["°C", None, "°F", r"a \"b\"", None]
        lines = [
            f"{key} value=1 {STAMP}"
            if unit is None
            else f'{key} value=1,unit_of_measurement_str="{unit}",battery=5 {STAMP}'
            for unit in units
        ]
        readings = decode_valid("\n".join(lines))
        assert [r.unit for r in readings if r.series == "sensor.kitchen"] == [
            *("°C", None, "°F", 'a "b"', None)
        ]
        assert {r.unit for r in readings if r.series == "sensor.kitchen battery"} == {None}

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("1", 1.0), ("-1.5", -1.5), (".5", 0.5), ("5.", 5.0), ("1e3", 1000.0), ("1E-3", 0.001),
            ("3i", 3.0), ("-3i", -3.0), ("3u", 3.0), ("9223372036854775807i", 2.0**63),
            *[(text, 1.0) for text in ("t", "T", "true", "True", "TRUE")],
            *[(text, 0.0) for text in ("f", "F", "false", "False", "FALSE")],
        ],
    )  # fmt: skip
    def test_number_or_boolean_is_reading(self, text: str, value: float) -> None:
        assert decode_valid(f"a value={text} {STAMP}") == [Reading("a", NOW, value)]

    @pytest.mark.parametrize(
        "text",
        [
            '"x"',
            '""',
            r'"\""',
            r'"\\"',
            '"a b,c=d"',
            '"two\nlines"',
            '"\n\n"',
            r'"\\\" "',
            '"#\n#"',
        ],
    )
    def test_string_is_skipped_and_counted(self, text: str) -> None:
        for fields in (f"s={text},value=1", f"value=1,s={text}"):
            decoded = decode_twice(f"a {fields} {STAMP}\nb value=2 {STAMP}".encode())
            assert decoded.readings == [Reading("a", NOW, 1.0), Reading("b", NOW, 2.0)]
            assert (decoded.faults, decoded.skipped_text_count) == ([], 1)
        assert decode_twice(f"a s={text}".encode()) == DecodeResult([], [], 0, 1)

    def test_line_within_string_is_not_decoded(self) -> None:
        cache = FieldSeriesCache()
        decode_lines(b"b value=1", NOW, cache=cache)
        text = f'a s="\nb value=1 {STAMP}\n",value=2 {STAMP}'
        decoded = decode_lines(text.encode(), NOW, cache=cache)
        assert decoded.readings == [Reading("a", NOW, 2.0)]
        assert (decoded.faults, decoded.skipped_text_count) == ([], 1)

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n \n", " \n", "\n# b value=1\n"])
    def test_blanks_and_comments_between_lines_are_ignored(self, end: str) -> None:
        for stamp in ("", f" {STAMP}"):
            readings = decode_valid(f"a value=1{stamp}{end}  c value=2{stamp}{end}")
            assert readings == [Reading("a", NOW, 1.0), Reading("c", NOW, 2.0)]

    def test_byte_order_mark_is_dropped(self) -> None:
        cache = FieldSeriesCache()
        text = f"a,b=c value=1 {STAMP}\n"
        marked = f"\ufeff{text}\ufeff{text}\ufeff# a comment\n".encode()
        for _ in range(2):
            decoded = decode_lines(marked, NOW, cache=cache)
            assert decoded.readings == [Reading("a,b=c", NOW, 1.0)] * 2
            assert decoded.faults == []

    @pytest.mark.parametrize("text", ["", "\n", "  ", "# nothing", "\r\n\r\n", "\ufeff"])
    def test_text_without_points_has_no_fault(self, text: str) -> None:
        assert decode_valid(text) == []


class TestTimes:
    @pytest.mark.parametrize(
        ("precision", "stamp", "ts"),
        [
            ("ns", "1499", 1), ("ns", "1500", 2), ("us", "7", 7), ("ms", "7", 7_000),
            ("s", "7", 7 * MICROSECONDS), ("m", "7", 420 * MICROSECONDS),
            ("h", "7", 25_200 * MICROSECONDS), ("ns", "0", 0),
            ("auto", "1795342272", NOW // MICROSECONDS * MICROSECONDS),
            ("auto", "1795342272123", NOW // 1_000 * 1_000),
            ("auto", "1795342272123456", NOW), ("auto", STAMP, NOW),
        ],
    )  # fmt: skip
    def test_time_is_converted_by_precision(
        self, precision: Precision, stamp: str, ts: int
    ) -> None:
        assert decode_valid(f"a value=1 {stamp}", precision) == [Reading("a", ts, 1.0)]

    def test_readings_of_one_series_without_time_get_different_times(self) -> None:
        decoded = decode_lines(b"a b=1,c=2\na b=3", NOW, "ns", lambda count: NOW + count)
        assert [r.ts - NOW for r in decoded.readings] == [2, 2, 3]

    def test_time_more_than_ten_minutes_ahead_is_refused(self) -> None:
        assert decode_valid(f"a value=1 {NOW + MAX_AHEAD_MICROSECONDS}", "us")
        decoded = decode_twice(f"a value=1 {NOW + MAX_AHEAD_MICROSECONDS + 1}".encode(), "us")
        assert "10 minutes ahead" in decoded.faults[0].reason


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("cpu", "missing fields"),
        ("cpu ", "missing fields"),
        ("cpu 5", "missing fields"),
        (",a=b c=1", "missing measurement"),
        ("cpu,a= c=1", "missing tag value"),
        ("cpu,a c=1", "missing tag value"),
        ("cpu,=b c=1", "missing tag key"),
        ("cpu, c=1", "missing tag key"),
        ("cpu,a=b=c d=1", "invalid tag format"),
        ("cpu,a=1,a=2 c=1", "duplicate tags"),
        ("cpu =1", "missing field key"),
        ("cpu a=1,", "missing field key"),
        ("cpu a=1,b", "invalid field format"),
        ("cpu a= 5", "missing field value"),
        ("cpu a=,b=1", "missing field value"),
        ("cpu a=one", "invalid number"),
        ("cpu a=tru", "invalid boolean"),
        ("cpu a=1.5i", "invalid number"),
        ("cpu a=-1u", "invalid number"),
        ("cpu a=1_0", "invalid number"),
        ("cpu a=0x1", "invalid number"),
        ("cpu a=nan", "invalid number"),
        ("cpu a=Inf", "invalid number"),
        ("cpu a=1e999", "finite"),
        ('cpu a="x', "unbalanced quotes"),
        ('cpu a="x"y', "invalid field format"),
        ("cpu a=1 noon", "bad timestamp"),
        ("cpu a=1 1.5", "bad timestamp"),
        ("cpu a=1 1 1", "bad timestamp"),
        ("cpu a=1 1_0", "bad timestamp"),
        ("cpu a=1 " + "9" * 5_000, "bad timestamp"),
        ("cpu a=1 -1000", "before 1970"),
        ("cpu a=1 9223372036854775807", "10 minutes ahead"),
        ("c\x07u a=1", "control characters"),
    ],
)
def test_invalid_line_has_fault_and_other_lines_are_decoded(line: str, reason: str) -> None:
    decoded = decode_twice(f"cpu a=1 {STAMP}\n{line}\n\ncpu a=2 {STAMP}".encode())
    assert [r.value for r in decoded.readings] == [1.0, 2.0]
    (fault,) = decoded.faults
    assert fault.item_index == 1
    assert reason in fault.reason


def test_invalid_field_refuses_whole_line() -> None:
    decoded = decode_twice(f"cpu a=1,b=x {STAMP}\ncpu a=1,b=2 {STAMP}".encode())
    assert [r.value for r in decoded.readings] == [1.0, 2.0]
    assert decoded.faults == [Fault(0, "invalid number")]


def test_open_string_refuses_only_its_line() -> None:
    text = f'a b="x,c=1 {STAMP}\na c=1 {STAMP}\na c="y",b=2 {STAMP}'
    decoded = decode_twice(text.encode())
    assert [r.value for r in decoded.readings] == [1.0, 2.0]
    assert decoded.faults == [Fault(0, "invalid field format")]


def test_line_that_is_not_utf8_has_fault() -> None:
    decoded = decode_twice(b"a value=1\n\xff value=2\nb value=3")
    assert [r.series for r in decoded.readings] == ["a", "b"]
    assert decoded.faults == [Fault(1, "not UTF-8")]


def test_full_series_cache_is_emptied() -> None:
    cache = FieldSeriesCache(max_series=10)
    lines = [f"a{i} value=1" for i in range(50)] + [f"a f{i}=1" for i in range(50)]
    decoded = decode_lines("\n".join(lines).encode(), NOW, cache=cache)
    assert len(decoded.readings) == len(decoded.points) == 100
    assert len(cache.entries) <= 10
    assert len(cache.points) <= 10


def test_series_cache_with_long_keys_is_emptied() -> None:
    cache = FieldSeriesCache(max_key_bytes=10_000)
    text = "".join(f"a,b={number:06}{'x' * 1_000} c=1\n" for number in range(50))
    assert len(decode_lines(text.encode(), NOW, cache=cache).points) == 50
    assert len(cache.entries) == len(cache.points) <= 10


class TestUnits:
    @pytest.mark.parametrize(
        ("precision", "other", "stamp"),
        [
            ("ns", "s", 1_763_793_660),
            ("ns", "ms", 1_763_793_660_500),
            ("ns", "us", 1_763_793_660_500_000),
            ("us", "s", 1_763_793_660),
            ("us", "ms", 1_763_793_660_500),
            ("ms", "s", 1_763_793_660),
        ],
    )
    @pytest.mark.parametrize("fields", ["x=1", "x=1,y=2"])
    def test_time_in_coarser_unit_is_refused(
        self, precision: Precision, other: str, stamp: int, fields: str
    ) -> None:
        cache = FieldSeriesCache()
        text = f"a {fields} 0\na {fields} {stamp}\n".encode()
        for _ in range(2):
            decoded = decode_lines(text, NOW, precision, cache=cache, check_units=True)
            assert {reading.ts for reading in decoded.readings} == {0}
            (fault,) = decoded.faults
            assert fault.item_index == 1
            assert fault.reason.endswith(f"looks like {other} (send it with precision={other})")

    @pytest.mark.parametrize(
        ("precision", "stamp"),
        [("ns", 1), ("ns", 10**9), ("ns", 3 * 10**15), ("s", 1_763_793_660), ("m", 1), ("auto", 1)],
    )
    def test_other_time_is_accepted(self, precision: Precision, stamp: int) -> None:
        text = f"a x=1 {stamp}".encode()
        decoded = decode_lines(text, NOW, precision, check_units=True)
        assert decoded.faults == []
        assert decoded == decode_lines(text, NOW, precision)


@pytest.mark.parametrize("line", [b"a b=1,c=2", b"a b=1,c=2 1", b"x", b""])
def test_text_with_too_many_lines_is_refused(line: bytes) -> None:
    with pytest.raises(OversizedError, match="send fewer"):
        decode_lines((line + b"\n") * (MAX_READINGS_PER_TEXT + 1), NOW)


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(b"x\n" * 101, id="one fault each"),
        pytest.param(b"m " + b"f=1," * 101 + b"f=x\n", id="a fault after many fields"),
        pytest.param(b'm f="text"\n' * 101, id="texts"),
    ],
)
@pytest.mark.parametrize("filler_lines", [0, 5_000])
def test_decoding_ends_after_the_maximum_of_faults(bad: bytes, filler_lines: int) -> None:
    text = b"a value=1 1\n" + bad + b"a value=1 1\n" * filler_lines + b"b value=2 1\n"
    decoded, whole = (decode_lines(text, NOW, max_faults=count) for count in (100, 103))
    assert (decoded.is_cut, whole.is_cut) == (True, False)
    assert (decoded.readings[0].series, whole.readings[-1].series) == ("a", "b")


def test_many_open_quotes_are_decoded_in_linear_time() -> None:
    for row in (b'a b="', b'a b="x",c="', b'",c="', b'\\"', b'a b="\\'):
        decode_lines(b"\n".join([row] * 5_000), NOW)
