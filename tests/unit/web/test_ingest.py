"""Limits of a write."""

import gzip
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.broker import Broker, Journal
from services.clock import now_microseconds
from services.formats.parsing.result import MAX_READINGS_PER_TEXT
from services.settings import Settings
from services.web.http.threads import Threads
from services.web.services import web_services
from services.web.write.ingest import Ingest

V2 = "/api/v2/write?org=&bucket=home"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings with a small journal."""
    return replace(settings, journal_max_entries=5, journal_max_bytes=150_000)


@pytest.mark.parametrize("count", [5_001, 4_000])
def test_more_than_journal_can_ever_hold_is_413(
    client: FlaskClient, broker: Broker, count: int
) -> None:
    """5,001 readings are too many entries, 4,000 are too many bytes."""
    body = [{"series": "a", "value": i} for i in range(count)]
    response = client.post("/api/readings", json=body)
    assert response.status_code == 413
    assert response.get_json()["ok"] is False
    assert "Retry-After" not in response.headers
    assert Journal(broker).end().reading_count == 0


def test_more_than_journal_can_hold_now_is_503(client: FlaskClient) -> None:
    body = [{"series": "a", "value": i} for i in range(2_000)]
    assert client.post("/api/readings", json=body).status_code == 200
    response = client.post("/api/readings", json=body)
    assert response.status_code == 503
    assert response.headers["Retry-After"].isdigit()


def test_write_with_too_many_bytes_of_messages_is_refused(
    client: FlaskClient, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.web.write.ingest.MAX_CALL_BYTES", 3 << 10)
    name = "a" * 150
    fields = ",".join(f"{letter}=1" for letter in "abcdefghijklmnopqrst")
    assert client.post(V2, data=f"{name} {fields}").status_code == 413
    response = client.post(V2, data=f"{name} {fields}")
    assert "send fewer at once, or use shorter names" in response.get_json()["message"]
    assert Journal(broker).end().reading_count == 0
    assert client.post(V2, data=f"{name} a=1,b=1").status_code == 204


def test_too_many_readings_are_refused_as_a_whole(client: FlaskClient, broker: Broker) -> None:
    line = b"a value=1\n"
    response = client.post(V2, data=line * (MAX_READINGS_PER_TEXT + 1))
    assert response.status_code == 413
    assert f"more than {MAX_READINGS_PER_TEXT} readings" in response.get_json()["message"]
    assert Journal(broker).end().reading_count == 0
    assert client.post(V2, data=line * 100).status_code == 204


def test_too_many_new_series_are_refused_as_a_whole(
    app: Flask, client: FlaskClient, broker: Broker
) -> None:
    services = web_services(app)
    ingest = Ingest(
        broker.settings,
        services.journal,
        services.reader,
        Threads(1),
        max_new_series=10,
    )
    replace(services, ingest=ingest).install(app)
    now = now_microseconds()
    body = "\n".join(f"a{i} value=1 {now}000" for i in range(11))
    # The second one has only keys that are known, but no series that exists.
    for _ in range(2):
        response = client.post(V2, data=body)
        assert response.status_code == 413
        assert response.get_json()["code"] == "request too large"
        assert "11 new series" in response.get_json()["message"]
        assert Journal(broker).end().reading_count == 0
    assert client.post(V2, data="\n".join(["a value=1"] * 50)).status_code == 204


@pytest.mark.parametrize(
    ("path", "line"), [(V2, b"a value=1\n"), ("/api/readings", b'{"series":"a","value":1}\n')]
)
def test_only_a_body_that_a_thread_decodes_gives_way(
    app: Flask, client: FlaskClient, broker: Broker, path: str, line: bytes
) -> None:
    services = web_services(app)
    calls: list[str] = []

    def is_congested() -> bool:
        calls.append("asked")
        return False

    ingest = Ingest(
        broker.settings,
        services.journal,
        services.reader,
        Threads(1),
        is_congested=is_congested,
    )
    replace(services, ingest=ingest).install(app)
    assert client.post(path, data=line).status_code in {200, 204}
    assert not calls
    assert client.post(path, data=line * 2_000).status_code in {200, 204}
    assert calls


@pytest.mark.long
def test_body_of_too_many_faults_is_refused_as_a_whole(client: FlaskClient, broker: Broker) -> None:
    """A small body can unpack to millions of items."""
    body = b'[{"series":"a","value":1}' + b",1" * (MAX_READINGS_PER_TEXT + 1) + b"]"
    response = client.post(
        "/api/readings", data=gzip.compress(body), headers={"Content-Encoding": "gzip"}
    )
    assert response.status_code == 413
    assert "more than 1000000 items that are no readings" in response.get_json()["error"]
    assert Journal(broker).end().reading_count == 0


def test_small_body_with_many_faults_keeps_its_readings(
    client: FlaskClient, broker: Broker
) -> None:
    """More faults than are found without a thread, and fewer than a body may have."""
    body = b'[{"series":"a","value":1}' + b",1" * 5_000 + b',{"series":"b","value":2}]'
    document = client.post("/api/readings", data=body).get_json()
    assert document["written"] == 2
    assert document["error"] == "5000 of 5002 readings refused"
    assert Journal(broker).end().reading_count == 2
