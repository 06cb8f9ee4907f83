"""Texts in any format are decoded in chunks as they would be at once."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.formats.parsing.result import Fault
from services.formats.parsing.table.options import TableOptions
from services.formats.text_stream import TextFormat, TextOptions, TextStream, detect_format
from services.reading import Reading

NOW = 1_795_342_272_123_456

TEXTS: dict[TextFormat, str] = {
    "json": '\n{"series":"a","value":1,"ts":1}\n\n[{"series":"b","value":2},{"value":3}]\nx\n'
    '{"series":"c","value":4,"ts":2}',
    "csv": "time,series,value\n1,a,1\n,b,2\n3,,3\n\nx,d,4\n2,c,4",
    "lines": "# a comment\na value=1 1000000000\nb value=2\nvalue\n\nd value=x\n"
    "c value=4 2000000000",
}
FAULTY_LINES = {"json": [3, 4], "csv": [3, 5], "lines": [3, 5]}


@pytest.mark.parametrize("text_format", TEXTS)
@given(cuts=st.lists(st.integers(0, 120)))
def test_text_in_any_chunks_decodes_to_same_readings(
    text_format: TextFormat, cuts: list[int]
) -> None:
    text = TEXTS[text_format].encode()
    stream = TextStream(clock=lambda: NOW)
    bounds = sorted({0, *(min(cut, len(text)) for cut in cuts), len(text)})
    results = [stream.feed(text[start:end]) for start, end in pairwise(bounds)]
    results.append(stream.finish())
    assert stream.format == text_format
    assert [reading for result in results for reading in result.readings] == [
        Reading("a", 1_000_000, 1.0),
        Reading("b", NOW, 2.0),
        Reading("c", 2_000_000, 4.0),
    ]
    faults = [fault.item_index for result in results for fault in result.faults]
    assert faults == FAULTY_LINES[text_format]


@pytest.mark.parametrize(
    ("text", "text_format"),
    [
        ('{"series":', "json"),
        ("[", "json"),
        ("\ufefftime,series,value", "csv"),
        ("Timestamp,kitchen,cellar", "csv"),
        ("kitchen,21.5", "csv"),
        ("2026-11-22T10:00:00Z,a b,1", "csv"),
        ("cpu,host=a load=1", "lines"),
        ("kitchen value=21.5", "lines"),
        ("# a comment", None),
        ("# a comment, with a comma\nkitchen value=1", "lines"),
        ("# a comment\n\ntime;temp", "csv"),
        ("sep=;", "csv"),
        ("#datatype,string,long", "csv"),
        ("time;temp", "csv"),
        ("time\ttemp\n", "csv"),
        ('"Date","Temperature\n(°C)"', "csv"),
        ("kitchen;cellar value=1", "lines"),
        ("# a comment\n# another\ncpu value=1", "lines"),
        ("Zeit;Temperatur", "csv"),
        ("\n\n  \nkitchen,21.5", "csv"),
        ("", None),
        ("\n \n", None),
    ],
)
def test_first_line_decides_format(text: str, text_format: TextFormat | None) -> None:
    assert detect_format(text.encode()) == text_format


def test_readings_without_time_get_different_times_across_chunks() -> None:
    stream = TextStream(clock=lambda: NOW)
    line = b'{"series":"a","value":1}'
    readings = stream.feed(b"%b\n[%b,%b]\n" % (line, line, line)).readings
    readings += stream.feed(b"%b\n" % line).readings
    assert [reading.ts for reading in readings] == [NOW, NOW + 1, NOW + 2, NOW + 3]


@pytest.mark.parametrize("text_format", TEXTS)
def test_line_without_required_time_has_fault(text_format: TextFormat) -> None:
    options = TextOptions(table=TableOptions(require_time=True))
    stream = TextStream(options, clock=lambda: NOW)
    decoded = stream.feed(TEXTS[text_format].encode() + b"\n")
    assert [reading.series for reading in decoded.readings] == ["a", "c"]
    missing = {"json": 3, "csv": 2, "lines": 2}[text_format]
    item = "item 1: " if text_format == "json" else ""
    assert Fault(missing, f"{item}its time is missing") in decoded.faults
    assert {fault.item_index for fault in decoded.faults} == {missing, *FAULTY_LINES[text_format]}


def test_line_that_never_ends_is_refused() -> None:
    stream = TextStream(TextOptions("csv"), clock=lambda: NOW)
    faults = [fault for _ in range(18) for fault in stream.feed(b"x" * (1 << 20)).faults]
    assert faults
    assert all("at most" in fault.reason for fault in faults)


@pytest.mark.parametrize(
    ("text", "is_noted"),
    [
        ("time|temp\n2026-08-02|21.5\n", True),
        ("2026-08-02 15:30:00 21.5\n", True),
        ("x\ncpu usage=1 1785684600000000000\n", False),
        ('x\ncpu state="on" 1785684600000000000\n', False),
        ("cpu usage=1 1785684600000000000\n", False),
    ],
)
def test_text_without_any_point_has_a_note_with_the_options_that_help(
    text: str, is_noted: bool
) -> None:
    stream = TextStream(clock=lambda: NOW)
    stream.feed(text.encode())
    assert (
        any("--format" in note and "--delimiter '|'" in note for note in stream.notes) is is_noted
    )


class TestOldTimes:
    TEXT = (
        "a value=1 946684799000000000\na value=2 946684800000000000\n"
        "a value=3 1700000000\na value=4\n"
    )

    def decode(self, text: str, *, allow_old: bool = False) -> tuple[list[float], list[Fault]]:
        """Return values and faults of a file."""
        table = TableOptions(is_file=True, require_time=True, allow_old=allow_old)
        decoded = TextStream(TextOptions(table=table), clock=lambda: NOW).feed(text.encode())
        return [reading.value for reading in decoded.readings], decoded.faults

    def test_time_before_2000_is_refused_in_a_file(self) -> None:
        values, faults = self.decode(self.TEXT)
        assert values == [2.0]
        assert [fault.item_index for fault in faults] == [0, 2, 3]
        assert faults[0].reason.startswith("the time 1999-12-31 23:59:59 is before 2000")
        assert "--allow-old" in faults[0].reason
        assert "--precision" in faults[1].reason
        assert faults[2].reason == "its time is missing"

    def test_time_before_2000_is_accepted_if_it_is_allowed(self) -> None:
        values, faults = self.decode(self.TEXT, allow_old=True)
        assert values == [1.0, 2.0, 3.0]
        assert [fault.item_index for fault in faults] == [3]

    def test_time_before_2000_is_accepted_outside_of_files(self) -> None:
        decoded = TextStream(clock=lambda: NOW).feed(self.TEXT.encode())
        assert [reading.value for reading in decoded.readings] == [1.0, 2.0, 3.0, 4.0]

    def test_json_obeys_the_same_rule(self) -> None:
        text = '{"series":"a","value":1,"ts":1}\n{"series":"a","value":2,"time":"2000-01-01"}\n'
        values, faults = self.decode(text)
        assert (values, [fault.item_index for fault in faults]) == ([2.0], [0])
        assert self.decode(text, allow_old=True) == ([1.0, 2.0], [])


@pytest.mark.parametrize(
    ("text", "text_format"),
    [
        ("\n# kept\n\n# until it is known\n a value=1 1000000000\n", "lines"),
        ("# kept\n{\n", "json"),
        ("# kept\ntime,series,value\n1,a,1\n", "csv"),
    ],
)
def test_format_is_found_after_comments_in_chunks(text: str, text_format: TextFormat) -> None:
    stream = TextStream(clock=lambda: NOW)
    for byte in text.encode():
        stream.feed(bytes([byte]))
    assert stream.format == text_format


def test_long_list_on_one_line_is_decoded_before_it_ends() -> None:
    stream, count = TextStream(clock=lambda: NOW), 40_000
    items = ",".join(f'{{"series":"Küche","value":{i},"ts":{i}}}' for i in range(count))
    text, readings, peak = f"[{items}]".encode(), 0, 0
    for start in range(0, len(text), 65_536):
        readings += len(stream.feed(text[start : start + 65_536]).readings)
        peak = max(peak, start // 35 - readings)
    assert peak < 20_000
    last = stream.finish()
    assert readings + len(last.readings) == count
    assert last.faults == []
