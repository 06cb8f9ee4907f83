"""The HTTP surface, on fakeredis and a real SQLite file."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import fakeredis
import pytest
from flask.testing import FlaskClient

from services.broker import Broker, Journal
from services.clock import now_microseconds
from services.position import Checkpoint, Cursor, EntryId
from services.reading import Reading
from services.settings import Settings
from services.store import Recorder, WriteBatch, writing_engine
from services.store.migrations import upgrade
from services.web.app import create_app

POSITION = Checkpoint(Cursor("abc", EntryId(5, 0)), 1, 1)


@pytest.fixture
def broker(settings: Settings) -> Broker:
    return Broker(fakeredis.FakeRedis(server=fakeredis.FakeServer()), settings)


@pytest.fixture
def client(settings: Settings, broker: Broker) -> FlaskClient:
    return create_app(settings, broker).test_client()


@pytest.fixture
def record(settings: Settings) -> Callable[[list[Reading]], object]:
    """Put readings into the database, as the writer would."""
    engine = writing_engine(settings)
    upgrade(engine)
    recorder = Recorder(engine, "readings:journal", now_microseconds)
    return lambda readings: recorder.commit(WriteBatch(readings), POSITION)


def test_get_data_of_nothing(client: FlaskClient) -> None:
    assert client.get("/get_data").json == {"value": None, "timestamp": None}


def test_get_data_is_the_newest_of_all_series(
    client: FlaskClient, record: Callable[[list[Reading]], object]
) -> None:
    assert client.get("/get_data").json == {"value": None, "timestamp": None}
    record([Reading("a", 1_763_806_272_000_000, 42.17), Reading("b", 1_763_806_271_000_000, 1.0)])
    assert client.get("/get_data").json == {
        "value": 42.17,
        "timestamp": "2025-11-22 10:11:12.000000",
    }


def test_without_a_database_everything_is_empty(client: FlaskClient) -> None:
    assert client.get("/api/series").json == {"series": []}
    history = client.get("/api/history").get_json()
    assert history["cursor"] is None
    assert history["series"] == {}


def test_history_has_readings_and_the_cursor_of_its_snapshot(
    client: FlaskClient, record: Callable[[list[Reading]], object]
) -> None:
    record([Reading("kitchen", 1_000_000, 1.5, "°C"), Reading("kitchen", 2_500_000, 2.5, "°C")])
    answer = client.get("/api/history?series=kitchen&from=0&to=10").get_json()
    assert answer == {
        "from": 0.0,
        "to": 10.0,
        "cursor": "abc:5-0",
        "series": {
            "kitchen": {
                "unit": "°C",
                "tier": "raw",
                "bucket": None,
                "t": [1.0, 2.5],
                "value": [1.5, 2.5],
            }
        },
        "gaps": [],
    }


def test_a_range_that_has_ended_has_a_tag_until_something_comes_late(
    client: FlaskClient, record: Callable[[list[Reading]], object]
) -> None:
    record([Reading("kitchen", 1_000_000, 1.5)])
    query = "/api/history?from=0&to=10"
    tag = client.get(query).headers["ETag"]
    record([Reading("kitchen", 20_000_000, 1.5)])
    again = client.get(query, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    record([Reading("kitchen", 2_000_000, 2.5)])
    assert client.get(query, headers={"If-None-Match": tag}).status_code == 200
    assert "ETag" not in client.get("/api/history").headers
    assert "ETag" not in client.get("/api/history?to=now").headers


def test_history_of_many_readings_is_in_buckets(
    client: FlaskClient, record: Callable[[list[Reading]], object]
) -> None:
    record([Reading("a", second * 1_000_000, float(second)) for second in range(100)])
    answer = client.get("/api/history?from=0&points=10").get_json()
    assert answer["series"]["a"] == {
        "unit": None,
        "tier": "raw",
        "bucket": 10,
        "t": list(range(0, 100, 10)),
        "min": [float(s) for s in range(0, 100, 10)],
        "max": [float(s) for s in range(9, 100, 10)],
        "mean": [s + 4.5 for s in range(0, 100, 10)],
        "count": [10] * 10,
    }


def test_history_without_an_end_holds_what_is_a_little_ahead(
    client: FlaskClient, record: Callable[[list[Reading]], object]
) -> None:
    ahead = now_microseconds() + 30_000_000
    record([Reading("a", ahead, 1.0)])
    assert client.get("/api/history").get_json()["series"]["a"]["value"] == [1.0]
    assert client.get("/api/history?to=now").get_json()["series"]["a"]["value"] == []


@pytest.mark.parametrize(
    "query",
    [
        "from=yesterday",
        "to=",
        "points=0",
        "points=x",
        "points=10001",
        "points=00000000150000",
        "from=now&to=-1h",
        "from=1e9",
    ],
)
def test_history_refuses_what_it_can_not_read(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/api/history?{query}")
    assert answer.status_code == 400
    body = answer.get_json()
    assert body["ok"] is False
    assert body["status"] == 400
    assert body["error"]


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ('{"series":"kitchen","value":21.5}', 1),
        ('[{"series":"a","value":1},{"series":"b","value":2,"ts":1763793660.5,"unit":"V"}]', 2),
        ('{"series":"a","value":1}\n{"series":"a","value":2}\n', 2),
        ('{"readings":[{"series":"a","value":1}]}', 1),
        ("[]", 0),
    ],
)
def test_readings_are_journalled(
    client: FlaskClient, broker: Broker, body: str, written: int
) -> None:
    answer = client.post("/api/readings", data=body)
    assert answer.status_code == 200
    assert answer.json == {"ok": True, "written": written}
    assert Journal(broker).end().reading_count == written


def test_good_readings_are_written_beside_bad_ones(client: FlaskClient, broker: Broker) -> None:
    answer = client.post(
        "/api/readings",
        data='[{"series":"a","value":1},{"series":"a","value":NaN},{"series":"","value":1},'
        '{"series":"b","value":2}]',
    )
    assert answer.status_code == 400
    assert answer.json == {
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


@pytest.mark.parametrize("body", [b"", b"garbage", b"\xff", b"1", b"[" * 100_000])
def test_no_json_is_refused(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/api/readings", data=body)
    assert answer.status_code == 400
    assert answer.get_json()["ok"] is False


def test_a_full_journal_is_said_with_a_time_to_try_again(
    settings: Settings, broker: Broker
) -> None:
    full = Broker(broker.client, replace(settings, journal_max_entries=1))
    client = create_app(settings, full).test_client()
    assert client.post("/api/readings", data='{"series":"a","value":1}').status_code == 200
    answer = client.post("/api/readings", data='{"series":"a","value":1}')
    assert answer.status_code == 503
    assert answer.headers["Retry-After"].isdigit()


def test_redis_away_is_said_with_a_time_to_try_again(settings: Settings) -> None:
    server = fakeredis.FakeServer()
    server.connected = False
    client = create_app(
        settings, Broker(fakeredis.FakeRedis(server=server), settings)
    ).test_client()
    answer = client.post("/api/readings", data='{"series":"a","value":1}')
    assert answer.status_code == 503
    assert answer.headers["Retry-After"].isdigit()
    assert client.get("/livez").status_code == 200
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert ready.get_json()["redis"]["ok"] is False


def test_readyz_needs_a_writer_that_keeps_up(
    client: FlaskClient, broker: Broker, settings: Settings
) -> None:
    assert client.get("/readyz").get_json()["writer"]["ok"] is False
    engine = writing_engine(settings)
    upgrade(engine)
    recorder = Recorder(engine, "readings:journal", now_microseconds)
    end = Journal(broker).end()
    recorder.commit(WriteBatch(), end)
    assert client.get("/readyz").status_code == 200
    recorder.commit(
        WriteBatch(),
        Checkpoint(end.cursor._replace(epoch="another"), end.sequence, end.reading_count),
    )
    assert client.get("/readyz").status_code == 503


@pytest.mark.parametrize("path", ["/nothing", "/api/nothing", "/live"])
def test_errors_are_json(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in {426, 404}
    assert answer.get_json()["status"] == answer.status_code


def test_another_method_is_told_which_there_are(client: FlaskClient) -> None:
    answer = client.put("/api/series/kitchen")
    assert answer.status_code == answer.get_json()["status"] == 405
    assert answer.headers["Allow"] == "DELETE, OPTIONS, PATCH"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "127.0.0.1:5000"}, 200),
        ({"Host": "[::1]:5000"}, 200),
        ({"Host": "localhost", "Origin": "http://localhost"}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "192.168.1.7:5000"}, 403),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Host": "localhost:5000", "Origin": "http://localhost:5001"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_only_our_own_pages_may_ask(
    client: FlaskClient, headers: dict[str, str], status: int
) -> None:
    assert client.get("/get_data", headers=headers).status_code == status


def test_an_open_network_admits_addresses_and_named_hosts(
    settings: Settings, broker: Broker
) -> None:
    opened = replace(settings, open_network=True, allowed_hosts=("Charts.Example",))
    client = create_app(opened, broker).test_client()
    for host, status in {
        "192.168.1.7:5000": 200,
        "charts.example": 200,
        "evil.example": 403,
    }.items():
        assert client.get("/get_data", headers={"Host": host}).status_code == status


def test_every_answer_carries_the_policy(client: FlaskClient) -> None:
    for path in ("/livez", "/nothing"):
        policy = client.get(path).headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy


@pytest.mark.parametrize("path", ["/livez", "/charts/livez"])
def test_a_base_path_may_be_left_in_the_address_or_taken_off(
    settings: Settings, broker: Broker, path: str
) -> None:
    client = create_app(replace(settings, base_path="/charts"), broker).test_client()
    answer: Any = client.get(path)
    assert answer.status_code == 200
