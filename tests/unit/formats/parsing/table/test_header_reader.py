"""Headers of tables give the right series and units, or stop the import with a hint."""

import re
import time

import pytest

from services.errors import MalformedError
from tests.support.tables import (
    T1,
    T2,
    decode_file,
    file_decoder,
    readings_by_series,
    units_by_series,
)


@pytest.mark.parametrize(
    "name",
    [
        "time", "Time", "TIMESTAMP", "date", "DateTime", "_time", "ts", "created_at", "createdAt",
        "last_changed", "Last Updated", "Date/Time", '"Date/Time"', " time ", "'time'", "Date Time",
        "date_time", "Date & Time", "Time (UTC)", "time_utc", "UTC time", "Timestamp [Z]",
        "Date (yyyy-mm-dd)",
    ],
)  # fmt: skip
def test_column_of_times_is_known_by_its_name(name: str) -> None:
    decoded = decode_file(f"temp,{name}\n21.5,{T1}\n")
    assert readings_by_series(decoded) == {"temp": [21.5]}
    assert decoded.faults == []


@pytest.mark.parametrize(
    ("series", "value"),
    [
        ("series", "value"), ("Name", "Value"), ("metric", "state"), ("sensor", "_value"),
        ("entity_id", "state"), ("topic", "VALUE"), ("Entity ID", "State"),
    ],
)  # fmt: skip
def test_columns_of_series_and_values_are_known_by_their_names(series: str, value: str) -> None:
    text = f"time,{series},{value}\n{T1},kitchen,21.5\n{T1},cellar,9.5\n{T2},kitchen,21.6\n"
    decoded = decode_file(text)
    assert readings_by_series(decoded) == {"kitchen": [21.5, 21.6], "cellar": [9.5]}
    assert decoded.faults == []


@pytest.mark.parametrize("name", ["unit", "Unit", "unit_of_measurement", "Unit of measurement"])
def test_column_of_units_is_known_by_its_name(name: str) -> None:
    decoded = decode_file(f"{name},time,sensor,value\n°C,{T1},kitchen,21.5\n,{T2},kitchen,22\n")
    assert [(r.value, r.unit) for r in decoded.readings] == [(21.5, "°C"), (22.0, None)]


@pytest.mark.parametrize(
    ("header", "units"),
    [
        ("Temperature (C)", {"Temperature": "C"}),
        ("Humidity [%]", {"Humidity": "%"}),
        ("Pressure(hPa)", {"Pressure": "hPa"}),
        ("Noise (dB(A))", {"Noise": "dB(A)"}),
        ('"Temperature\n(°C)"', {"Temperature": "°C"}),
        ('"Temperature, inside [°C]"', {"Temperature, inside": "°C"}),
        ('"Rain ""today"" (mm)"', {'Rain "today"': "mm"}),
        ("Temperature (max)", {"Temperature (max)": None}),
        ("Temperature  °C", {"Temperature °C": None}),
        ("T (in),T (out)", {"T (in)": None, "T (out)": None}),
        ("T (C),T (F)", {"T (C)": "C", "T (F)": "F"}),
        ("P (A),P (B),P (C)", {"P (A)": None, "P (B)": None, "P (C)": None}),
        ("Ch 1 (A),Ch 1 (C)", {"Ch 1 (A)": "A", "Ch 1 (C)": "C"}),
    ],
)
def test_unit_stands_in_brackets(header: str, units: dict[str, str | None]) -> None:
    values = ",".join("1" for _ in units)
    decoded = decode_file(f"Date,{header}\n{T1},{values}\n")
    assert units_by_series(decoded.readings) == units
    assert decoded.faults == []


@pytest.mark.parametrize(
    ("header", "series"),
    [
        ("timestamp,value", ["value"]),
        ("last_changed,state", ["state"]),
        ("time,temp,state", ["temp", "state"]),
        ("created_at,entry_id,field1", ["entry_id", "field1"]),
        ("Timestamp,kitchen,cellar", ["kitchen", "cellar"]),
    ],
)
def test_other_table_with_one_column_of_times_has_a_series_in_each_column(
    header: str, series: list[str]
) -> None:
    row = ",".join([T1, *("1" for _ in series)])
    assert [reading.series for reading in decode_file(f"{header}\n{row}\n").readings] == series


def test_name_of_the_series_and_of_the_column_are_joined() -> None:
    decoded = decode_file(f"time,sensor,temp (C),hum (%)\n{T1},kitchen,21,40\n{T1},cellar,9,80\n")
    assert readings_by_series(decoded) == {
        "kitchen.temp": [21.0],
        "kitchen.hum": [40.0],
        "cellar.temp": [9.0],
        "cellar.hum": [80.0],
    }
    assert units_by_series(decoded.readings)["cellar.hum"] == "%"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        # The first row is data.
        (f"{T1},21.5,43.0\n", "no header .*--columns 'time,column 2,column 3'"),
        (f"{T1},21.37,43.2,1013\n", "no header .*--columns"),
        ("1785684600,21.5\n", "no header .*--columns"),
        (f"{T1};21,5;nan\n", "no header .*--columns"),
        (f"kitchen,{T1},21.5\n", "no header .*--columns"),
        # A name that is a value.
        (f"time,21.37,temp\n{T1},1,2\n", "column 2 has a value as its name: '21.37'"),
        (f"time,nan,temp\n{T1},1,2\n", "column 2 has a value as its name: 'nan'"),
        (f"time,NaN\n{T1},1\n", "has a value as its name"),
        (f"time,2026-08-02\n{T1},1\n", "has a value as its name"),
        (f"time,-1e3\n{T1},1\n", "has a value as its name"),
        (f"time,21.5 (C)\n{T1},1\n", "has a value as its name"),
        # No name, or the same name twice.
        (f",time,temp\nkitchen,{T1},21\n", "column 1 has no name .*'-,time,temp' leaves it out"),
        (f",time,temp\n5,{T1},21\n5,{T2},21\n", "column 1 has no name"),
        (f",temp,hum\n{T1},21,43\n", "column 1 has no name .*--columns 'time,temp,hum'"),
        (f",time\n0,{T1}\n", "column 1 has no name"),
        (f",time,name,value\n0,{T1},a,21\n", "column 1 has no name .*'-,time,name,value'"),
        (f"time,,temp\n{T1},1,2\n", "column 2 has no name"),
        (f"time,temp,temp\n{T1},1,2\n", "two columns have the name 'temp'"),
        # Two columns with the same meaning.
        (f"time,created_at,temp\n{T1},{T1},1\n", "'time' and 'created_at' both seem to hold times"),
        (f"time,metric,sensor,value\n{T1},a,b,1\n", "'metric' and 'sensor' both seem to hold"),
        # A column that may tell series apart.
        (f"time,location,temp\n{T1},kitchen,21\n", "'location' may tell series apart.*time,series"),
        (f"time,device_id,temp\n{T1},1,21\n", "'device_id' may tell series apart"),
        (f"time,pump,value\n{T1},1,21\n", "'pump' may tell series apart"),
        (f"time,room,sensor,value\n{T1},a,b,21\n", "'room' may tell series apart"),
        (f"time,ch,temp\n{T1},1,21\n", "'ch' may tell series apart"),
        (f"time,pump id,temp\n{T1},1,21\n", "'pump id' may tell series apart"),
        # Nothing to go by.
        ("a,b\nc,d\n", "no column of the table has a name such as time"),
        (f"time\n{T1}\n", "only one column"),
        (f"time,unit\n{T1},C\n", "no column of values"),
        ("series,value\na,1\n", "the table has no column of times"),
        (f"time,timezone,temp\n{T1},CET,1\n", "'timezone' with zones of times.*--timezone"),
        ("Time (CET),temp\n2026-08-02 15:30:00,1\n", "'Time .CET.' does not say.*--timezone"),
        ("Local time,temp\n2026-08-02 15:30:00,1\n", "'Local time' does not say.*--timezone"),
        # A value that a name could have too.
        (f"{T1},21.5 °C,45 %\n", "no header .*--columns"),
        (f"{T1},21C,45\n", "no header .*--columns"),
        (f"{T1},on,21.5\n", "no header .*--columns"),
        (f"#time,heating,temp\n{T1},off,21.5\n", "no header .*--columns"),
        (f"{T1},kitchen,21.5,on\n", "no header .*--columns"),
        ("Date (dd/mm/yyyy),Time,temp\n02/08/2026,15:30,1\n", "--date-format"),
        (f"time,{'x' * 2000}\n{T1},1\n", "column 2: series must have at most"),
        (f'time,"temp\n{T1},1\n', "quote"),
    ],
)  # fmt: skip
def test_header_that_is_not_understood_stops_the_import(text: str, reason: str) -> None:
    with pytest.raises(MalformedError, match=reason):
        decode_file(text)


@pytest.mark.parametrize(
    ("row", "series", "unit"),
    [
        (f"{T1},kitchen,21.5", "kitchen", None),
        (f"{T1};kitchen;21,5", "kitchen", None),
        (f"{T1}\tkitchen\t21.5", "kitchen", None),
        (f"{T1},kitchen,21.5,°C", "kitchen", "°C"),
        (f"{T1},kitchen,21.5,", "kitchen", None),
        ("1785684600,kitchen,21.5", "kitchen", None),
        (f'{T1},"a, b",21.5', "a, b", None),
        (f"{T1},home,21.5", "home", None),
        (f"{T1},28-0316a2f,21.5", "28-0316a2f", None),
        (f"{T1},1st floor,21.5", "1st floor", None),
    ],
)
def test_row_of_time_series_and_value_needs_no_header(
    row: str, series: str, unit: str | None
) -> None:
    decoded = decode_file(row)
    assert [(r.series, r.value, r.unit) for r in decoded.readings] == [(series, 21.5, unit)]


def test_option_names_the_columns_of_a_table_without_header() -> None:
    decoded = decode_file(f"{T1},21.5,43\n", columns=("time", "temp (C)", "hum"))
    assert [(r.series, r.value, r.unit) for r in decoded.readings] == [
        ("temp", 21.5, "C"),
        ("hum", 43.0, None),
    ]
    decoded = decode_file(f"21.5;kitchen;{T1}\n", columns=("value", "sensor", "time"))
    assert readings_by_series(decoded) == {"kitchen": [21.5]}


def test_option_replaces_a_header_and_leaves_columns_out() -> None:
    text = f"Moment,Room,Degrees,Note\n{T1},kitchen,21.5,x\n{T1},cellar,9.5,y\n"
    decoder = file_decoder(columns=("time", "series", "value", "-"))
    decoded = decoder.decode(text.encode(), 1_795_342_272_123_456)
    assert readings_by_series(decoded) == {"kitchen": [21.5], "cellar": [9.5]}
    assert "the names of --columns replace the header" in decoder.notes


@pytest.mark.parametrize(
    "header", ["Time (UTC+2),a,b", "when,a,b", ",1,2", "Timestamp for every 1 min,Temp,PM2.5"]
)
def test_header_that_the_option_replaces_is_no_row(header: str) -> None:
    decoded = decode_file(f"{header}\n{T1},21.5,43\n", columns=("time", "temp", "hum"))
    assert readings_by_series(decoded) == {"temp": [21.5], "hum": [43.0]}
    assert decoded.faults == []


@pytest.mark.parametrize(
    ("header", "row", "series"),
    [
        ("Zeit;Temperatur (°C)", f"{T1};21,5", ["Temperatur"]),
        ("Nr;Datum und Zeit;Temp", f"1;{T1};21,5", ["Nr", "Temp"]),
        ("Timestamp for every 1 min,Temp", f"{T1},21.5", ["Temp"]),
        (",temp,hum", f"{T1},21.5,43", ["temp", "hum"]),
        ("time,temp,temp", f"{T1},1,2", ["temp", "temp 3"]),
        ("time,101 (C),102 (C)", f"{T1},1,2", ["column 2", "column 3"]),
        ("time,created_at,temp", f"{T1},{T2},1", ["temp"]),
        ("time,,temp", f"{T1},x,1", ["temp"]),
        (f"{T1},21.5", f"{T2},22.5", ["column 2", "column 2"]),
        ("name,time,host,usage", f"cpu,{T1},attic,1", ["cpu.usage", "attic.usage"]),
        ("time,value,instance,job", f"{T1},1,attic,a", ["value", "attic"]),
        ("SensorId,time,temp", f"16808,{T1},1", ["temp", "16808.temp"]),
        ("time,greenhouse,temp", f"{T1},A,21", ["A.temp", "temp"]),
        ("time,sensor,greenhouse,temp", f"{T1},x,A,21", ["A.temp", "x.temp"]),
        ("Date,Start Time,Usage", "2026-08-02,15:30,1", ["Usage", "Usage"]),
        ("Date,Simple Date,Temp", f"{T1},2026-08-02 15:30,1", ["Temp"]),
    ],
)
def test_hint_works_as_it_is_printed(header: str, row: str, series: list[str]) -> None:
    with pytest.raises(MalformedError) as error:
        decode_file(f"{header}\n{row}\n")
    options = re.findall("--columns '([^']+)'", error.value.hint)
    decoded = [decode_file(f"{header}\n{row}\n", columns=(*o.split(","),)) for o in options]
    assert [r.series for each in decoded for r in each.readings] == series
    assert not any(each.faults for each in decoded)


def test_option_with_too_few_columns_stops_the_import() -> None:
    with pytest.raises(MalformedError, match="--columns names 2 columns, and the first line has 3"):
        decode_file(f"{T1},21.5,43\n", columns=("time", "temp"))
    with pytest.raises(MalformedError, match="--columns names 2 columns, and the first line has 3"):
        decode_file(f"{T1},28,9\n", columns=("time", "temp"))


def test_description_shows_what_was_understood() -> None:
    decoder = file_decoder()
    decoder.decode(f"time;sensor;temp (C);note\n{T1};a;21,5;x\n".encode(), 1_795_342_272_123_456)
    description = decoder.description
    assert description is not None
    assert (description.delimiter, description.decimal, description.has_header) == (";", ",", True)
    assert [(c.header, c.role, c.unit) for c in description.columns] == [
        ("time", "time", None),
        ("sensor", "series", None),
        ("temp (C)", "value", "C"),
        ("note", "ignored", None),
    ]


def test_export_of_home_assistant_is_read() -> None:
    rows = ["sensor.k,21.5", "sensor.k,unavailable", "sensor.k,unknown", "sensor.k,"]
    rows += ["binary_sensor.d,on", "binary_sensor.d,off", "sun.sun,above_horizon"]
    lines = (f"{row},2026-08-02T15:3{i}:00.000Z" for i, row in enumerate(rows))
    decoded = decode_file("\n".join(["entity_id,state,last_changed", *lines]))
    assert readings_by_series(decoded) == {"sensor.k": [21.5], "binary_sensor.d": [1.0, 0.0]}
    assert decoded.skipped == {"unavailable": 1, "unknown": 1, "empty": 1}
    assert [fault.reason for fault in decoded.faults] == ["'above_horizon' is not a number"]


def test_time_of_the_last_change_is_used_if_the_last_update_stands_beside_it() -> None:
    text = f"entity_id,state,last_updated,last_changed\nsensor.k,21.5,{T2},{T1}\n"
    (reading,) = decode_file(text).readings
    assert reading.ts == 1_785_684_600_000_000


def test_wide_header_takes_linear_time() -> None:
    header = ",".join(["time", *(f"c{i}" for i in range(30_000))])
    start = time.process_time()
    decode_file(f"{header}\n")
    # It takes 0.6 s. With quadratic time it took more than 20 s.
    assert time.process_time() - start < 6
