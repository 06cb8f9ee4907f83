"""The status page: figures for people, and what is wrong."""

import re

import fakeredis
import pytest
from flask.testing import FlaskClient

from services import __version__
from services.broker import Broker
from services.broker.process_reports import ProcessReports
from services.metric import Sample
from services.metric_table import (
    BACKUP_BYTES,
    BACKUP_INTERVAL,
    BACKUP_TIME,
    JOURNAL_READINGS,
    PROCESS_START,
    READINGS_STORED,
    VIEWERS,
)
from services.process_report import encode_report


def figures(client: FlaskClient) -> dict[str, str]:
    """Return the figures of the page by their labels; what is wrong begins with an exclamation."""
    response = client.get("/status")
    assert response.status_code == 200
    rows = re.findall(r'<div( class="wrong")?><dt>(.*?)</dt><dd>(.*?)</dd></div>', response.text)
    return {label: ("! " if wrong else "") + text for wrong, label, text in rows}


def report(broker: Broker, process: str, token: str, *samples: Sample, **rates: float) -> None:
    ProcessReports(broker).publish(process, token, encode_report(__version__, samples, rates))


def test_processes_have_a_row_each(client: FlaskClient, broker: Broker) -> None:
    report(broker, "web", "a", Sample(PROCESS_START, 1.0))
    report(broker, "web", "b")
    page = client.get("/status").text
    names = re.findall(r'<th scope="row">(.*?)</th>', page)
    assert names == ["web 1", "web 2"]
    assert "years" in page
    assert "No report from: writer, jobs. There is no producer: only" in page


def test_missing_producer_is_no_fault(client: FlaskClient, broker: Broker) -> None:
    for process in ("web", "writer", "jobs"):
        report(broker, process, "a")
    assert "No report from" not in client.get("/status").text
    assert "There is no producer: only STRIPCHART_SOURCES needs one" in client.get("/status").text
    report(broker, "producer", "a")
    assert "no producer" not in client.get("/status").text


def test_figures_of_all_processes_are_added(client: FlaskClient, broker: Broker) -> None:
    report(broker, "web", "a", Sample(VIEWERS, 3), **{JOURNAL_READINGS.name: 12345.6})
    report(broker, "web", "b", Sample(VIEWERS, 4), **{JOURNAL_READINGS.name: 12000.0})
    report(broker, "writer", "c", **{READINGS_STORED.name: 0.25})
    found = figures(client)
    assert found["Live now"] == "7"
    assert found["In"] == "12,346 a second"
    assert found["Stored"] == "0.25 a second"


def test_old_backup_is_wrong(client: FlaskClient, broker: Broker) -> None:
    samples = [Sample(BACKUP_TIME, 1.0), Sample(BACKUP_BYTES, 5e6)]
    report(broker, "jobs", "a", *samples, Sample(BACKUP_INTERVAL, 86_400.0))
    assert re.fullmatch(r"! \d+ years old, 5\.0 MB", figures(client)["Newest backup"])
    report(broker, "jobs", "a", *samples, Sample(BACKUP_INTERVAL, 0.0))
    assert figures(client)["Newest backup"].endswith("years old, 5.0 MB")
    assert figures(client)["Automatic backups"] == "none"


def test_without_redis_the_page_says_so(client: FlaskClient, server: fakeredis.FakeServer) -> None:
    server.connected = False
    page = client.get("/status")
    assert page.status_code == 200
    assert "Not working: Redis" in page.text
    assert figures(client)["Redis"].startswith("! Redis can&#39;t be used")
    assert figures(client)["In"] == "not known"


def test_settings_are_shown_without_addresses_and_secrets(client: FlaskClient) -> None:
    found = figures(client)
    assert found["STRIPCHART_FLUSH_SECONDS"] == "10.0"
    assert not [name for name in found if re.search("URL|PASSWORD|DIR|KEY|CERT", name)]


@pytest.mark.parametrize("path", ["/status", "/metrics"])
def test_answer_is_never_cached(client: FlaskClient, path: str) -> None:
    assert client.get(path).headers["Cache-Control"] == "no-store"
