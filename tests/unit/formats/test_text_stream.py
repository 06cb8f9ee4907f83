"""A text that arrives in pieces, in any format."""

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
FAULTS = {"json": [3, 4], "csv": [3, 5], "lines": [3, 5]}


@pytest.mark.parametrize("kind", TEXTS)
@given(cuts=st.lists(st.integers(0, 120)))
def test_it_does_not_matter_where_it_is_cut(kind: TextFormat, cuts: list[int]) -> None:
    text = TEXTS[kind].encode()
    stream = TextStream(clock=lambda: NOW)
    places = sorted({0, *(min(cut, len(text)) for cut in cuts), len(text)})
    parts = [stream.feed(text[start:end]) for start, end in pairwise(places)]
    parts.append(stream.finish())
    assert stream.format == kind
    assert [reading for part in parts for reading in part.readings] == [
        Reading("a", 1_000_000, 1.0),
        Reading("b", NOW, 2.0),
        Reading("c", 2_000_000, 4.0),
    ]
    assert [fault.item_index for part in parts for fault in part.faults] == FAULTS[kind]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ('{"series":', "json"),
        ("[", "json"),
        ("\ufefftime,series,value", "csv"),
        ("Timestamp,kitchen,cellar", "csv"),
        ("kitchen,21.5", "csv"),
        ("2026-11-22T10:00:00Z,a b,1", "csv"),
        ("cpu,host=a load=1", "lines"),
        ("kitchen value=21.5", "lines"),
        ("# a comment", "lines"),
        ("\n\n  \nkitchen,21.5", "csv"),
        ("", None),
        ("\n \n", None),
    ],
)
def test_the_first_line_tells_the_format(line: str, kind: TextFormat | None) -> None:
    assert detect_format(line.encode()) == kind


def test_readings_that_arrive_together_get_times_of_their_own() -> None:
    stream = TextStream(clock=lambda: NOW)
    line = b'{"series":"a","value":1}'
    found = stream.feed(b"%b\n[%b,%b]\n" % (line, line, line)).readings
    found += stream.feed(b"%b\n" % line).readings
    assert [reading.ts for reading in found] == [NOW, NOW + 1, NOW + 2, NOW + 3]


@pytest.mark.parametrize("kind", TEXTS)
def test_where_times_are_needed_lines_without_are_faults(kind: TextFormat) -> None:
    stream = TextStream(past=True, clock=lambda: NOW)
    decoded = stream.feed(TEXTS[kind].encode() + b"\n")
    assert [reading.series for reading in decoded.readings] == ["a", "c"]
    missing = {"json": 3, "csv": 2, "lines": 2}[kind]
    assert Fault(missing, "its time is missing") in decoded.faults
    assert {fault.item_index for fault in decoded.faults} == {missing, *FAULTS[kind]}


def test_a_line_without_an_end_does_not_grow_for_ever() -> None:
    stream = TextStream("csv", clock=lambda: NOW)
    faults = [fault for _ in range(18) for fault in stream.feed(b"x" * (1 << 20)).faults]
    assert faults
    assert all("at most" in fault.reason for fault in faults)
