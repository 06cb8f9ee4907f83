"""Times of tables are read right, or refused with a reason."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import MalformedError
from services.formats.parsing.table.options import TableOptions
from services.formats.parsing.table.times import TableTimes
from tests.support.tables import NOW, T1, decode_file, file_decoder, file_times, rows_of, utc

BERLIN = ZoneInfo("Europe/Berlin")
SECONDS = 1_785_684_600
"""2026-08-02 15:30:00 UTC."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-08-02T15:30:00Z", "15:30:00"),
        ("2026-08-02 15:30:00", "15:30:00"),
        ("2026-08-02  15:30:00 ", "15:30:00"),
        ("2026-08-02 15:30", "15:30:00"),
        ("2026-08-02t15:30:00z", "15:30:00"),
        ("2026-08-02 15:30:00 UTC", "15:30:00"),
        ("2026-08-02 15:30:00 GMT", "15:30:00"),
        ("2026-08-02 15:30:00Z", "15:30:00"),
        ("2026-08-02T15:30:00+00:00", "15:30:00"),
        ("2026-08-02T15:30:00+0200", "13:30:00"),
        ("2026-08-02 15:30:00 +0200", "13:30:00"),
        ("2026-08-02T15:30:00+02", "13:30:00"),
        ("2026-08-02T15:30:00-05:30", "21:00:00"),
        ("2026-08-02T15:30:00.5Z", "15:30:00.500000"),
        ("2026-08-02T15:30:00,5Z", "15:30:00.500000"),
        ("2026-08-02T15:30:00.123456Z", "15:30:00.123456"),
        ("2026-08-02T15:30:00.123456789Z", "15:30:00.123457"),
        ("2026-08-02T15:30:00.9999999Z", "15:30:01"),
        ("20260802T153000Z", "15:30:00"),
        ("20260802T1530", "15:30:00"),
        ("20260802T153000.25+0200", "13:30:00.250000"),
        ("20260802153000", "15:30:00"),
        ("202608021530", "15:30:00"),
        ("20260802", "00:00:00"),
        ("2026-08-02", "00:00:00"),
        ("2026/08/02 15:30", "15:30:00"),
        ("2026-8-2 5:30", "05:30:00"),
        ("02.08.2026", "00:00:00"),
        ("02.08.2026 15:30", "15:30:00"),
        ("02.08.2026 15:30:00", "15:30:00"),
        ("02.08.2026 15:30:00.250", "15:30:00.250000"),
        ("2.8.2026, 5:30:00", "05:30:00"),
        ("2026-W31-7", "00:00:00"),
        (f"{SECONDS}", "15:30:00"),
        (f"{SECONDS}.", "15:30:00"),
        (f"{SECONDS}.25", "15:30:00.250000"),
        (f"{SECONDS},25", "15:30:00.250000"),
        (f"{SECONDS}.123456789", "15:30:00.123457"),
        (f"{SECONDS}123", "15:30:00.123000"),
        (f"{SECONDS}123.5", "15:30:00.123500"),
        (f"{SECONDS}123456", "15:30:00.123456"),
        (f"{SECONDS}123456789", "15:30:00.123457"),
        ("1.785684600e+09", "15:30:00"),
        ("1,78568460025E9", "15:30:00.250000"),
        ("1.785684600123E+12", "15:30:00.123000"),
    ],
)
def test_time_is_read(text: str, expected: str) -> None:
    assert utc(file_times().parse(text, NOW)) == f"2026-08-02 {expected}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("03/04/2026", "several meanings.*--date-format"),
        ("03/04/2026 15:30", "several meanings.*--date-format"),
        ("25/04/2026", "several meanings.*--date-format"),
        ("03-04-2026", "several meanings.*--date-format"),
        ("3/4/26", "several meanings.*--date-format"),
        ("02.08.26 15:30", "several meanings.*--date-format"),
        ("Aug 2 2026 15:30", "can't be read.*--date-format"),
        ("Sun, 02 Aug 2026 15:30:00 GMT", "can't be read"),
        ("2026-08-02 03:30:00 PM", "can't be read"),
        ("02.08.2026 03:30 PM", "can't be read"),
        ("2026-08-02 15:30:00 CEST", "can't be read"),
        ("2026-08-02 15:30:00 UTC+2", "can't be read"),
        ("2026-08-02+02:00", "can't be read"),
        ("2026-08-02-15:30", "can't be read"),
        ("2026-08-02x15:30", "can't be read"),
        ("2026-08-02 10-11", "can't be read"),
        ("2026-08", "can't be read"),
        ("2026-214", "can't be read"),
        ("15:30:00", "can't be read"),
        ("noon", "can't be read"),
        ("nan", "can't be read"),
        ("2026-08-02T15:30:60Z", "second must be"),
        ("2026-02-30", "day is out of range"),
        ("2026-13-01", "month must be"),
        ("2026-08-02T15:30:00+19:00", "no zone"),
        ("\uff12026-08-02", "can't be read"),
        ("1.78568E+12", "does not show all its digits.*another number format"),
        ("1.78568460012E+12", "does not show all its digits"),
        ("0.000000000E0", "is before 2000"),
        ("1.000000000E-2", "is before 2000"),
        ("1E", "can't be read"),
        ("46236.645833", "46236.645833 is before 2000: it looks like a serial date.*export"),
        ("46236,645833", "looks like a serial date"),
        ("46236", "looks like a serial date"),
        ("0", "1970-01-01 00:00:00 is before 2000.*--allow-old"),
        ("2026", "is before 2000"),
        ("807000000", "is before 2000"),
        ("1999-12-31T23:59:59Z", "1999-12-31 23:59:59 is before 2000.*--allow-old"),
        ("31.12.1999", "is before 2000"),
        ("1899-12-30", "before 1970"),
        ("-5", "before 1970"),
        ("2027-01-01", "2027-01-01 is more than 10 minutes ahead.*--timezone"),
        ("2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z is more than 10 minutes ahead$"),
        ("1999999999", "10 minutes ahead"),
        ("639223740000000000", "is before 2000|10 minutes ahead"),
        ("9" * 50, "too many digits"),
    ],
)
def test_other_time_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(MalformedError, match=reason):
        file_times().parse(text, NOW)


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        (f"{SECONDS}", f"{SECONDS}000", "looks like milliseconds, but the times before it are sec"),
        (f"{SECONDS}000", f"{SECONDS}", "looks like seconds, but the times before it are millisec"),
        (f"{SECONDS}000", f"{SECONDS}000000", "looks like microseconds"),
        (f"{SECONDS}000", "2026-08-02", "is no number, but those before it are"),
        (f"{SECONDS}", "20260802", "is before 2000"),
        ("20260802", f"{SECONDS}", "is a number, but those before it are texts"),
        ("2026-08-02", f"{SECONDS}", "is a number, but those before it are texts"),
    ],
)
def test_all_times_of_a_file_have_the_same_form(first: str, second: str, reason: str) -> None:
    times = file_times()
    times.parse(first, NOW)
    with pytest.raises(MalformedError, match=reason):
        times.parse(second, NOW)


def test_option_allows_old_times() -> None:
    times = file_times(allow_old=True)
    assert utc(times.parse("1985-10-26 01:21:00", NOW)) == "1985-10-26 01:21:00"
    assert file_times(allow_old=True).parse("46236.5", NOW) == 46_236_500_000
    with pytest.raises(MalformedError, match="before 1970"):
        times.parse("1969-12-31", NOW)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        (f"{SECONDS}", "seconds"),
        (f"{SECONDS}000", "milliseconds"),
        (f"{SECONDS}000000", "microseconds"),
        (f"{SECONDS}000000000", "nanoseconds"),
    ],
)
def test_unit_of_the_numbers_is_noted(text: str, unit: str) -> None:
    decoder = file_decoder()
    decoder.decode(f"time,a\n{text},1\n".encode(), NOW)
    assert decoder.notes == [f"times are Unix {unit}"]


def test_outside_a_file_numbers_are_seconds_only() -> None:
    times = TableTimes(TableOptions())
    assert times.parse("1.5", NOW) == 1_500_000
    with pytest.raises(MalformedError, match=r"10 minutes ahead \(is it in seconds"):
        times.parse(f"{SECONDS}000", NOW)


@pytest.mark.parametrize(
    ("header", "text", "expected"),
    [
        ("Timestamp [ms]", f"{SECONDS}250", "2026-08-02 15:30:00.250000"),
        ("timestamp_ms", f"{SECONDS}250", "2026-08-02 15:30:00.250000"),
        ("Time (unix s)", f"{SECONDS}", "2026-08-02 15:30:00"),
        ("Time (UTC)", "2026-08-02 15:30:00", "2026-08-02 15:30:00"),
        ("Time (UTC+2)", "2026-08-02 15:30:00", "2026-08-02 13:30:00"),
        ("Time (+02:00)", "2026-08-02 15:30:00", "2026-08-02 13:30:00"),
        ("Time (Europe/London)", "2026-08-02 15:30:00", "2026-08-02 14:30:00"),
        ("Date (dd/mm/yyyy)", "02/08/2026", "2026-08-01 22:00:00"),
        ("Date (dd.mm.yyyy)", "02.08.2026 15:30", "2026-08-02 13:30:00"),
        ("Time (hh:mm:ss)", "2026-08-02 15:30:00", "2026-08-02 13:30:00"),
        ("Time (local)", "2026-08-02 15:30:00", "2026-08-02 13:30:00"),
    ],
)
def test_header_says_unit_zone_and_format(header: str, text: str, expected: str) -> None:
    decoded = decode_file(f"{header},a\n{text},1\n", timezone=BERLIN)
    assert rows_of(decoded) == [("a", expected, 1.0, None)]


def test_time_in_another_unit_than_the_header_says_is_refused() -> None:
    (fault,) = decode_file(f"Timestamp [ms],a\n{SECONDS},1\n").faults
    assert "looks like seconds, but the header says milliseconds" in fault.reason


class TestDateFormat:
    @pytest.mark.parametrize(
        ("date_format", "text", "expected"),
        [
            ("%d/%m/%Y", "02/08/2026", "2026-08-02 00:00:00"),
            ("dd/mm/yyyy", "02/08/2026", "2026-08-02 00:00:00"),
            ("mm/dd/yyyy hh:mm", "8/2/2026 15:30", "2026-08-02 15:30:00"),
            ("DD/MM/YYYY HH:MM:SS", "02/08/2026   15:30:00", "2026-08-02 15:30:00"),
            ("%m/%d/%Y %I:%M %p", "08/02/2026 03:30 PM", "2026-08-02 15:30:00"),
            ("%d/%m/%Y %H:%M %z", "02/08/2026 15:30 +0200", "2026-08-02 13:30:00"),
            ("%b %d %Y", "Aug 02 2026", "2026-08-02 00:00:00"),
            ("%Y%m%d%H", "2026080215", "2026-08-02 15:00:00"),
        ],
    )
    def test_time_is_read_in_the_format(self, date_format: str, text: str, expected: str) -> None:
        assert utc(file_times(date_format=date_format).parse(text, NOW)) == expected

    @pytest.mark.parametrize(
        "text", ["2026-08-02", "13/13/2026", "02/08/26", "1785684600", "\uff102/08/2026"]
    )
    def test_time_in_another_format_is_refused(self, text: str) -> None:
        with pytest.raises(MalformedError, match="does not have the format %d/%m/%Y"):
            file_times(date_format="dd/mm/yyyy").parse(text, NOW)

    def test_date_and_time_of_day_in_two_columns_have_one_format(self) -> None:
        text = "Time,a,Date\n3:30 PM,1,08/02/2026\n"
        decoded = decode_file(text, date_format="%m/%d/%Y %I:%M %p")
        assert rows_of(decoded) == [("a", "2026-08-02 15:30:00", 1.0, None)]


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("Date,Time,a", "2026-08-02,15:30:00,1", "2026-08-02 15:30:00"),
        ("a;Time;Date", "1;15:30;02.08.2026", "2026-08-02 15:30:00"),
        ("Date,Time (UTC),a", "20260802,153000,1", "2026-08-02 15:30:00"),
        ("Date,Time,a", "2026-08-02,15:30:00.250+02:00,1", "2026-08-02 13:30:00.250000"),
    ],
)
def test_date_and_time_of_day_make_one_time(header: str, row: str, expected: str) -> None:
    assert rows_of(decode_file(f"{header}\n{row}\n")) == [("a", expected, 1.0, None)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2026-08-02,,1", "date or its time of day is missing"),
        (",15:30,1", "date or its time of day is missing"),
        (",,1", "its time is missing"),
        (f"{T1},{T1},1", "can't be read"),
    ],
)
def test_half_a_time_is_refused(row: str, reason: str) -> None:
    decoded = decode_file(f"Date,Time,a\n{row}\n2026-08-02,15:30,1\n")
    assert len(decoded.readings) == 1
    assert reason in decoded.faults[0].reason


@given(st.text(max_size=30) | st.from_regex(r"[\d.,:/TZ+ -]{1,30}", fullmatch=True))
def test_any_text_is_a_time_in_the_range_or_refused(text: str) -> None:
    try:
        ts = file_times(timezone=BERLIN).parse(text, NOW)
    except MalformedError:
        return
    assert 946_684_800_000_000 <= ts <= NOW + 600_000_000
