"""Metrics: their definitions, and the values that a process counts.

Hot paths count in plain attributes and in a `Histogram`. A sample is made of them only when
somebody asks.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

MetricKind: TypeAlias = Literal["counter", "gauge", "histogram"]


class Metric(NamedTuple):
    """The definition of a metric.

    Attributes:
        name: Its full name, by the conventions of Prometheus.
        kind: A counter, a gauge or a histogram.
        help: What it measures, as a sentence.
        labels: Names of its labels. Each has few values, never names of series or addresses.
        bounds: The upper bounds of a histogram's buckets, without infinity.
        is_of_process: True if each process has a value of its own.
    """

    name: str
    kind: MetricKind
    help: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()
    is_of_process: bool = True


class Distribution(NamedTuple):
    """The content of a histogram.

    Attributes:
        counts: Number of values in each bucket, and in the one to infinity.
        total: The sum of all values.
    """

    counts: tuple[int, ...]
    total: float


class Sample(NamedTuple):
    """The value of a metric, for one combination of its labels."""

    metric: Metric
    value: float | Distribution
    labels: tuple[str, ...] = ()


class Histogram:
    """Counts values in buckets.

    Args:
        metric: The metric, which has the bounds.
    """

    __slots__ = ("_bounds", "_counts", "_metric", "_total")

    def __init__(self, metric: Metric) -> None:
        self._metric = metric
        self._bounds: Sequence[float] = metric.bounds
        self._counts = [0] * (len(metric.bounds) + 1)
        self._total = 0.0

    def observe(self, value: float, count: int = 1) -> None:
        """Count a value, as often as it occurred."""
        self._counts[bisect_left(self._bounds, value)] += count
        self._total += value * count

    def sample(self) -> Sample:
        """Return the sample of the values so far."""
        return Sample(self._metric, Distribution(tuple(self._counts), self._total))
