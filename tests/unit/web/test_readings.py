"""The route `POST /api/readings`."""

from dataclasses import replace

import fakeredis
import pytest
from flask.testing import FlaskClient

from services.broker import Broker, Journal
from services.formats.parsing.result import MAX_FAULTS
from services.settings import Settings
from services.web.app import create_app

READING = '{"series":"a","value":1}'


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ('{"series":"kitchen","value":21.5}', 1),
        ('[{"series":"a","value":1},{"series":"b","value":2,"ts":1763793660.5,"unit":"V"}]', 2),
        ('{"series":"a","value":1}\n{"series":"a","value":2}\n', 2),
        ('{"readings":[{"series":"a","value":1}]}', 1),
        ('[\n  {"series": "a", "value": 1},\n  {"series": "b", "value": 2}\n]\n', 2),
        ('\ufeff{\n"series": "a",\n"value": 1\n}\n{\n"series": "b",\n"value": 2\n}', 2),
        ('{"series":"a","value":1,"time":1763793660}', 1),
        ('{"series":"a","value":1,"timestamp":"2026-08-02T10:00:00Z"}', 1),
        ("[]", 0),
    ],
)
def test_readings_are_published(client: FlaskClient, broker: Broker, body: str, count: int) -> None:
    response = client.post("/api/readings", data=body)
    assert response.status_code == 200
    assert response.json == {"ok": True, "written": count}
    assert Journal(broker).end().reading_count == count


def test_good_readings_beside_bad_ones_are_published(client: FlaskClient, broker: Broker) -> None:
    response = client.post(
        "/api/readings",
        data='[{"series":"a","value":1},{"series":"a","value":NaN},{"series":"","value":1},'
        '{"series":"b","value":2}]',
    )
    assert response.status_code == 400
    assert response.json == {
        "ok": False,
        "error": "2 of 4 readings refused",
        "status": 400,
        "written": 2,
        "errors": [
            {"index": 1, "error": "value must be a finite number"},
            {"index": 2, "error": "series must not be empty"},
        ],
    }
    assert Journal(broker).end().reading_count == 2


def test_time_under_unknown_key_is_refused(client: FlaskClient, broker: Broker) -> None:
    reading = '{"series":"a","value":1,"created_at":"2026-08-02T10:00:00Z"}'
    response = client.post("/api/readings", data=reading)
    assert response.status_code == 400
    assert response.get_json()["errors"] == [
        {
            "index": 0,
            "error": "'created_at' looks like its time (name the time ts, time or timestamp)",
        }
    ]
    assert Journal(broker).end().reading_count == 0


def test_milliseconds_are_refused(client: FlaskClient) -> None:
    reading = '{"series":"a","value":1,"time":1763793660000}'
    response = client.post("/api/readings", data=reading)
    assert response.status_code == 400
    assert "is it in seconds?" in response.get_json()["errors"][0]["error"]


@pytest.mark.parametrize("body", [b"", b"garbage", b"\xff", b"1", b"[" * 100_000])
def test_invalid_json_is_refused(client: FlaskClient, body: bytes) -> None:
    response = client.post("/api/readings", data=body)
    assert response.status_code == 400
    assert response.get_json()["ok"] is False


def test_full_journal_is_503_with_retry_after(settings: Settings, broker: Broker) -> None:
    small = Broker(broker.client, replace(settings, journal_max_entries=1))
    client = create_app(settings, small).test_client()
    assert client.post("/api/readings", data=READING).status_code == 200
    response = client.post("/api/readings", data=READING)
    assert response.status_code == 503
    assert response.headers["Retry-After"].isdigit()


def test_503_states_if_readings_were_taken(
    settings: Settings, broker: Broker, server: fakeredis.FakeServer
) -> None:
    small = Broker(broker.client, replace(settings, journal_max_entries=1))
    client = create_app(settings, small).test_client()
    client.post("/api/readings", data=READING)
    response = client.post("/api/readings", data=READING)
    assert response.status_code == 503
    assert response.get_json()["taken"] is False
    server.connected = False
    response = client.post("/api/readings", data=READING)
    assert response.status_code == 503
    assert "taken" not in response.get_json()


def test_many_faults_return_first_ones_and_a_count(client: FlaskClient) -> None:
    response = client.post("/api/readings", json=[1] * 5_000 + [{"series": "a", "value": 1}])
    document = response.get_json()
    assert response.status_code == 400
    assert document["error"] == "5000 of 5001 readings refused"
    assert document["written"] == 1
    assert len(document["errors"]) == MAX_FAULTS
    assert document["more_errors"] == 5_000 - MAX_FAULTS
