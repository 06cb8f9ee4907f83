"""Tables that Python's `csv` writes in random dialects give their readings, or are refused.

They never give anything else: another value, time, name or unit.
"""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from services.errors import MalformedError
from services.formats.csv import CsvDecoder
from services.formats.parsing.table.header_names import is_data, is_name
from services.formats.parsing.table.options import TableOptions
from tests.support.tables import NOW

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES: list[tzinfo] = [UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")]


class Sample(NamedTuple):
    """A reading to write: its series, moment, value with its digits, and unit."""

    series: str
    moment: datetime
    digits: str
    unit: str | None


def as_unix(factor: int) -> Callable[[datetime, tzinfo], str]:
    def write(moment: datetime, _zone: tzinfo) -> str:
        return str((moment - EPOCH) // timedelta(microseconds=1) * factor // 1_000_000)

    return write


def local(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


TIME_FORMS: dict[str, Callable[[datetime, tzinfo], str]] = {
    "iso": lambda moment, _zone: moment.isoformat().replace("+00:00", "Z"),
    "offset": lambda moment, zone: moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S%z"),
    "other offset": lambda moment, _zone: moment.astimezone(
        timezone(timedelta(hours=-3, minutes=-30))
    ).isoformat(),
    "local": lambda moment, zone: str(local(moment, zone)),
    "compact": lambda moment, zone: local(moment, zone).strftime("%Y%m%dT%H%M%S"),
    "digits": lambda moment, zone: local(moment, zone).strftime("%Y%m%d%H%M%S"),
    "dots": lambda moment, zone: local(moment, zone).strftime("%d.%m.%Y %H:%M:%S"),
    "slashes": lambda moment, zone: local(moment, zone).strftime("%d/%m/%Y %H:%M:%S"),
    "american": lambda moment, zone: local(moment, zone).strftime("%m/%d/%Y %I:%M:%S %p"),
    "seconds": as_unix(1),
    "milliseconds": as_unix(1_000),
    "microseconds": as_unix(1_000_000),
    "nanoseconds": as_unix(1_000_000_000),
    "serial": lambda moment, _zone: str((moment - EPOCH) / timedelta(days=1) + 25_569),
}

names = st.sampled_from(
    ["kitchen", "a b", "Küche", "x,y", "p;q", 'say "hi"', "1st", "=1+1", "20 m", "-5", "7", "nan"]
)  # fmt: skip
numbers = (
    st.integers(-2_000_000, 2_000_000).map(str)
    | st.decimals(-5_000, 5_000, places=1).map(str)
    | st.decimals(-5_000, 5_000, places=3).map(str)
    | st.floats(allow_nan=False, allow_infinity=False).map(repr)
)
values = numbers | st.sampled_from(["unavailable", "", "nan", "on", "oops", "inf", "1_0", "0x10"])
units = st.sampled_from([None, "°C", "%", "m/s", "5", "kW"])
moments = st.datetimes(datetime(1999, 12, 1), datetime(2026, 11, 20)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
samples = st.lists(st.builds(Sample, names, moments, values, units), min_size=1, max_size=6)
options = st.fixed_dictionaries(
    {"is_file": st.just(True)},
    optional={
        "decimal": st.sampled_from([".", ","]),
        "timezone": st.sampled_from(ZONES),
        "date_format": st.sampled_from(["dd/mm/yyyy hh:mm:ss", "%m/%d/%Y %I:%M:%S %p"]),
        "allow_old": st.booleans(),
    },
)  # fmt: skip


class Dialect(NamedTuple):
    delimiter: str
    quoting: Any
    decimal: str
    grouping: bool
    time_form: str
    zone: tzinfo
    line_end: str
    has_sep: bool
    is_wide: bool
    has_units: bool


dialects = st.builds(
    Dialect,
    delimiter=st.sampled_from([",", ";", "\t"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    decimal=st.sampled_from([".", ","]),
    grouping=st.booleans(),
    time_form=st.sampled_from(sorted(TIME_FORMS)),
    zone=st.sampled_from(ZONES),
    line_end=st.sampled_from(["\n", "\r\n"]),
    has_sep=st.booleans(),
    is_wide=st.booleans(),
    has_units=st.booleans(),
)


def cell(digits: str, dialect: Dialect) -> str:
    """Write a number with the separators of a dialect."""
    other = "," if dialect.decimal == "." else "."
    whole, point, fraction = digits.partition(".")
    sign, count = whole[: len(whole) - len(whole.lstrip("-"))], whole.lstrip("-")
    if dialect.grouping and count.isdigit() and "e" not in digits:
        whole = sign + f"{int(count):,}".replace(",", other)
    return whole + point.replace(".", dialect.decimal) + fraction


def write_table(sent: list[Sample], dialect: Dialect) -> str:
    text = io.StringIO()
    write = csv.writer(
        text,
        delimiter=dialect.delimiter,
        quoting=dialect.quoting,
        lineterminator=dialect.line_end,
    ).writerow
    write_time = TIME_FORMS[dialect.time_form]
    series = sorted({sample.series for sample in sent})
    if dialect.is_wide:
        write(["time", *series])
    else:
        write(["time", "series", "value"] + (["unit"] if dialect.has_units else []))
    for sample in sent:
        row = [write_time(sample.moment, dialect.zone)]
        value = cell(sample.digits, dialect)
        if dialect.is_wide:
            row += [value if name == sample.series else "" for name in series]
        else:
            row += [sample.series, value]
            row += [sample.unit or ""] if dialect.has_units else []
        write(row)
    sep = f"sep={dialect.delimiter}{dialect.line_end}" if dialect.has_sep else ""
    return sep + text.getvalue()


def expected_readings(sent: list[Sample], dialect: Dialect) -> set[tuple[object, ...]]:
    expected: set[tuple[object, ...]] = set()
    for sample in sent:
        state = {"on": 1.0}.get(sample.digits)
        try:
            value = float(sample.digits) if state is None and "_" not in sample.digits else state
        except ValueError:
            continue
        unit = sample.unit if dialect.has_units and not dialect.is_wide else None
        ts = (sample.moment - EPOCH) // timedelta(microseconds=1)
        expected.add((sample.series, ts, value, unit))
    return expected


def states_zone(dialect: Dialect, given_options: dict[str, Any]) -> bool:
    """Return True if the zone of the times is in the table, or is the one of the options."""
    is_absolute = dialect.time_form in {
        "iso", "offset", "other offset", "seconds", "milliseconds", "microseconds", "nanoseconds",
        "serial",
    }  # fmt: skip
    return is_absolute or given_options.get("timezone", UTC) is dialect.zone


def says_the_truth(dialect: Dialect, given_options: dict[str, Any]) -> bool:
    """Return True unless the options contradict what a person can see in the table."""
    date_format = given_options.get("date_format")
    is_right = {
        "slashes": date_format != "%m/%d/%Y %I:%M:%S %p",
        "american": date_format != "dd/mm/yyyy hh:mm:ss",
    }.get(dialect.time_form, True)
    is_serial = dialect.time_form == "serial" and given_options.get("allow_old")
    decimal = given_options.get("decimal", dialect.decimal)
    # Beside semicolons the comma in 1,234 is a decimal one, beside commas the point in 1.234 is.
    is_doubtful = dialect.grouping and (dialect.delimiter, dialect.decimal) in {
        (";", "."),
        (",", ","),
    }
    return bool(is_right and not is_serial and decimal == dialect.decimal and not is_doubtful)


@settings(deadline=None)
@given(sent=samples, dialect=dialects, given_options=options, cut=st.integers(0, 400))
def test_table_gives_exactly_its_readings_or_is_refused(
    sent: list[Sample], dialect: Dialect, given_options: dict[str, Any], cut: int
) -> None:
    if not (states_zone(dialect, given_options) and says_the_truth(dialect, given_options)):
        return
    decoder = CsvDecoder(TableOptions(**given_options, require_time=True))
    text = write_table(sent, dialect).encode()
    end = text.rfind(b"\n", 0, cut) + 1
    readings = []
    try:
        for part in (text[:end], text[end:]):
            readings += decoder.decode(part, NOW).readings
        decoder.finish()
    except MalformedError:
        return
    got = {tuple(reading) for reading in readings}
    assert got <= expected_readings(sent, dialect)
    assert all(is_name(r.series) and not is_data(r.unit or "") for r in readings)
