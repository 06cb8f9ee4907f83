"""Probes of InfluxDB's clients before they write."""

import fakeredis
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.broker import Broker


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


CREATED = {"results": [{"statement_id": 0}]}


def query(client: FlaskClient, statement: str, **parameters: str) -> TestResponse:
    return client.get("/query", query_string={"q": statement, **parameters})


def databases(client: FlaskClient, **parameters: str) -> list[str]:
    """Return the names that SHOW DATABASES lists."""
    response = query(client, "SHOW DATABASES", **parameters)
    assert response.status_code == 200
    ((series,),) = [result["series"] for result in response.get_json()["results"]]
    assert (series["name"], series["columns"]) == ("databases", ["name"])
    return [name for (name,) in series.get("values", [])]


@pytest.mark.parametrize("prefix", ["", "/influx"])
def test_query_accepts_create_and_show_databases_only(client: FlaskClient, prefix: str) -> None:
    path = f"{prefix}/query"
    statement = 'CREATE DATABASE "telegraf"'
    assert client.post(path, data={"q": statement}).json == CREATED
    assert client.get(path, query_string={"q": statement.lower(), "db": "x"}).json == CREATED
    series = {"name": "databases", "columns": ["name"], "values": [["telegraf"]]}
    response = client.get(path, query_string={"q": "SHOW DATABASES"})
    assert response.json == {"results": [{"statement_id": 0, "series": [series]}]}
    for statement in (
        "SELECT * FROM cpu", "", "DROP DATABASE x", "SHOW DATABASES; DROP x", "CREATE DATABASE",
        'CREATE DATABASE ""', "CREATE DATABASE a; DROP DATABASE b", "CREATE DATABASE a b",
    ):  # fmt: skip
        response = client.get(path, query_string={"q": statement})
        assert response.status_code == 400


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("CREATE DATABASE home", "home"),
        ("create database my-home;", "my-home"),
        (' CREATE  DATABASE "mein \\"Haus\\" \\\\ ü" ; ', 'mein "Haus" \\ ü'),
        ('CREATE DATABASE IF NOT EXISTS "home"', "home"),
        ('CREATE DATABASE "home" WITH DURATION 1d REPLICATION 1 NAME "x"', "home"),
        ("CREATE DATABASE home\nWITH NAME x", "home"),
        ('CREATE DATABASE "a;b"', "a;b"),
    ],
)
def test_created_database_is_listed(client: FlaskClient, statement: str, name: str) -> None:
    assert databases(client) == []
    assert query(client, statement).json == CREATED
    assert databases(client) == [name]


@pytest.mark.parametrize(
    "path",
    ["/write?db=home", "/api/v2/write?bucket=home/autogen", "/api/v3/write_lp?db=home"],
)
def test_written_database_is_listed(client: FlaskClient, path: str) -> None:
    assert client.post(path, data="junk").status_code == 400
    assert databases(client) == []
    assert client.post(path, data="cpu value=1").status_code == 204
    assert databases(client) == ["home"]


def test_database_of_the_request_itself_is_listed(client: FlaskClient) -> None:
    query(client, "CREATE DATABASE zoo")
    assert databases(client, db="glances") == ["glances", "zoo"]
    assert databases(client, db="zoo") == ["zoo"]
    response = client.post("/query", data={"q": "SHOW DATABASES", "db": "form"})
    assert b"form" in response.data
    # To ask for a database does not create it.
    assert databases(client) == ["zoo"]


def test_name_of_a_database_has_a_bound(client: FlaskClient) -> None:
    response = query(client, f"CREATE DATABASE {'x' * 256}")
    assert response.status_code == 400
    assert "255 characters" in response.get_json()["error"]
    assert client.post(f"/write?db={'x' * 256}", data="cpu value=1").status_code == 204
    assert databases(client) == []


def test_query_without_redis_is_answered_with_503(
    client: FlaskClient, server: fakeredis.FakeServer
) -> None:
    server.connected = False
    for statement in ("CREATE DATABASE home", "SHOW DATABASES"):
        response = query(client, statement, db="home")
        assert response.status_code == 503
        assert "Redis" in response.get_json()["error"]


def test_accepted_write_succeeds_without_the_name_of_its_database(
    client: FlaskClient, broker: Broker
) -> None:
    broker.client.set("readings:databases", "of another program")
    assert client.post("/write?db=home", data="cpu value=1").status_code == 204
    assert broker.client.xlen("readings:journal") == 1
