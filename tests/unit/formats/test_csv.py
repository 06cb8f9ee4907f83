"""CSV tables of every form are decoded, and encoded readings decode to themselves."""

import csv
import io
from contextlib import suppress
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import MalformedError
from services.formats.csv import CsvDecoder, decode_csv, encode_csv
from services.formats.parsing.result import Fault
from services.formats.parsing.table.header_names import is_name
from services.formats.parsing.table.options import TableOptions
from services.reading import MAX_NAME_CHARS, MICROSECONDS, Reading

NOW = 1_795_342_272_123_456

# Spaces around a name are not part of it.
texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=MAX_NAME_CHARS)
# A number, a time or a missing value is never read as a name or a unit.
names = texts.map(str.strip).filter(is_name)
units = st.none() | names.filter(lambda text: len(text) <= 50)
readings = st.builds(
    Reading,
    names,
    st.integers(0, NOW),
    st.floats(allow_nan=False, allow_infinity=False),
    units,
)


def decode_valid(text: str) -> list[Reading]:
    """Return the readings of a table that has no fault."""
    decoded = decode_csv(text.encode(), NOW)
    assert decoded.faults == []
    return decoded.readings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kitchen,21.5", [Reading("kitchen", NOW, 21.5)]),
        ("kitchen, 21.5 \r\n\r\n", [Reading("kitchen", NOW, 21.5)]),
        ("1.5,kitchen,21.5", [Reading("kitchen", 1_500_000, 21.5)]),
        ("1970-01-01T00:00:01Z,a,-1e3,°C\n", [Reading("a", MICROSECONDS, -1000.0, "°C")]),
        ("value,series\n2,a\n3,b", [Reading("a", NOW, 2.0), Reading("b", NOW, 3.0)]),
        ("\ufeffTimestamp,Name,Value\n1,a,2", [Reading("a", MICROSECONDS, 2.0)]),
        ("time,note,series,value,unit\n,x,a,2,", [Reading("a", NOW, 2.0)]),
        ('"a, ""b""",1', [Reading('a, "b"', NOW, 1.0)]),
        ("time,a,b\n1,2,3\n2,,4\n", [
            Reading("a", MICROSECONDS, 2.0),
            Reading("b", MICROSECONDS, 3.0),
            Reading("b", 2 * MICROSECONDS, 4.0),
        ]),
        ("a,1\na,2", [Reading("a", NOW, 1.0), Reading("a", NOW + 1, 2.0)]),
        ("'=a,1", [Reading("=a", NOW, 1.0)]),
        ("", []),
        ("series,value\n", []),
    ],
)  # fmt: skip
def test_table_is_decoded(text: str, expected: list[Reading]) -> None:
    assert decode_valid(text) == expected


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1,a,x,V", "'x' is not a number"),
        ("1,a,inf,V", "'inf' is not a finite number"),
        ("1,a,1e999,V", "'1e999' is not a finite number"),
        ("1,a,1_0,V", "'1_0' has separators"),
        ("1,a,0x10,V", "'0x10' is not a number"),
        ("1,a,\uff11\uff12,V", "is not a number"),
        ("1,21.37,1,V", "'21.37' is a value, and can't be the name"),
        ("1,nan,1,V", "'nan' is a value, and can't be the name"),
        ("1,2026-08-02,1,V", "is a value, and can't be the name"),
        ("1,a,1,1013.25", "1013.25 is no unit"),
        ("1,,1,V", "name of the series is missing"),
        ("1,a\x00,1,V", "series must not contain control"),
        ("noon,a,1,V", "time can't be read"),
        ("-1,a,1,V", "before 1970"),
        ("1795342272123,a,1,V", "10 minutes ahead"),
        ('1,"a,1,V', "not CSV"),
        ("1", "1 cells, but the table has 4 columns"),
        ("1,a", "2 cells, but the table has 4 columns"),
        ("1,a,1,V,2", "5 cells, but the table has 4 columns"),
    ],
)
def test_invalid_line_has_fault_and_other_lines_are_decoded(line: str, reason: str) -> None:
    decoded = decode_csv(f"time,series,value,unit\n1,a,1,V\n{line}\n2,a,2,V\n".encode(), NOW)
    assert [r.value for r in decoded.readings] == [1.0, 2.0]
    (fault,) = decoded.faults
    assert fault.item_index == 2
    assert reason in fault.reason


def test_line_that_is_not_utf8_has_fault() -> None:
    decoded = decode_csv(b"a,1\n\xff,2\nb,3", NOW)
    assert [r.series for r in decoded.readings] == ["a", "b"]
    assert decoded.faults == [Fault(1, "not UTF-8")]


def test_invalid_cell_of_wide_table_refuses_only_its_reading() -> None:
    decoded = decode_csv(b"time,a,b,c\n1,2,x,4", NOW)
    assert [r.series for r in decoded.readings] == ["a", "c"]
    assert decoded.faults == [Fault(1, "b: 'x' is not a number")]


def test_header_applies_to_later_chunks() -> None:
    decoder = CsvDecoder()
    assert decoder.decode(b"\n", NOW).readings == []
    assert decoder.decode(b"value,series\n1,a\n", NOW).readings == [Reading("a", NOW, 1.0)]
    assert decoder.decode(b"2,a\n", NOW).readings == [Reading("a", NOW, 2.0)]


def test_readings_without_time_get_reserved_times() -> None:
    decoded = decode_csv(b"a,1\na,2\nb,3", NOW, lambda _count: NOW + 7)
    assert [r.ts for r in decoded.readings] == [NOW + 7, NOW + 8, NOW + 7]


def test_name_that_looks_like_formula_is_escaped() -> None:
    for name in ("=1+1", "+1", "-1", "@x", "'=1"):
        text = encode_csv([Reading(name, 0, -1.0)], header=False).decode()
        assert text == f"1970-01-01T00:00:00.000000Z,'{name},-1.0,\r\n"


@given(st.lists(readings, max_size=5))
def test_encoded_readings_decode_to_themselves(sent: list[Reading]) -> None:
    decoded = decode_csv(encode_csv(sent), NOW)
    assert decoded.faults == []
    assert decoded.readings == sent


@given(st.lists(readings, max_size=5))
def test_encoded_readings_are_read_by_other_csv_readers(sent: list[Reading]) -> None:
    rows = list(csv.DictReader(io.StringIO(encode_csv(sent).decode(), newline="")))
    assert [float(row["value"]) for row in rows] == [r.value for r in sent]
    assert all(
        row["series"].removeprefix("'") in r.series for row, r in zip(rows, sent, strict=True)
    )


WORDS = """time series value unit date _field _measurement _time _value result table sep=;
    #default #datatype 21.5 21,5 1.234 nan on - 2026-08-02 15:30 02.08.2026 1785684600
    1785684600000 46236.5 1e999 \u00b2 \u0663"""
MARKS = ["\n", "\n", "\n", ",", ",", ",", ";", "\t", '"', "|", " ", "\x00", "\ufeff", "45 %"]
tokens = st.sampled_from([*WORDS.split(), *MARKS, "temp (C)", "9" * 400])


@given(
    st.lists(tokens, max_size=60).map("".join),
    st.builds(
        TableOptions,
        delimiter=st.sampled_from([None, ",", ";"]),
        decimal=st.sampled_from([None, ".", ","]),
        columns=st.sampled_from([None, ("time", "temp"), ("time", "series", "value", "-")]),
        timezone=st.sampled_from([UTC, ZoneInfo("Europe/Berlin")]),
        is_file=st.booleans(),
        require_time=st.booleans(),
    ),
)
def test_any_table_is_decoded_or_refused(text: str, options: TableOptions) -> None:
    with suppress(MalformedError):
        decoder = CsvDecoder(options)
        for part in text.encode().splitlines(keepends=True):
            for reading in decoder.decode(part, NOW).readings:
                assert is_name(reading.series)
                assert not options.is_file or reading.ts >= 946_684_800_000_000
        decoder.finish()


@given(st.binary() | st.lists(st.binary()).map(b",".join))
def test_any_bytes_are_decoded_or_refused(text: bytes) -> None:
    with suppress(MalformedError):
        decode_csv(text, NOW)
