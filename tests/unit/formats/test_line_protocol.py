"""Line protocol: made from its grammar and read back, and told what is wrong where it breaks it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import OversizedError
from services.formats import line_protocol
from services.formats.line_protocol import Precision, decode_lines, encode_lines
from services.formats.parsing.point_names import point_of_series
from services.formats.parsing.result import DecodeResult, Fault
from services.reading import MAX_AHEAD_MICROSECONDS, MAX_NAME_CHARS, MICROSECONDS, Reading

NOW = 1_795_342_272_123_456
STAMP = f"{NOW}000"


@pytest.fixture(autouse=True)
def unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """No line has been seen before."""
    monkeypatch.setattr(line_protocol, "_known", {})


def good(text: str, precision: Precision = "ns") -> list[Reading]:
    """The readings of a text without a fault, which is the same when its keys are known."""
    decoded = decode_lines(text.encode(), NOW, precision)
    assert decoded.faults == []
    assert decode_lines(text.encode(), NOW, precision) == decoded
    return decoded.readings


class TestNames:
    """Which series a field belongs to."""

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
    def test_a_field_has_a_series(self, line: str, name: str, unit: str | None) -> None:
        assert good(line) == [Reading(name, NOW, 1.0, unit)]

    def test_the_order_of_tags_does_not_matter(self) -> None:
        assert good(f"a,b=1,c=2 d=1 {STAMP}") == good(f"a,c=2,b=1 d=1 {STAMP}")

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
    def test_a_series_makes_a_point(self, name: str, point: str) -> None:
        assert point_of_series(name) == point

    names = st.text(
        st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from(r'\,= #"'),
        min_size=1,
        max_size=MAX_NAME_CHARS,
    )

    @given(names, st.floats(allow_nan=False, allow_infinity=False), st.integers(0, NOW))
    def test_what_is_encoded_comes_back(self, name: str, value: float, ts: int) -> None:
        expected = Reading(name.rstrip("\\") or "_", ts, value)
        assert good(encode_lines([Reading(name, ts, value, "V")]).decode()) == [expected]


class TestFields:
    """What a line may hold."""

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("1", 1.0), ("-1.5", -1.5), (".5", 0.5), ("5.", 5.0), ("1e3", 1000.0), ("1E-3", 0.001),
            ("3i", 3.0), ("-3i", -3.0), ("3u", 3.0), ("9223372036854775807i", 2.0**63),
            *[(text, 1.0) for text in ("t", "T", "true", "True", "TRUE")],
            *[(text, 0.0) for text in ("f", "F", "false", "False", "FALSE")],
        ],
    )  # fmt: skip
    def test_numbers_and_booleans(self, text: str, value: float) -> None:
        assert good(f"a value={text} {STAMP}") == [Reading("a", NOW, value)]

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
    def test_a_string_is_left_out_and_counted(self, text: str) -> None:
        for fields in (f"s={text},value=1", f"value=1,s={text}"):
            decoded = decode_lines(f"a {fields} {STAMP}\nb value=2 {STAMP}".encode(), NOW)
            assert decoded.readings == [Reading("a", NOW, 1.0), Reading("b", NOW, 2.0)]
            assert decoded[1:] == ([], 0, 1)
        assert decode_lines(f"a s={text}".encode(), NOW) == DecodeResult([], [], 0, 1)

    def test_what_looks_like_a_line_within_a_string_is_none(self) -> None:
        good("b value=1")
        assert good(f'a s="\nb value=1 {STAMP}\n",value=2 {STAMP}') == [Reading("a", NOW, 2.0)]

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n \n", " \n", "\n# b value=1\n"])
    def test_what_may_stand_between_lines(self, end: str) -> None:
        for stamp in ("", f" {STAMP}"):
            found = good(f"a value=1{stamp}{end}  c value=2{stamp}{end}")
            assert found == [Reading("a", NOW, 1.0), Reading("c", NOW, 2.0)]

    @pytest.mark.parametrize("text", ["", "\n", "  ", "# nothing", "\r\n\r\n"])
    def test_nothing_is_no_fault(self, text: str) -> None:
        assert good(text) == []


class TestTimes:
    """What a time counts."""

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
    def test_a_precision(self, precision: Precision, stamp: str, ts: int) -> None:
        assert good(f"a value=1 {stamp}", precision) == [Reading("a", ts, 1.0)]

    def test_lines_without_a_time_stay_distinct(self) -> None:
        decoded = decode_lines(b"a b=1,c=2\na b=3", NOW, "ns", lambda size: NOW + size)
        assert [r.ts - NOW for r in decoded.readings] == [2, 2, 3]

    def test_a_time_may_be_ten_minutes_ahead(self) -> None:
        assert good(f"a value=1 {NOW + MAX_AHEAD_MICROSECONDS}", "us")
        for _ in range(2):
            decoded = decode_lines(
                f"a value=1 {NOW + MAX_AHEAD_MICROSECONDS + 1}".encode(), NOW, "us"
            )
            assert "10 minutes ahead" in decoded.faults[0].reason


@pytest.mark.parametrize(
    ("line", "why"),
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
        (f"{'x' * 200} a=1", "at most 200 characters"),
        ("°" * 51 + ",domain=a,entity_id=b value=1", "unit must have at most 50"),
    ],
)
def test_a_bad_line_is_told_by_its_place_and_harms_nobody(line: str, why: str) -> None:
    text = f"cpu a=1 {STAMP}\n{line}\n\ncpu a=2 {STAMP}"
    for _ in range(2):
        decoded = decode_lines(text.encode(), NOW)
        assert [r.value for r in decoded.readings] == [1.0, 2.0]
        ((place, error),) = decoded.faults
        assert place == 1
        assert why in error


def test_one_bad_field_spoils_its_line_alone() -> None:
    good("cpu a=1,b=2")
    decoded = decode_lines(f"cpu a=1,b=x {STAMP}\ncpu a=1,b=2 {STAMP}".encode(), NOW)
    assert [r.value for r in decoded.readings] == [1.0, 2.0]
    assert decoded.faults == [Fault(0, "invalid number")]


def test_an_open_string_spoils_its_line_alone() -> None:
    text = f'a b="x,c=1 {STAMP}\na c=1 {STAMP}\na c="y",b=2 {STAMP}'
    decoded = decode_lines(text.encode(), NOW)
    assert [r.value for r in decoded.readings] == [1.0, 2.0]
    assert decoded.faults == [Fault(0, "invalid field format")]


def test_what_is_not_utf8_is_one_line() -> None:
    decoded = decode_lines(b"a value=1\n\xff value=2\nb value=3", NOW)
    assert [r.series for r in decoded.readings] == ["a", "b"]
    assert decoded.faults == [Fault(1, "not UTF-8")]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_protocol, "_MOST_KNOWN", 10)
    text = [f"a{i} value=1" for i in range(50)] + [f"a f{i}=1" for i in range(50)]
    assert len(decode_lines("\n".join(text).encode(), NOW).readings) == 100
    assert len(line_protocol._known) <= 10


@pytest.mark.parametrize("line", [b"a b=1,c=2", b"a b=1,c=2 1", b"x", b""])
def test_too_many_are_refused_as_a_whole(line: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.formats.parsing.result.MAX_READINGS_PER_TEXT", 10_000)
    with pytest.raises(OversizedError, match="send fewer"):
        decode_lines(b"\n".join([line] * 11_000), NOW)


def test_hostile_quotes_take_no_time() -> None:
    for row in (b'a b="', b'a b="x",c="', b'",c="', b'\\"', b'a b="\\'):
        decode_lines(b"\n".join([row] * 20_000), NOW)


names = st.text(st.sampled_from('ab=, \\"#°é'), min_size=1, max_size=6).filter(
    lambda text: not text.endswith("\\") and text.lstrip("\\")[:1] != "#" and text.strip() == text
)
numbers = st.floats(allow_nan=False, allow_infinity=False).map(lambda x: (repr(x), x))
integers = st.integers(-(2**63), 2**63 - 1).map(lambda x: (f"{x}i", float(x)))
booleans = st.sampled_from([("t", 1.0), ("False", 0.0)])
strings = st.text(st.sampled_from('a" \\,=\n')).map(
    lambda text: ('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"', None)
)
points = st.tuples(
    names,
    st.dictionaries(names, names, max_size=3),
    st.dictionaries(names, numbers | integers | booleans | strings, min_size=1, max_size=3),
    st.integers(0, NOW),
)


def written(point: tuple[str, dict[str, str], dict[str, Any], int]) -> str:
    """A point by the grammar, as the clients write it."""

    def escaped(text: str) -> str:
        return text.replace(",", "\\,").replace("=", "\\=").replace(" ", "\\ ")

    measurement, tags, fields, ts = point
    key = measurement.replace(",", "\\,").replace(" ", "\\ ")
    key += "".join(f",{escaped(name)}={escaped(text)}" for name, text in tags.items())
    return f"{key} {','.join(f'{escaped(n)}={t}' for n, (t, _) in fields.items())} {ts}000"


@given(st.lists(points, max_size=6))
def test_any_points_are_read_as_they_are(sent: list[Any]) -> None:
    expected = []
    for measurement, tags, fields, ts in sent:
        name = ",".join([measurement, *(f"{k}={v}" for k, v in sorted(tags.items()))])
        expected += [
            Reading(name if field == "value" else f"{name} {field}", ts, value)
            for field, (_, value) in fields.items()
            if value is not None
        ]
    assert good("\n".join(map(written, sent))) == expected


lines = st.text(st.sampled_from('ab1.e+-_ti",= \\\r#\n0'), max_size=30)
plain = st.sampled_from(["a", "a,b=1", "b", ""])
numerals = st.text(st.sampled_from("0123456789.eE+-_i"), max_size=8)
almost = st.builds("{} a={},b={} {}".format, plain, lines, lines, st.just(STAMP) | lines)
alike = st.builds("{} a={} {}".format, plain, numerals, st.just(STAMP) | numerals)


@given(st.lists(lines | almost | alike, max_size=8) | st.lists(alike, min_size=1, max_size=2))
def test_what_is_plain_means_what_the_grammar_says(found: list[str]) -> None:
    """With its key known or not: a plain line is only read faster."""
    decode_lines(b"a a=1,b=1\na,b=1 a=1,b=1\nb a=1,b=1", NOW)
    text = "\n".join(found).encode()
    fast = decode_lines(text, NOW)
    line_protocol._known.clear()
    assert decode_lines(text, NOW) == fast


@given(st.binary() | st.lists(st.binary()).map(b"=1 1\n".join))
def test_any_bytes_are_decoded(text: bytes) -> None:
    decode_lines(text, NOW)
