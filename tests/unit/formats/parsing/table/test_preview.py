"""The first rows show columns of texts, before anything of the table is stored."""

import pytest

from services.errors import MalformedError
from tests.support.tables import NOW, T1, T2, T3, decode_file, file_decoder, readings_by_series


def test_texts_that_name_no_series_are_left_out_with_a_note() -> None:
    decoder = file_decoder()
    text = f"time;Temp;Wind Direction;status\n{T1};28,9;NNE;ok\n{T2};29,1;N;bad\n"
    decoded = decoder.decode(text.encode(), NOW)
    assert readings_by_series(decoded) == {"Temp": [28.9, 29.1]}
    assert decoded.faults == []
    assert "the column 'Wind Direction' holds texts, and is left out" in decoder.notes
    assert decoder.description is not None
    assert [c.role for c in decoder.description.columns] == ["time", "value", "ignored", "ignored"]


def test_texts_that_may_tell_series_apart_stop_the_import() -> None:
    text = f"time,greenhouse,temp\n{T1},A,21\n{T1},B,9\n"
    reason = "'greenhouse' holds texts such as 'A' .*'time,series,temp'; otherwise .*'time,-,temp'"
    with pytest.raises(MalformedError, match=reason):
        decode_file(text)
    decoded = decode_file(text, columns=("time", "series", "temp"))
    assert readings_by_series(decoded) == {"A.temp": [21.0], "B.temp": [9.0]}


@pytest.mark.parametrize("name", ["No.", "Nr", "index", "entry_id", "RECORD", "Unnamed: 0", ""])
def test_column_that_counts_the_lines_is_left_out_with_a_note(name: str) -> None:
    decoder = file_decoder()
    text = f"{name},time,temp\n7,{T1},21\n8,{T2},22\n9,{T3},23\n"
    decoded = decoder.decode(text.encode(), NOW)
    assert readings_by_series(decoded) == {"temp": [21.0, 22.0, 23.0]}
    assert any("counts the lines, and is left out" in note for note in decoder.notes)


def test_outside_a_file_only_a_column_without_a_name_is_left_out() -> None:
    rows = "1,1785684600,21\n2,1785684660,22\n3,1785684720,23\n"
    decoded = decode_file(f"index,time,temp\n{rows}", is_file=False)
    assert list(readings_by_series(decoded)) == ["index", "temp"]
    decoded = decode_file(f",time,temp\n{rows}", is_file=False)
    assert list(readings_by_series(decoded)) == ["temp"]


@pytest.mark.parametrize(
    ("text", "series"),
    [
        (f"time,index,temp\n{T1},7,21\n{T2},9,22\n{T3},10,23\n", ["index", "temp"]),
        (f"time,NO,NO2\n{T1},1,21\n{T2},2,22\n", ["NO", "NO2"]),
        (f"time,index\n{T1},7\n{T2},8\n{T3},9\n", ["index"]),
        (f"time,Index (kWh),b\n{T1},7,21\n{T2},8,22\n{T3},9,23\n", ["Index", "b"]),
    ],
)
def test_column_that_may_hold_values_stays(text: str, series: list[str]) -> None:
    decoded = decode_file(text)
    assert list(readings_by_series(decoded)) == series
    assert decoded.faults == []


@pytest.mark.parametrize("header", ["time,note,status", "time,sensor,note"])
def test_table_of_texts_alone_is_refused(header: str) -> None:
    text = f"{header}\n{T1},a,ok\n{T2},b,ok\n"
    with pytest.raises(MalformedError, match="the table has no column of numbers"):
        decode_file(text)
    decoded = decode_file(text.replace(T1, "1").replace(T2, "2"), is_file=False)
    assert decoded.readings == []
    assert {f.item_index for f in decoded.faults} == {1, 2}


def test_single_text_among_numbers_is_refused_alone() -> None:
    decoded = decode_file(f"time,a,wind_dir\n{T1},1,180\n{T2},x,N\n{T3},3,90\n")
    assert readings_by_series(decoded) == {"a": [1.0, 3.0], "wind_dir": [180.0, 90.0]}
    assert [f.reason for f in decoded.faults] == [
        "a: 'x' is not a number",
        "wind_dir: 'N' is not a number",
    ]


def test_column_without_any_value_is_no_column_of_texts() -> None:
    decoded = decode_file(f"time,a,b\n{T1},1,n/a\n{T2},2,\n")
    assert readings_by_series(decoded) == {"a": [1.0, 2.0]}


def test_outside_a_file_texts_are_refused_one_by_one() -> None:
    decoded = decode_file("time,greenhouse,temp\n1,A,21\n", is_file=False)
    assert readings_by_series(decoded) == {"temp": [21.0]}
    assert [f.reason for f in decoded.faults] == ["greenhouse: 'A' is not a number"]
