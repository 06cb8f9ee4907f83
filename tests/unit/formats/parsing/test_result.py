"""The collector bounds faults and readings, and gives readings unique times of arrival."""

import pytest

from services.errors import MalformedError, OversizedError
from services.formats.parsing.result import MAX_FAULTS, ReadingCollector

NOW = 1_795_342_272_123_456


def test_faults_beyond_maximum_are_only_counted() -> None:
    collector = ReadingCollector(NOW)
    for index in range(MAX_FAULTS + 500):
        collector.add_fault(index, "value is missing")
    decoded = collector.result(None)
    assert [fault.item_index for fault in decoded.faults] == list(range(MAX_FAULTS))
    assert decoded.omitted_fault_count == 500


def test_reading_above_maximum_count_is_refused() -> None:
    collector = ReadingCollector(NOW, max_readings=2)
    collector.add("a", 1, 1.0, None)
    collector.add("a", 2, 1.0, None)
    collector.check_count()
    collector.add("a", 3, 1.0, None)
    with pytest.raises(OversizedError, match="more than 2 readings at once"):
        collector.check_count()


def test_expected_readings_count_towards_maximum() -> None:
    collector = ReadingCollector(NOW, max_readings=2)
    collector.add("a", 1, 1.0, None)
    collector.check_count(expected=1)
    with pytest.raises(OversizedError, match="send fewer"):
        collector.check_count(expected=2)


@pytest.mark.parametrize(
    ("series", "value", "unit", "reason"),
    [
        ("", 1.0, None, "series must not be empty"),
        ("a", float("nan"), None, "finite"),
        ("a", 1.0, "\n", "unit must not contain control characters"),
    ],
)
def test_invalid_reading_is_not_added(
    series: str, value: float, unit: str | None, reason: str
) -> None:
    collector = ReadingCollector(NOW)
    with pytest.raises(MalformedError, match=reason):
        collector.add(series, 1, value, unit)
    assert collector.result(None).readings == []


def test_readings_without_time_get_unique_times_of_arrival() -> None:
    collector = ReadingCollector(NOW)
    for series in ("a", "b", "a"):
        collector.add(series, None, 1.0, None)
    collector.add("a", 5, 1.0, None)
    assert [r.ts for r in collector.result(None).readings] == [NOW, NOW, NOW + 1, 5]


def test_reserved_times_replace_times_of_arrival() -> None:
    collector = ReadingCollector(NOW)
    for series in ("a", "b", "a"):
        collector.add(series, None, 1.0, None)
    reserved: list[int] = []

    def reserve(count: int) -> int:
        reserved.append(count)
        return NOW + 70

    assert [r.ts for r in collector.result(reserve).readings] == [NOW + 70, NOW + 70, NOW + 71]
    assert reserved == [2]
