"""The names of all metrics: the rules of `promtool check metrics`, and our own."""

import re

import pytest

from services.metric import Metric
from services.metric_table import METRICS
from tests.support.paths import ROOT

UNITS = {"seconds", "bytes", "ratio", "celsius", "meters", "volts", "amperes", "joules", "grams"}
OTHER_UNITS = {
    "milliseconds", "microseconds", "nanoseconds", "minutes", "hours", "days", "weeks",
    "kilobytes", "megabytes", "gigabytes", "kibibytes", "mebibytes", "bits", "percent",
}  # fmt: skip
ABBREVIATIONS = {"s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "m", "h", "d"}
TYPES = {"counter", "gauge", "histogram", "summary"}
BOUNDED_LABELS = {"process", "number", "level", "reason", "kind", "outcome", "part", "version"}

each_metric = pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)


@each_metric
def test_metric_has_a_help_text(metric: Metric) -> None:
    assert metric.help.endswith(".")


@each_metric
def test_name_has_lower_case_words(metric: Metric) -> None:
    assert re.fullmatch(r"stripchart(_[a-z]+)+", metric.name)


@each_metric
def test_counters_and_only_they_end_with_total(metric: Metric) -> None:
    assert metric.name.endswith("_total") == (metric.kind == "counter")


@each_metric
def test_name_has_no_suffix_of_histograms_and_summaries(metric: Metric) -> None:
    assert not metric.name.endswith(("_count", "_sum", "_bucket"))


@each_metric
def test_name_has_no_type(metric: Metric) -> None:
    assert not TYPES & set(metric.name.split("_"))


@each_metric
def test_units_are_base_units_in_full_and_at_the_end(metric: Metric) -> None:
    words = metric.name.removesuffix("_total").split("_")
    assert not OTHER_UNITS & set(words)
    assert not ABBREVIATIONS & set(words)
    assert not UNITS & set(words[:-1])


@each_metric
def test_labels_have_few_values_and_no_reserved_names(metric: Metric) -> None:
    assert set(metric.labels) <= BOUNDED_LABELS
    assert not set(metric.labels) & {"le", "quantile", "instance", "job"}


@each_metric
def test_histogram_has_increasing_bounds(metric: Metric) -> None:
    assert bool(metric.bounds) == (metric.kind == "histogram")
    assert list(metric.bounds) == sorted(set(metric.bounds))


@each_metric
def test_metric_is_documented(metric: Metric) -> None:
    assert f"`{metric.name}`" in (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")
