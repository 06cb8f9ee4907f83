"""Reports of processes, and the rates in them."""

import json
from typing import Any

import pytest

from services.errors import MalformedError
from services.metric import Histogram, Sample
from services.metric_table import (
    COMMIT_READINGS,
    DISK_FREE,
    READINGS_REJECTED,
    READINGS_STORED,
    VIEWERS,
)
from services.process_report import MAX_REPORT_BYTES, RateMeter, decode_report, encode_report


def test_report_is_the_same_after_its_way_through_json() -> None:
    sizes = Histogram(COMMIT_READINGS)
    for size in (1, 2, 60_000):
        sizes.observe(size)
    samples = [
        Sample(READINGS_STORED, 7.0),
        Sample(READINGS_REJECTED, 1.0, ("malformed",)),
        Sample(READINGS_REJECTED, 2.0, ("refused",)),
        sizes.sample(),
    ]
    text = encode_report("1.2", samples, {READINGS_STORED.name: 0.5})
    report = decode_report("writer", 3, text)
    assert (report.process, report.number, report.version) == ("writer", 3, "1.2")
    assert report.samples == samples
    assert report.rates == {READINGS_STORED.name: 0.5}
    assert report.value(READINGS_REJECTED.name) == 3.0
    assert report.value(VIEWERS.name) is None
    assert report.value(COMMIT_READINGS.name) is None


def test_value_is_counted_in_the_first_bucket_that_includes_it() -> None:
    sizes = Histogram(COMMIT_READINGS)
    sizes.observe(10.0, 3)
    sizes.observe(10.5)
    sizes.observe(1e9)
    assert sizes.sample().value == ((0, 3, 1, 0, 0, 0, 0, 0, 1), 30.0 + 10.5 + 1e9)


def test_samples_of_another_version_or_of_the_instance_are_left_out() -> None:
    rows = [["stripchart_new", [], 1], [DISK_FREE.name, [], 1], [VIEWERS.name, ["x"], 1]]
    text = json.dumps({"version": "9", "samples": rows, "rates": {}}).encode()
    assert decode_report("web", 1, text).samples == []


@pytest.mark.parametrize(
    "row",
    [
        [VIEWERS.name, [], "1"],
        [VIEWERS.name, [], True],
        [VIEWERS.name, [], float("nan")],
        [VIEWERS.name, [], float("inf")],
        [VIEWERS.name, [], [[1], 1]],
        [VIEWERS.name, []],
        [COMMIT_READINGS.name, [], 1],
        [COMMIT_READINGS.name, [], [[1, 2], 3.0]],
        [COMMIT_READINGS.name, [], [[-1] * 9, 3.0]],
        [READINGS_REJECTED.name, ["x" * 65], 1],
        [READINGS_REJECTED.name, ["a\nb"], 1],
        [READINGS_REJECTED.name, [7], 1],
        "text",
        7,
    ],
)
def test_damaged_sample_makes_the_report_malformed(row: Any) -> None:
    text = json.dumps({"version": "1", "samples": [row], "rates": {}}).encode()
    with pytest.raises(MalformedError):
        decode_report("web", 1, text)


@pytest.mark.parametrize(
    ("process", "number", "text"),
    [
        ("web", 0, b'{"version": "1", "samples": [], "rates": {}}'),
        ("shell", 1, b'{"version": "1", "samples": [], "rates": {}}'),
        ("web", 1, b'{"version": 1, "samples": [], "rates": {}}'),
        ("web", 1, b'{"version": "1", "samples": [], "rates": {"a": "b"}}'),
        ("web", 1, b'{"version": "1", "samples": []}'),
        ("web", 1, b"\xff"),
        ("web", 1, b"[" * 60_000),
    ],
)
def test_text_that_is_no_report_is_malformed(process: str, number: int, text: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_report(process, number, text)


def test_report_that_is_too_large_is_malformed() -> None:
    report = encode_report("1.0", [], {})
    decode_report("web", 1, report.ljust(MAX_REPORT_BYTES))
    with pytest.raises(MalformedError):
        decode_report("web", 1, report.ljust(MAX_REPORT_BYTES + 1))


def test_sample_that_comes_twice_is_malformed() -> None:
    """Prometheus would refuse all metrics because of it."""
    text = encode_report("1", [Sample(VIEWERS, 1), Sample(VIEWERS, 2)], {})
    with pytest.raises(MalformedError):
        decode_report("web", 1, text)


def test_rate_is_measured_over_the_last_minute() -> None:
    meter = RateMeter()
    assert meter.rates() == {}
    meter.add(0.0, {"a": 100.0})
    assert meter.rates() == {}
    meter.add(10.0, {"a": 200.0, "b": 7.0})
    assert meter.rates() == {"a": 10.0}
    for second in range(20, 200, 10):
        meter.add(float(second), {"a": 200.0, "b": 7.0})
    assert meter.rates() == {"a": 0.0, "b": 0.0}


def test_total_that_began_again_has_no_negative_rate() -> None:
    meter = RateMeter()
    meter.add(0.0, {"a": 100.0})
    meter.add(2.0, {"a": 0.0})
    assert meter.rates() == {"a": 0.0}
