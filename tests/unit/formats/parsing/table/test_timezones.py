"""Local times of tables are converted to UTC, or refused where the clock changes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import MalformedError
from tests.support.tables import NOW, file_times, utc

BERLIN = ZoneInfo("Europe/Berlin")


class TestTimezone:
    def test_time_without_zone_is_in_the_named_one(self) -> None:
        times = file_times(timezone=BERLIN)
        assert utc(times.parse("2026-08-02 15:30:00", NOW)) == "2026-08-02 13:30:00"
        assert utc(times.parse("02.02.2026 15:30", NOW)) == "2026-02-02 14:30:00"
        assert utc(times.parse("2026-08-02 15:30:00Z", NOW)) == "2026-08-02 15:30:00"
        assert times.notes == ["times without a zone are in Europe/Berlin"]

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("2026-03-29 02:30:00", "is skipped in Europe/Berlin"),
            ("29.03.2026 02:00", "is skipped in Europe/Berlin"),
            ("2026-10-25 02:00:00", "comes twice in Europe/Berlin"),
            ("2026-10-25 02:59:59.5", "comes twice in Europe/Berlin.*offset"),
        ],
    )
    def test_time_without_one_meaning_is_refused(self, text: str, reason: str) -> None:
        with pytest.raises(MalformedError, match=reason):
            file_times(timezone=BERLIN).parse(text, NOW)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("2026-03-29 01:59:59", "2026-03-29 00:59:59"),
            ("2026-03-29 03:00:00", "2026-03-29 01:00:00"),
            ("2026-10-25 01:59:59", "2026-10-24 23:59:59"),
            ("2026-10-25 03:00:00", "2026-10-25 02:00:00"),
            ("2026-10-25 02:30:00+02:00", "2026-10-25 00:30:00"),
            ("2026-10-25 02:30:00+01:00", "2026-10-25 01:30:00"),
        ],
    )
    def test_times_around_a_change_are_read(self, text: str, expected: str) -> None:
        assert utc(file_times(timezone=BERLIN).parse(text, NOW)) == expected

    @given(st.datetimes(datetime(2000, 1, 2), datetime(2026, 11, 20)))  # noqa: DTZ001
    def test_every_local_time_is_read_back_or_refused(self, moment: datetime) -> None:
        times = file_times(timezone=BERLIN)
        try:
            ts = times.parse(str(moment), NOW)
        except MalformedError:
            in_utc = {moment.replace(tzinfo=BERLIN, fold=fold).astimezone(UTC) for fold in (0, 1)}
            assert len(in_utc) == 2
            return
        back = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=ts)
        assert back.astimezone(BERLIN).replace(tzinfo=None) == moment
