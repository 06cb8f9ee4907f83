"""`/metrics` for Prometheus: the samples of all processes, and figures of the whole instance."""

from collections.abc import Iterable, Iterator

from flask import Blueprint, Response, request
from prometheus_client import Metric as Family
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from services.metric import Distribution, Metric, Sample
from services.metric_table import METRICS
from services.process_report import ProcessReport
from services.web.api.instance_figures import instance_samples, read_instance_figures

PROCESS_LABELS = ("process", "number")
"""Labels of the metrics that each process has: its kind, and its number among them."""

_PLAIN_FAMILIES = (CounterMetricFamily, GaugeMetricFamily)

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Return all metrics, as text of Prometheus or of OpenMetrics, as the client prefers."""
    figures = read_instance_figures()
    families = make_families(figures.reports, instance_samples(figures))
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    response = Response(encode(_Families(families)), content_type=content_type)
    response.headers["Cache-Control"] = "no-store"
    return response


def make_families(reports: Iterable[ProcessReport], shared: Iterable[Sample]) -> list[Family]:
    """Return the families of all samples, in the order of the table.

    Args:
        reports: The reports of all processes.
        shared: Samples of the whole instance.
    """
    families: dict[str, Family] = {}
    for sample in shared:
        _add(families, sample, ())
    for report in reports:
        for sample in report.samples:
            _add(families, sample, (report.process, str(report.number)))
    return [families[name] for name in METRICS if name in families]


def _add(families: dict[str, Family], sample: Sample, process: tuple[str, ...]) -> None:
    metric = sample.metric
    family = families.get(metric.name)
    if family is None:
        family = families[metric.name] = _make_family(metric)
    labels, value = (*process, *sample.labels), sample.value
    if isinstance(family, HistogramMetricFamily) and isinstance(value, Distribution):
        buckets = list(_cumulate(metric.bounds, value.counts))
        family.add_metric(labels, buckets, value.total)
    elif isinstance(family, _PLAIN_FAMILIES) and not isinstance(value, Distribution):
        family.add_metric(labels, value)


def _make_family(metric: Metric) -> Family:
    process = PROCESS_LABELS if metric.is_of_process else ()
    labels = (*process, *metric.labels)
    if metric.kind == "counter":
        return CounterMetricFamily(metric.name, metric.help, labels=labels)
    if metric.kind == "histogram":
        return HistogramMetricFamily(metric.name, metric.help, labels=labels)
    return GaugeMetricFamily(metric.name, metric.help, labels=labels)


def _cumulate(bounds: tuple[float, ...], counts: tuple[int, ...]) -> Iterator[tuple[str, float]]:
    total = 0
    for bound, count in zip((*map(str, bounds), "+Inf"), counts, strict=True):
        total += count
        yield bound, total


class _Families(Collector):
    """Hands families to an encoder, which asks a collector for them."""

    def __init__(self, families: list[Family]) -> None:
        self._families = families

    def collect(self) -> Iterable[Family]:
        return self._families
