"""Probes of InfluxDB's clients before they write."""

import fakeredis
import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize("prefix", ["", "/influx"])
def test_ping_returns_version(client: FlaskClient, prefix: str) -> None:
    for response in (client.get(f"{prefix}/ping"), client.head(f"{prefix}/ping")):
        assert (response.status_code, response.data) == (204, b"")
        assert response.headers["X-Influxdb-Version"]
        assert response.headers["X-Influxdb-Build"]
    response = client.get(f"{prefix}/ping?verbose=true")
    assert response.status_code == 200
    assert response.json == {"version": response.headers["X-Influxdb-Version"]}


@pytest.mark.parametrize("prefix", ["", "/influx"])
def test_health_passes(client: FlaskClient, prefix: str) -> None:
    document = client.get(f"{prefix}/health").get_json()
    assert set(document) == {"name", "message", "status", "checks", "version", "commit"}
    assert (document["name"], document["status"]) == ("influxdb", "pass")
    assert document["checks"] == []
    assert document["message"] == "ready for queries and writes"


def test_redis_unavailable_fails_health_with_reason(
    client: FlaskClient, server: fakeredis.FakeServer
) -> None:
    server.connected = False
    response = client.get("/health")
    assert response.status_code == 503
    assert response.get_json()["status"] == "fail"
    assert "Redis" in response.get_json()["message"]


@pytest.mark.parametrize("prefix", ["", "/influx"])
def test_ready_returns_uptime(client: FlaskClient, prefix: str) -> None:
    document = client.get(f"{prefix}/ready").get_json()
    assert document["status"] == "ready"
    assert document["started"].endswith("Z")
    assert document["up"].startswith("0h")


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        ("q=CREATE+DATABASE+x", "application/x-www-form-urlencoded", 200),
        ("q=CREATE+DATABASE+x", "", 200),
        ("db=x&q=CREATE+DATABASE+x", "application/x-www-form-urlencoded; charset=utf-8", 200),
        ("q=CREATE+DATABASE+x&" * 30, "application/x-www-form-urlencoded", 400),
        (b"q=\xff", "application/x-www-form-urlencoded", 400),
        ("q=CREATE+DATABASE+x".ljust(8_193), "application/x-www-form-urlencoded", 413),
        ('{"q": "CREATE DATABASE x"}', "application/json", 415),
        ("--b\r\n", "multipart/form-data; boundary=b", 415),
    ],
)
def test_query_reads_a_small_form_only(
    client: FlaskClient, data: str | bytes, content_type: str, status: int
) -> None:
    response = client.post("/query", data=data, content_type=content_type)
    assert response.status_code == status
    if status != 200:
        assert response.get_json()["error"]


@pytest.mark.parametrize("prefix", ["", "/influx"])
def test_query_accepts_create_and_show_databases_only(client: FlaskClient, prefix: str) -> None:
    path = f"{prefix}/query"
    created = {"results": [{"statement_id": 0}]}
    statement = 'CREATE DATABASE "telegraf"'
    assert client.post(path, data={"q": statement}).json == created
    assert client.get(path, query_string={"q": statement.lower(), "db": "x"}).json == created
    series = {"name": "databases", "columns": ["name"], "values": [["stripchart"]]}
    response = client.get(path, query_string={"q": "SHOW DATABASES"})
    assert response.json == {"results": [{"statement_id": 0, "series": [series]}]}
    for statement in ("SELECT * FROM cpu", "", "DROP DATABASE x", "SHOW DATABASES; DROP x"):
        response = client.get(path, query_string={"q": statement})
        assert response.status_code == 400
        assert response.get_json()["error"]
