"""The names of all metrics: the rules of `promtool check metrics`, and our own."""

import re
from collections.abc import Callable

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


def names_of(is_wrong: Callable[[Metric], object]) -> list[str]:
    """Return the names of the metrics for which a condition holds."""
    return [metric.name for metric in METRICS.values() if is_wrong(metric)]


def words_of(metric: Metric) -> list[str]:
    return metric.name.removesuffix("_total").split("_")


def test_each_metric_has_a_help_text() -> None:
    assert names_of(lambda metric: not metric.help.endswith(".")) == []


def test_names_have_lower_case_words() -> None:
    assert names_of(lambda metric: not re.fullmatch(r"stripchart(_[a-z]+)+", metric.name)) == []


def test_counters_and_only_they_end_with_total() -> None:
    counters = names_of(lambda metric: metric.kind == "counter")
    assert names_of(lambda metric: metric.name.endswith("_total")) == counters


def test_names_have_no_suffix_of_histograms_and_summaries() -> None:
    suffixes = ("_count", "_sum", "_bucket")
    assert names_of(lambda metric: metric.name.endswith(suffixes)) == []


def test_names_have_no_type() -> None:
    assert names_of(lambda metric: TYPES & set(metric.name.split("_"))) == []


def test_units_are_base_units_in_full_and_at_the_end() -> None:
    assert names_of(lambda metric: (OTHER_UNITS | ABBREVIATIONS) & set(words_of(metric))) == []
    assert names_of(lambda metric: UNITS & set(words_of(metric)[:-1])) == []


def test_labels_have_few_values_and_no_reserved_names() -> None:
    assert names_of(lambda metric: set(metric.labels) - BOUNDED_LABELS) == []
    reserved = {"le", "quantile", "instance", "job"}
    assert names_of(lambda metric: set(metric.labels) & reserved) == []


def test_histograms_and_only_they_have_increasing_bounds() -> None:
    histograms = names_of(lambda metric: metric.kind == "histogram")
    assert names_of(lambda metric: metric.bounds) == histograms
    assert names_of(lambda metric: list(metric.bounds) != sorted(set(metric.bounds))) == []


def test_each_metric_is_documented() -> None:
    document = (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")
    assert names_of(lambda metric: f"`{metric.name}`" not in document) == []
