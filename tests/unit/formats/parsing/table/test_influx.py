"""Tables that InfluxDB writes give the series that line protocol gives."""

import pytest

from services.errors import MalformedError
from services.formats.line_protocol import decode_lines
from services.reading import Reading
from tests.support.tables import NOW, T1, T2, T3, decode_file

ANNOTATIONS = "#group,false,false,true\n#datatype,string,long,double\n#default,_result,,\n"
HEADER = ",result,table,_start,_stop,_time,_value,_field,_measurement,host"
START = ",,0,2026-08-01T00:00:00Z,2026-09-01T00:00:00Z"


def test_table_gives_the_same_readings_as_line_protocol() -> None:
    text = f"{ANNOTATIONS}{HEADER}\n{START},{T1},12.5,usage,cpu,attic\n{START},{T2},7,value,m,\n"
    decoded = decode_file(text)
    lines = b"cpu,host=attic usage=12.5 1785684600000000000\nm value=7 1785684900000000000"
    expected = decode_lines(lines, NOW)
    assert decoded.readings == expected.readings
    assert decoded.points == expected.points
    assert decoded.faults == []


def test_several_tables_have_their_own_headers() -> None:
    text = (
        f"{ANNOTATIONS}{HEADER}\n{START},{T1},1,value,cpu,attic\n\n"
        f"{ANNOTATIONS},result,table,_start,_stop,_measurement,_field,_value,_time\n"
        f"{START},mem,used,2,{T2}\n\n"
        f"{HEADER}\n{START},{T3},3,value,cpu,cellar\n"
    )
    decoded = decode_file(text)
    assert [(r.series, r.value) for r in decoded.readings] == [
        ("cpu,host=attic", 1.0), ("mem used", 2.0), ("cpu,host=cellar", 3.0),
    ]  # fmt: skip
    assert decoded.faults == []


def test_rows_below_a_header_that_is_not_understood_are_refused() -> None:
    text = f"{HEADER}\n{START},{T1},1,value,cpu,a\n\n,result,table,_time,_value\n,,1,{T2},5\n"
    decoded = decode_file(f"{text}\n{HEADER}\n{START},{T3},3,value,cpu,a\n")
    assert [r.value for r in decoded.readings] == [1.0, 3.0]
    assert [fault.reason.split(" (")[0] for fault in decoded.faults] == [
        "a table of InfluxDB needs one column _measurement",
        "its header is not understood",
    ]


def test_row_of_an_error_is_refused() -> None:
    decoded = decode_file(
        f"{HEADER}\n{START},{T1},1,value,cpu,a\n\n,error,reference\n,failed,897\n"
    )
    assert len(decoded.readings) == 1
    assert len(decoded.faults) == 2


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f",result,table,_time,_measurement,temp\n,,0,{T1},cpu,1\n", "one column _field.*pivot"),
        (f",result,table,_time,_value\n,,0,{T1},1\n", "one column _measurement"),
        ("#constant measurement,cpu\ntime,a\n", "#constant of InfluxDB is not supported"),
        ("#timezone +0200\ntime,a\n", "#timezone of InfluxDB is not supported"),
        ("#datatype measurement,tag,double,dateTime:RFC3339\nm,host,used,time\n", "not supported"),
        ("#datatype,measurement,tag,double\n,m,host,used\n", "types for writing"),
        ("#default,_result,,5\n,result,table,_value\n", "#default with values"),
    ],
)
def test_other_table_of_influxdb_stops_the_import(text: str, reason: str) -> None:
    with pytest.raises(MalformedError, match=reason):
        decode_file(text)


def test_comment_that_looks_like_an_annotation_is_skipped() -> None:
    text = f"# constant load\n#default values\n#groups,a\ntime,a\n{T1},1\n"
    assert decode_file(text).readings == [Reading("a", 1_785_684_600_000_000, 1.0)]
