"""Series of line protocol: their points, and the ones that can't be stored."""

import pytest

from services.formats.line_protocol import decode_lines
from services.formats.parsing.field_series import FieldSeriesCache
from services.formats.parsing.result import (
    MAX_FAULTS,
    Fault,
)
from services.point import SeriesPoint
from services.reading import MAX_NAME_CHARS
from tests.support.line_protocol import NOW, STAMP, decode_twice


class TestPoints:
    def test_each_series_has_its_point(self) -> None:
        text = f"a,b=c\\,d x=1,value=2 {STAMP}\ne f=1 {STAMP}\n" * 2
        assert decode_twice(text.encode()).points == {
            "a,b=c,d x": SeriesPoint("a", "x", {"b": "c,d"}),
            "a,b=c,d": SeriesPoint("a", "value", {"b": "c,d"}),
            "e f": None,
        }

    def test_points_of_earlier_texts_are_left_out(self) -> None:
        cache = FieldSeriesCache()
        for name in ("a", "b"):
            decoded = decode_lines(f"{name} value=1".encode(), NOW, cache=cache)
            assert decoded.points == {name: None}


class TestUnstorableSeries:
    def test_is_left_out_alone(self) -> None:
        long = "x" * MAX_NAME_CHARS
        text = f"a,b=c short=1,{long}=2 {STAMP}\nd value=3 {STAMP}"
        decoded = decode_twice(text.encode())
        assert [reading.series for reading in decoded.readings] == ["a,b=c short", "d"]
        (fault,) = decoded.faults
        assert (fault.item_index, fault.is_unstorable, decoded.unstorable_count) == (0, True, 1)
        assert "at most 1024 characters" in fault.reason

    @pytest.mark.parametrize("key", ["a,b=" + "x" * MAX_NAME_CHARS, "a,b=" + "x" * 1_000_000])
    def test_too_long_key_leaves_out_each_field(self, key: str) -> None:
        decoded = decode_twice(f'{key} x=1,y=2i,s="text" {STAMP}\nd value=3'.encode())
        assert [reading.series for reading in decoded.readings] == ["d"]
        assert (len(decoded.faults), decoded.unstorable_count) == (2, 2)

    def test_does_not_hide_lines_that_break_the_grammar(self) -> None:
        long = f"a,b={'x' * MAX_NAME_CHARS} f=1\n"
        decoded = decode_lines((long * 2 * MAX_FAULTS + "bad\n").encode(), NOW)
        assert [f for f in decoded.faults if not f.is_unstorable] == [
            Fault(2 * MAX_FAULTS, "missing fields")
        ]
        assert len(decoded.faults) + decoded.omitted_fault_count == 2 * MAX_FAULTS + 1
        assert decoded.unstorable_count == 2 * MAX_FAULTS
