"""`/metrics`: the samples of all processes, in the formats of Prometheus."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

import fakeredis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.openmetrics import parser as openmetrics_parser
from prometheus_client.parser import text_string_to_metric_families

from services import __version__
from services.broker import Broker, Journal
from services.broker.process_reports import ProcessReports
from services.metric import Histogram, Sample
from services.metric_table import (
    METRICS,
    PUBLISH_TO_COMMIT,
    READINGS_REJECTED,
    READINGS_STORED,
    VIEWERS,
)
from services.process_report import encode_report
from services.web.services import web_services
from tests.support.journals import message

OPENMETRICS = "application/openmetrics-text; version=1.0.0"

Samples = dict[tuple[str, ...], float]
Publish = Callable[..., int]


@pytest.fixture
def publish(broker: Broker) -> Publish:
    """Return a function with which a process reports."""

    def publish(process: str, token: str, *samples: Sample) -> int:
        return ProcessReports(broker).publish(process, token, encode_report("1", samples, {}))

    return publish


def read(client: FlaskClient) -> Samples:
    """Return all samples by their name and the values of their labels, in the order of names."""
    response = client.get("/metrics")
    assert response.status_code == 200
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_every_process_has_its_own_samples(client: FlaskClient, publish: Publish) -> None:
    publish("web", "a", Sample(VIEWERS, 3))
    publish("web", "b", Sample(VIEWERS, 4))
    publish(
        "writer",
        "c",
        Sample(READINGS_STORED, 9),
        Sample(READINGS_REJECTED, 1, ("malformed",)),
        Sample(READINGS_REJECTED, 2, ("refused",)),
    )
    samples = read(client)
    assert samples["stripchart_viewers", "1", "web"] == 3
    assert samples["stripchart_viewers", "2", "web"] == 4
    assert samples["stripchart_readings_stored_total", "1", "writer"] == 9
    assert samples["stripchart_readings_rejected_total", "1", "writer", "refused"] == 2
    assert samples["stripchart_processes", "web"] == 2
    assert samples["stripchart_processes", "jobs"] == 0


def test_histogram_is_cumulative(client: FlaskClient, publish: Publish) -> None:
    delays = Histogram(PUBLISH_TO_COMMIT)
    for seconds in (0.0005, 0.002, 9.0, 1_000.0):
        delays.observe(seconds)
    publish("writer", "a", delays.sample())
    samples = read(client)
    name = PUBLISH_TO_COMMIT.name
    assert samples[f"{name}_bucket", "0.001", "1", "writer"] == 1
    assert samples[f"{name}_bucket", "10.0", "1", "writer"] == 3
    assert samples[f"{name}_bucket", "+Inf", "1", "writer"] == 4
    assert samples[f"{name}_count", "1", "writer"] == 4
    assert samples[f"{name}_sum", "1", "writer"] == pytest.approx(1_009.0025)


def test_own_process_counts_its_writes_and_faults(app: Flask, client: FlaskClient) -> None:
    assert client.post("/api/readings", json={"series": "a", "value": 1}).status_code == 200
    assert client.post("/api/readings", json=[{"series": "a", "value": "x"}]).status_code == 400
    web_services(app).reporter.report()
    samples = read(client)
    assert samples["stripchart_readings_published_total", "1", "web"] == 1
    assert samples["stripchart_readings_rejected_total", "1", "web", "malformed"] == 1
    assert samples["stripchart_journal_readings_total",] == 1
    assert samples["stripchart_journal_lag_entries",] == 1
    assert samples["stripchart_viewers_limit", "1", "web"] == 1000


def test_figures_of_the_instance_are_there(client: FlaskClient, record: Any) -> None:
    record([])
    samples = read(client)
    assert samples["stripchart_build_info", __version__] == 1
    assert samples["stripchart_ready", "redis"] == 1
    assert samples["stripchart_ready", "database"] == 1
    assert samples["stripchart_database_size_bytes",] > 0
    assert samples["stripchart_disk_free_bytes",] > 0
    assert samples["stripchart_series",] == 0


def test_without_redis_the_rest_is_there(
    client: FlaskClient, server: fakeredis.FakeServer, publish: Publish
) -> None:
    publish("writer", "a", Sample(READINGS_STORED, 9))
    server.connected = False
    samples = read(client)
    assert samples["stripchart_ready", "redis"] == 0
    assert samples["stripchart_disk_free_bytes",] > 0
    assert not any("stored" in name for name, *_ in samples)


def test_client_chooses_openmetrics(client: FlaskClient, publish: Publish) -> None:
    publish("writer", "a", Sample(READINGS_STORED, 9), Histogram(PUBLISH_TO_COMMIT).sample())
    response = client.get("/metrics", headers={"Accept": f"{OPENMETRICS},text/plain;q=0.5"})
    assert response.content_type.startswith(OPENMETRICS)
    assert response.text.endswith("# EOF\n")
    parse: Any = openmetrics_parser.text_string_to_metric_families
    families = {family.name: family for family in parse(response.text)}
    assert families["stripchart_readings_stored"].type == "counter"
    assert families[PUBLISH_TO_COMMIT.name].type == "histogram"


def test_plain_text_is_the_default_and_is_never_cached(client: FlaskClient) -> None:
    response = client.get("/metrics")
    assert response.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"


def test_names_of_series_are_no_labels(
    client: FlaskClient, broker: Broker, publish: Publish
) -> None:
    Journal(broker).publish([message(1)])
    publish("web", "a", Sample(VIEWERS, 3))
    samples = read(client)
    families = [name for name, _ in groupby(samples, key=lambda key: key[0])]
    assert set(families) <= {
        f"{name}{suffix}" for name in METRICS for suffix in ("", "_bucket", "_count", "_sum")
    }
    assert len(samples) < 200
