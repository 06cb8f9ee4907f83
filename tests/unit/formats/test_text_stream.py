"""Texts in any format are decoded in chunks as they would be at once."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.formats.parsing.result import Fault
from services.formats.text_stream import TextFormat, TextStream, detect_format
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
    stream = TextStream(require_time=True, clock=lambda: NOW)
    decoded = stream.feed(TEXTS[text_format].encode() + b"\n")
    assert [reading.series for reading in decoded.readings] == ["a", "c"]
    missing = {"json": 3, "csv": 2, "lines": 2}[text_format]
    assert Fault(missing, "its time is missing") in decoded.faults
    assert {fault.item_index for fault in decoded.faults} == {missing, *FAULTY_LINES[text_format]}


def test_line_that_never_ends_is_refused() -> None:
    stream = TextStream("csv", clock=lambda: NOW)
    faults = [fault for _ in range(18) for fault in stream.feed(b"x" * (1 << 20)).faults]
    assert faults
    assert all("at most" in fault.reason for fault in faults)
