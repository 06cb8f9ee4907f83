"""Values in cells are read right, or refused with a reason."""

import pytest

from services.errors import MalformedError
from services.formats.parsing.table.cell_numbers import MISSING_VALUES, CellNumbers, missing_value
from tests.support.tables import T1, T2, T3, decode_file, readings_by_series


def parse(text: str, decimal: str | None = None, delimiter: str = ",") -> float:
    """Parse a value both ways: as any value, and as a plain one if it is plain."""
    numbers = CellNumbers(decimal, delimiter)
    value = numbers.parse(text, None).value
    if numbers.is_plain(text):
        assert numbers.to_float(text) == value
    return value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("21.5", 21.5), ("-0.5", -0.5), ("+3", 3.0), (".5", 0.5), ("5.", 5.0), ("1e3", 1000.0),
        ("1.5E-3", 0.0015), ("021.5", 21.5), (" 21.5 ", 21.5), ("1.234", 1.234),
        ("1,234.5", 1234.5), ("-1,234,567.25", -1234567.25), ("45 %", 45.0), ("21.5 °C", 21.5),
        ("21.5°C", 21.5), ("\N{MINUS SIGN}5", -5.0), ("on", 1.0), ("OFF", 0.0), ("true", 1.0),
        ("False", 0.0), ("open", 1.0), ("closed", 0.0), ("1,013.25 hPa", 1013.25),
    ],
)  # fmt: skip
def test_value_with_decimal_point_is_read(text: str, value: float) -> None:
    assert parse(text) == value
    assert parse(text, ".", ";") == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("21,5", 21.5), ("-0,5", -0.5), (",5", 0.5), ("5,", 5.0), ("1,5E3", 1500.0), ("7", 7.0),
        ("1,234", 1.234), ("1.234,5", 1234.5), ("1.234.567,25", 1234567.25), ("21,5 °C", 21.5),
        (" 21,5 ", 21.5),
    ],
)  # fmt: skip
def test_value_with_decimal_comma_is_read(text: str, value: float) -> None:
    assert parse(text, ",") == value
    assert parse(text, ",", ";") == value


@pytest.mark.parametrize(
    ("text", "decimal", "delimiter", "reason"),
    [
        # Two meanings.
        ("1,234", None, ",", "decimal separator is a point .*--decimal ,"),
        ("21,5", None, ",", "decimal separator is a point .*--decimal ,"),
        ("21,5 °C", None, ",", "--decimal ,"),
        ("1.234", None, ";", "--decimal . or --decimal ,"),
        ("1.234", None, "\t", "--decimal . or --decimal ,"),
        ("1,234", None, "\t", "--decimal . or --decimal ,"),
        ("1.234", ",", ";", "has a point, and the decimal separator is a comma$"),
        ("21.5", ",", ";", "has a point, and the decimal separator is a comma$"),
        ("1,234.5", ",", ";", "has a point"),
        ("1.234,5", ".", ";", "has a comma"),
        ("1,23,4.5", ".", ",", "has a comma"),
        ("1.234.567", None, ",", "separators of thousands"),
        ("1.234.567", None, ";", "--decimal"),
        ("1 234.5", None, ",", "separators"),
        ("1'234.5", None, ",", "separators"),
        ("1_000", None, ",", "separators"),
        # No numbers of the decimal system, or not finite.
        ("inf", None, ",", "not a finite number"),
        ("-Infinity", None, ",", "not a finite number"),
        ("1e999", None, ",", "not a finite number"),
        ("0x1F", None, ",", "not a number"),
        ("5A", None, ",", "needs a space before the unit"),
        ("\uff12\uff11", None, ",", "not a number"),
        ("\u0663", None, ",", "not a number"),
        # Other things that begin with digits.
        ("12:30", None, ",", "not a number"),
        ("1/2", None, ",", "not a number"),
        ("10-20", None, ",", "not a number"),
        ("2026-08-02", None, ",", "not a number"),
        ("192.168.1.1", None, ",", "separators of thousands"),
        ("100k", None, ",", "unknown unit k"),
        ("5 apples", None, ",", "unknown unit apples"),
        ("cloudy", None, ",", "'cloudy' is not a number"),
        ("<5", None, ",", "not a number"),
        ("~21.5", None, ",", "not a number"),
    ],
)
def test_other_value_is_refused_with_a_reason(
    text: str, decimal: str | None, delimiter: str, reason: str
) -> None:
    with pytest.raises(MalformedError, match=reason):
        parse(text, decimal, delimiter)


@pytest.mark.parametrize(
    "text", ["", "  ", *sorted(MISSING_VALUES), "NaN", "Unavailable", " NULL "]
)
def test_missing_value_is_skipped_and_counted(text: str) -> None:
    decoded = decode_file(f"time,a,b\n{T1},{text},1\n{T2},{text},2\n")
    assert readings_by_series(decoded) == {"b": [1.0, 2.0]}
    assert decoded.faults == []
    assert decoded.skipped == {text.strip().lower() or "empty": 2}
    assert missing_value("0") is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["21,5", "1,234"], [21.5, 1.234]),
        (["1,234", "21,5"], [1.234, 21.5]),
        (["1.234", "21.5"], [1.234, 21.5]),
        (["0.673", "1.234"], [0.673, 1.234]),
        (["1234.567", "1.234"], [1234.567, 1.234]),
        (["1.013,25", "7"], [1013.25, 7.0]),
        (["1,234", "5"], [1.234, 5.0]),
    ],
)
def test_first_rows_show_the_decimal_separator(values: list[str], expected: list[float]) -> None:
    rows = (f"2026-08-02 15:{minute}:00;{value}" for minute, value in enumerate(values, 10))
    decoded = decode_file("\n".join(["time;a", *rows]))
    assert readings_by_series(decoded) == {"a": expected}
    assert decoded.faults == []


def test_both_decimal_separators_in_the_first_rows_stop_the_import() -> None:
    text = f"time;a;b\n{T1};21,5;1.5\n"
    with pytest.raises(MalformedError, match=r"not clear: 1\.5 and 21,5 .*--decimal"):
        decode_file(text)
    decoded = decode_file(text, decimal=",")
    assert readings_by_series(decoded) == {"a": [21.5]}
    assert "has a point" in decoded.faults[0].reason


def test_decimal_commas_beside_commas_stop_the_import_without_the_option() -> None:
    text = f'time,a\n{T1},"1.234"\n{T2},"21,5"\n'
    with pytest.raises(MalformedError, match=r"seems to be a comma: 21,5 .*--decimal ,"):
        decode_file(text)
    decoded = decode_file(text, decimal=",")
    assert readings_by_series(decoded) == {"a": [21.5]}
    decoded = decode_file(f'time,a\n{T1},"1.5"\n{T2},"21,5"\n')
    assert readings_by_series(decoded) == {"a": [1.5]}
    assert "--decimal ," in decoded.faults[0].reason


class TestUnits:
    def test_unit_of_the_cells_becomes_the_unit_of_the_series(self) -> None:
        decoded = decode_file(f"time,a,b\n{T1},21.5 °C,45 %\n{T2},22.5°C,46%\n")
        assert [(r.series, r.value, r.unit) for r in decoded.readings] == [
            ("a", 21.5, "°C"), ("b", 45.0, "%"), ("a", 22.5, "°C"), ("b", 46.0, "%"),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("header", "first", "second", "reason"),
        [
            ("a (C)", "21.5 °C", "70 °F", "has the unit °F, not C"),
            ("a", "21.5 °C", "70 °F", "has the unit °F, not °C"),
            ("a", "21.5 °C", "22.5", "has no unit, unlike the values before it"),
            ("a", "950", "1.2 kW", "has a unit, unlike the values before it"),
            ("a (W)", "950", "1.2 kW", "has the unit kW, not W"),
        ],
    )
    def test_value_in_another_unit_is_refused(
        self, header: str, first: str, second: str, reason: str
    ) -> None:
        decoded = decode_file(f"time,{header}\n{T1},{first}\n{T2},{second}\n{T3},{first}\n")
        assert len(decoded.readings) == 2
        (fault,) = decoded.faults
        assert fault.item_index == 2
        assert reason in fault.reason

    def test_unit_that_changes_in_a_file_is_refused(self) -> None:
        decoded = decode_file(f"time,name,value,unit\n{T1},p,950,W\n{T2},p,1.2,kW\n{T3},p,1,\n")
        assert [(r.value, r.unit) for r in decoded.readings] == [(950.0, "W"), (1.0, None)]
        assert "the unit kW differs from W" in decoded.faults[0].reason
