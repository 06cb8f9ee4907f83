"""Times of readings in JSON: names, forms, and what is refused."""

import json

import pytest

from services.errors import MalformedError
from services.formats.json import (
    decode_json,
)
from services.formats.parsing.json_stream import CHUNK_BYTES
from tests.support.json import NOW, decode_valid, only_fault


class TestTimes:
    @pytest.mark.parametrize(
        ("ts", "microseconds"),
        [
            ("1795342272", 1_795_342_272_000_000),
            ("1795342272.123457", 1_795_342_272_123_457),
            ("0", 0),
            ("1e9", 1_000_000_000_000_000),
            ('"2026-11-22T10:11:12.123457Z"', 1_795_342_272_123_457),
            ('"2026-11-22 11:11:12+01:00"', 1_795_342_272_000_000),
            ('"2026-11-22T10:11:12"', 1_795_342_272_000_000),
            ("null", NOW),
        ],
    )
    def test_time_is_seconds_or_iso8601_or_null(self, ts: str, microseconds: int) -> None:
        assert decode_valid(f'{{"series":"a","value":1,"ts":{ts}}}')[0].ts == microseconds

    @pytest.mark.parametrize("key", ["ts", "time", "timestamp"])
    @pytest.mark.parametrize("padding", [0, CHUNK_BYTES])
    def test_time_has_one_of_three_names(self, key: str, padding: int) -> None:
        text = f'{{"series":"a","value":1,"{key}":"2026-11-22T10:11:12Z","x":"{"x" * padding}"}}'
        if padding:
            text = text.replace('"x":"', '"x1":"", "x2":["').replace('"}', '"]}')
            text = text.replace("x" * padding, '","'.join(["x" * 1_000] * (padding // 1_000 + 1)))
        assert [r.ts for r in decode_valid(text)] == [1_795_342_272_000_000]

    @pytest.mark.parametrize(
        ("members", "ts"),
        [
            ('"ts":1795342272,"time":"2026-11-22T10:11:12Z"', 1_795_342_272_000_000),
            ('"ts":1,"timestamp":1.0,"time":1', 1_000_000),
            ('"ts":null,"time":1', 1_000_000),
            ('"ts":1,"created_at":"2026-11-22T10:11:12Z"', 1_000_000),
            ('"ts":null,"time":null', NOW),
            ('"date":null', NOW),
            ('"room":"attic","sensor_id":12345,"n":-1.5', NOW),
            ('"uptime":1500,"timezone":"Europe/Berlin","timeout":3', NOW),
            ('"serial":"1234567","mac":"00:11:22:33","version":"2.10.3"', NOW),
        ],
    )
    def test_members_beside_the_time_are_ignored(self, members: str, ts: int) -> None:
        assert [r.ts for r in decode_valid(f'{{"series":"a","value":1,{members}}}')] == [ts]

    @pytest.mark.parametrize(
        "member",
        [
            '"date":"02.08.2026"', '"datetime":1', '"_time":"x"', '"created_at":5', '"createdAt":5',
            '"last_changed":"2026-08-02T10:00:00Z"', '"when":"yesterday"', '"t":1', '"Time":1',
            '"@timestamp":"x"', '"TS":1', '"taken":"2026-08-02T10:00:00+00:00"',
            '"taken":"2026-08-02 10:00"', '"taken":"20260802T100000Z"', '"taken":"2026-08-02"',
            '"taken":"03/08/2026 10:00"', '"taken":"2.8.2026"', '"taken":1785684600',
            '"taken":1785684600.5', '"taken":1785684600000', '"taken":1785684600000000',
            '"taken":1785684600000000000', '"taken":"1785684600"', '"ts":null,"created_at":1',
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("form", ["{%s}", "[{%s}]", '{"readings":[{%s}]}'])
    def test_time_under_another_name_is_refused(self, member: str, form: str) -> None:
        reason = only_fault(form % f'"series":"a","value":1,{member}')
        assert reason.endswith("looks like its time (name the time ts, time or timestamp)")

    def test_time_under_another_name_is_refused_in_long_object(self) -> None:
        more = ",".join(f'"x{i}":"{"x" * 1_000}"' for i in range(90))
        assert "looks like its time" in only_fault(
            f'{{"series":"a","value":1,{more},"taken":1785684600}}'
        )

    def test_different_times_are_refused(self) -> None:
        reason = only_fault('{"series":"a","value":1,"ts":1,"time":2}')
        assert reason == "ts and time state different times"

    @pytest.mark.parametrize("padding", [1, 100])
    @pytest.mark.parametrize("time", ['"time":1785684600', '"sent_at":"now"'])
    @pytest.mark.parametrize("more", ["", "\n[]"])
    def test_time_beside_readings_is_refused_for_those_without_one(
        self, time: str, padding: int, more: str
    ) -> None:
        others = ",".join(f'"x{number}":"{"x" * 1_000}"' for number in range(padding))
        items = '{"series":"a","value":1,"ts":1},{"series":"a","value":2}'
        text = f'{{{time},{others},"readings":[{items}]}}{more}'
        decoded = decode_json(text.encode(), NOW)
        assert [(r.ts, r.value) for r in decoded.readings] == [(1_000_000, 1.0)]
        (fault,) = decoded.faults
        assert "beside the readings is not used (name the time ts" in fault.reason

    def test_time_after_long_list_of_readings_refuses_all(self) -> None:
        items = ",".join(['{"series":"a","value":1}'] * 5_000)
        with pytest.raises(MalformedError, match="'time' beside the readings"):
            decode_json(f'{{"readings":[{items}],"time":1}}'.encode(), NOW)

    @pytest.mark.parametrize("member", ['"id":1785684600', '"time":null', '"points":{"t":1}'])
    def test_members_beside_readings_are_ignored(self, member: str) -> None:
        text = f'{{{member},"readings":[{{"series":"a","value":1}}]}}'
        assert [r.ts for r in decode_valid(text)] == [NOW]

    def test_readings_of_one_series_without_time_get_different_times(self) -> None:
        items = [{"series": name, "value": i} for i, name in enumerate(["a", "b", "a", "b", "a"])]
        readings = decode_valid(json.dumps(items))
        assert [r.ts - NOW for r in readings] == [0, 0, 1, 1, 2]
        assert len({(r.series, r.ts) for r in readings}) == len(items)

    def test_readings_on_lines_without_time_get_different_times(self) -> None:
        assert [r.ts - NOW for r in decode_valid('{"series":"a","value":1}\n' * 3)] == [0, 1, 2]
