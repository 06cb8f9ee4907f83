"""Reports of processes: the samples that one of them shares with the others."""

import json
import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from services.errors import MalformedError
from services.metric import Distribution, Sample
from services.metric_table import METRICS

PROCESS_KINDS: Final = ("producer", "writer", "web", "jobs")
"""The kinds of processes that report."""

MAX_REPORT_BYTES: Final = 65_536
MAX_LABEL_CHARS: Final = 64
_RATE_SECONDS: Final = 60.0


class ProcessReport(NamedTuple):
    """The report of one process.

    Attributes:
        process: The kind of process.
        number: Its number among the processes of this kind, from 1 on.
        version: The version that it runs.
        samples: Its samples.
        rates: Increases of its counters in a second over the last minute, by the metric's name.
    """

    process: str
    number: int
    version: str
    samples: list[Sample]
    rates: Mapping[str, float]

    def value(self, name: str) -> float | None:
        """Return the sum of a metric's samples, None if it has none or is a histogram."""
        values = [sample.value for sample in self.samples if sample.metric.name == name]
        numbers = [value for value in values if not isinstance(value, Distribution)]
        return math.fsum(numbers) if numbers else None


def encode_report(version: str, samples: Iterable[Sample], rates: Mapping[str, float]) -> bytes:
    """Return a report as JSON. Who keeps it adds the process and its number."""
    rows = [
        [
            sample.metric.name,
            sample.labels,
            [sample.value.counts, sample.value.total]
            if isinstance(sample.value, Distribution)
            else sample.value,
        ]
        for sample in samples
    ]
    document = {"version": version, "samples": rows, "rates": rates}
    return json.dumps(document, separators=(",", ":")).encode()


def decode_report(process: str, number: int, text: bytes) -> ProcessReport:
    """Return the report in a text, which another program may have written.

    Metrics that this version does not know are left out.

    Raises:
        MalformedError: It is not a report.
    """
    if process not in PROCESS_KINDS or number < 1 or len(text) > MAX_REPORT_BYTES:
        raise MalformedError("not a report of a process")
    try:
        document = json.loads(text)
        version = _label(document["version"])
        samples = list(_decode_samples(document["samples"]))
        rates = {str(name): _number(rate) for name, rate in document["rates"].items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise MalformedError(f"not a report of a process: {error!r:.200}") from error
    return ProcessReport(process, number, version, samples, rates)


def _decode_samples(rows: Any) -> Iterator[Sample]:
    seen = set()
    for name, labels, value in rows:
        metric = METRICS.get(name)
        key = (name, *labels)
        if metric is None or not metric.is_of_process or len(labels) != len(metric.labels):
            continue
        if key in seen:
            raise ValueError("a sample comes twice")
        seen.add(key)
        decoded = (
            _distribution(value, len(metric.bounds) + 1)
            if metric.kind == "histogram"
            else _number(value)
        )
        yield Sample(metric, decoded, tuple(map(_label, labels)))


def _distribution(value: Any, bucket_count: int) -> Distribution:
    counts, total = value
    if len(counts) != bucket_count or any(type(count) is not int or count < 0 for count in counts):
        raise ValueError("not the counts of a histogram")
    return Distribution(tuple(counts), _number(total))


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError("not a number")
    return float(value)


def _label(value: Any) -> str:
    if not isinstance(value, str) or not value.isprintable() or len(value) > MAX_LABEL_CHARS:
        raise ValueError("not a label")
    return value


class RateMeter:
    """Measures how fast totals grow, over about the last minute.

    Args:
        seconds: Length of the interval.
    """

    def __init__(self, seconds: float = _RATE_SECONDS) -> None:
        self._seconds = seconds
        self._points: deque[tuple[float, Mapping[str, float]]] = deque()

    def add(self, now: float, totals: Mapping[str, float]) -> None:
        """Add the totals at a time of the monotonic clock, later than the one before."""
        self._points.append((now, totals))
        while self._points[0][0] < now - self._seconds and self._points[1][0] < now:
            self._points.popleft()

    def rates(self) -> dict[str, float]:
        """Return the increase in a second of each total, none before the second time."""
        if not self._points:
            return {}
        (start, before), (end, after) = self._points[0], self._points[-1]
        return {
            name: max(0.0, total - before[name]) / (end - start)
            for name, total in after.items()
            if name in before and end > start
        }
