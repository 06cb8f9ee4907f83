"""Rows of tables: the number of cells, names, repeated rows, and dialects."""

import re

import pytest

from services.errors import MalformedError
from tests.support.tables import T1, T2, T3, decode_file, file_decoder, readings_by_series


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"time,temp,hum\n{T1},28.9,43.0\n", {"temp": [28.9], "hum": [43.0]}),
        (f"time;temp;hum\n{T1};28,9;43,0\n", {"temp": [28.9], "hum": [43.0]}),
        (f"time\ttemp\thum\n{T1}\t28,9\t43\n", {"temp": [28.9], "hum": [43.0]}),
        (f"time\ttemp\thum\n{T1}\t28.9\t43\n", {"temp": [28.9], "hum": [43.0]}),
        (f"sep=;\ntime;temp\n{T1};28,9\n", {"temp": [28.9]}),
        (f"SEP=,\ntime,temp\n{T1},28.9\n", {"temp": [28.9]}),
        (f'"sep=\t"\ntime\ttemp\n{T1}\t28.9\n', {"temp": [28.9]}),
        (f"sep=|\ntime|temp\n{T1}|28.9\n", {"temp": [28.9]}),
        (f"sep=;,,\ntime;temp,x\n{T1};28,9\n", {"temp,x": [28.9]}),
        (f"# Logger\n# a;b;c\n\n;;;\ntime;temp\n# x\n{T1};1\n\n", {"temp": [1.0]}),
        (f"\ufefftime,temp\n{T1},1\n", {"temp": [1.0]}),
        (f"\ufeffsep=;\ntime;temp\n{T1};1\n", {"temp": [1.0]}),
        (f"time,temp\r\n{T1},1\r\n{T2},2\r\n", {"temp": [1.0, 2.0]}),
        (f'"time","temp"\n"{T1}","1"\n', {"temp": [1.0]}),
        (f'time;"a;b"\n{T1};1\n', {"a;b": [1.0]}),
        (f'time, "temp"\n{T1}, "1"\n', {"temp": [1.0]}),
        (f" time ; temp \n {T1} ; 21,5 \n", {"temp": [21.5]}),
        (f"time,temp,\n{T1},1,\n{T2},2\n", {"temp": [1.0, 2.0]}),
        (f"time,temp\n{T1},1,,\n", {"temp": [1.0]}),
        (f"time,a\n{T1},1\n\ufefftime,a\n{T2},2\n", {"a": [1.0, 2.0]}),
        (f"time,series,value,unit\n{T1},a,1\n", {"a": [1.0]}),
    ],
)
def test_table_in_any_dialect_is_read(text: str, expected: dict[str, list[float]]) -> None:
    decoded = decode_file(text)
    assert readings_by_series(decoded) == expected
    assert decoded.faults == []


@pytest.mark.parametrize("text", ["sep=x\ntimextemp\n", "sep==\ntime=temp\n"])
def test_impossible_delimiter_stops_the_import(text: str) -> None:
    with pytest.raises(MalformedError, match=r"delimiter .* is not possible"):
        decode_file(text)


@pytest.mark.parametrize(("delimiter", "text"), [("|", "|"), ("tab", "\t"), (";", ";")])
def test_option_names_the_delimiter(delimiter: str, text: str) -> None:
    decoded = decode_file(f"time{text}a, b\n{T1}{text}1\n", delimiter=delimiter)
    assert readings_by_series(decoded) == {"a, b": [1.0]}
    with pytest.raises(MalformedError, match="is not possible"):
        file_decoder(delimiter="x")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f"{T2},28,9,43", "4 cells, but the table has 3 columns .*--decimal ,"),
        (f"{T2},28,9,43,0", "5 cells, but the table has 3 columns .*--decimal ,"),
        (f"{T2},1,2,x", "4 cells, but the table has 3 columns"),
        (f"{T2},28", "2 cells, but the table has 3 columns"),
        (f"{T2}", "1 cells, but the table has 3 columns"),
        (f'{T2},"28,9', "not CSV"),
        (f'{T2},"28"x,9', "not CSV"),
    ],
)
def test_row_with_other_cells_is_refused(row: str, reason: str) -> None:
    decoded = decode_file(f"time,temp,hum\n{T1},1,2\n{row}\n{T3},3,4\n")
    assert readings_by_series(decoded) == {"temp": [1.0, 3.0], "hum": [2.0, 4.0]}
    (fault,) = decoded.faults
    assert fault.item_index == 2
    assert re.search(reason, fault.reason)


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("time,temp", f"{T1},28,9", {"temp": [28.9]}),
        ("time,temp,hum", f"{T1},28,9,43,0", {"temp": [28.9], "hum": [43.0]}),
        ("temp,time,hum", f"-28,9,{T1},43,05", {"temp": [-28.9], "hum": [43.05]}),
        ("time,name,value,unit", f"{T1},a,28,9,C", {"a": [28.9]}),
        ("time,temp,hum", f'{T1},"28,9","43"', {"temp": [28.9], "hum": [43.0]}),
        ("time,temp,hum", f"{T1},28,43", {"temp": [28.0], "hum": [43.0]}),
        # Which of the numbers the fraction belongs to is open.
        ("time,temp,hum", f"{T1},28,9,43", {}),
        ("time,temp,hum", f"{T1},28,9,43,", {}),
        ("time,temp", f"{T1},28,x", {}),
        ("time,temp", f"{T1},28,-9", {}),
        ("time,temp", "2026-08-02 15:30:00,123,28", {}),
        ("time,temp", f"{T1},28.9", {}),
    ],
)
def test_numbers_that_a_decimal_comma_splits_are_joined_where_all_have_one(
    header: str, row: str, expected: dict[str, list[float]]
) -> None:
    decoded = decode_file(f"{header}\n{row}\n", decimal=",")
    assert readings_by_series(decoded) == expected
    assert len(decoded.faults) == (not expected)


@pytest.mark.parametrize(
    "name", ["21.37", "-1", "1013,25", "nan", "NaN", "-", "n/a", "2026-08-02", "15:30", T1, "inf"]
)
def test_value_never_becomes_the_name_of_a_series(name: str) -> None:
    decoded = decode_file(f'time,series,value\n{T1},"{name}",1\n{T1},kitchen,2\n')
    assert readings_by_series(decoded) == {"kitchen": [2.0]}
    assert "is a value, and can't be the name of a series" in decoded.faults[0].reason


@pytest.mark.parametrize("name", ["1st floor", "12:34:56:78:9a:bc", "12345678-A", "unknown", "a1"])
def test_other_name_is_read(name: str) -> None:
    decoded = decode_file(f"time,series,value\n{T1},{name},1\n")
    assert readings_by_series(decoded) == {name: [1.0]}


def test_other_value_at_the_same_time_as_the_row_before_is_refused() -> None:
    decoded = decode_file(f"time,a,b\n{T1},1,5\n{T1},2,5\n{T1},1,5\n{T2},2,5\n")
    assert readings_by_series(decoded) == {"a": [1.0, 1.0, 2.0], "b": [5.0] * 4}
    (fault,) = decoded.faults
    assert fault.item_index == 2
    assert "another value at the same time" in fault.reason


def test_outside_a_file_the_last_value_at_a_time_counts() -> None:
    decoded = decode_file("time,a\n5,1\n5,2\n", is_file=False)
    assert readings_by_series(decoded) == {"a": [1.0, 2.0]}


def test_header_in_several_chunks_is_read() -> None:
    decoder = file_decoder()
    for part in (b"# x\n", b'time,"temp\n', b'(C)"\n'):
        assert decoder.decode(part, 1_795_342_272_123_456).readings == []
    decoded = decoder.decode(f"{T1},1\n".encode(), 1_795_342_272_123_456)
    assert [(r.series, r.unit) for r in decoded.readings] == [("temp", "C")]
