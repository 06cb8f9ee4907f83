"""The newest reading, the series and their history over HTTP, on a real SQLite file."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from services.broker import Broker, Journal
from services.clock import now_microseconds
from services.formats.line_protocol import decode_lines
from services.position import Gap
from services.reading import Reading
from services.settings import Settings
from services.store import Recorder, WriteBatch
from tests.support.databases import migrated_engine
from tests.unit.conftest import NOW
from tests.unit.web.conftest import Record


@pytest.fixture
def commit(settings: Settings, broker: Broker) -> Callable[[WriteBatch], object]:
    """Store a batch at the time NOW, as the writer would."""
    engine = migrated_engine(settings)
    recorder = Recorder(engine, "readings:journal", lambda: NOW)
    end = Journal(broker).end()
    return lambda batch: recorder.commit(batch, end)


def test_get_data_without_readings_is_null(client: FlaskClient) -> None:
    assert client.get("/get_data").json == {"value": None, "timestamp": None}


def test_get_data_returns_newest_reading_of_all_series(client: FlaskClient, record: Record) -> None:
    assert client.get("/get_data").json == {"value": None, "timestamp": None}
    record([Reading("a", 1_763_806_272_000_000, 42.17), Reading("b", 1_763_806_271_000_000, 1.0)])
    assert client.get("/get_data").json == {
        "value": 42.17,
        "timestamp": "2025-11-22 10:11:12.000000",
    }


def test_missing_database_is_empty(client: FlaskClient) -> None:
    assert client.get("/api/series").json == {"series": []}
    history = client.get("/api/history").get_json()
    assert history["cursor"] is None
    assert history["series"] == {}


def test_history_returns_readings_and_cursor(client: FlaskClient, record: Record) -> None:
    record([Reading("kitchen", 1_000_000, 1.5, "°C"), Reading("kitchen", 2_500_000, 2.5, "°C")])
    document = client.get("/api/history?series=kitchen&from=0&to=10").get_json()
    assert document == {
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


def test_series_are_listed_with_guessed_kind(client: FlaskClient, record: Record) -> None:
    second = 1_000_000
    record([Reading("door", i * i * second, float(i % 2)) for i in range(1, 6)])
    record([Reading("meter", i * second, 10.0 + i, "kWh") for i in range(1, 6)])
    record([Reading("kitchen", second, 21.5, "°C")])
    listed = client.get("/api/series").get_json()["series"]
    assert {item["name"]: item["guessed_kind"] for item in listed} == {
        "door": "state",
        "kitchen": "measure",
        "meter": "counter",
    }


def test_before_adds_last_reading_before_the_range(client: FlaskClient, record: Record) -> None:
    record([Reading("door", 1_500_000, 1.0), Reading("kitchen", 7_000_000, 2.5)])
    query = "/api/history?from=5&to=10"
    series = client.get(f"{query}&before=true").get_json()["series"]
    assert series["door"]["before"] == {"t": 1.5, "value": 1.0}
    assert series["kitchen"]["before"] is None
    assert "before" not in client.get(query).get_json()["series"]["door"]
    assert client.get(f"{query}&before=perhaps").status_code == 400


def test_past_range_has_etag_until_late_reading_arrives(
    client: FlaskClient, record: Record
) -> None:
    record([Reading("kitchen", 1_000_000, 1.5)])
    query = "/api/history?from=0&to=10"
    tag = client.get(query).headers["ETag"]
    record([Reading("kitchen", 20_000_000, 1.5)])
    unchanged = client.get(query, headers={"If-None-Match": tag})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    record([Reading("kitchen", 2_000_000, 2.5)])
    assert client.get(query, headers={"If-None-Match": tag}).status_code == 200
    assert "ETag" not in client.get("/api/history").headers
    assert "ETag" not in client.get("/api/history?to=now").headers


def test_history_of_many_readings_has_buckets(client: FlaskClient, record: Record) -> None:
    record([Reading("a", second * 1_000_000, float(second)) for second in range(100)])
    document = client.get("/api/history?from=0&points=10").get_json()
    assert document["series"]["a"] == {
        "unit": None,
        "tier": "raw",
        "bucket": 10,
        "t": list(range(0, 100, 10)),
        "min": [float(s) for s in range(0, 100, 10)],
        "max": [float(s) for s in range(9, 100, 10)],
        "mean": [s + 4.5 for s in range(0, 100, 10)],
        "count": [10] * 10,
    }


def test_history_without_end_includes_readings_ahead_of_clock(
    client: FlaskClient, record: Record
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
def test_invalid_query_is_refused(client: FlaskClient, query: str) -> None:
    response = client.get(f"/api/history?{query}")
    assert response.status_code == 400
    document = response.get_json()
    assert document["ok"] is False
    assert document["status"] == 400
    assert document["error"]


def test_history_includes_gaps_of_its_range(
    client: FlaskClient, commit: Callable[[WriteBatch], object]
) -> None:
    gaps = [
        Gap(20_000_000, 30_000_000, 12, "trimmed"),
        Gap(None, 5_000_000, None, "new journal"),
        Gap(50_000_000, 60_000_000, 1, "later"),
    ]
    commit(WriteBatch(gaps=gaps))
    trimmed = {"from": 20.0, "to": 30.0, "count": 12, "reason": "trimmed"}
    replaced = {"from": None, "to": 5.0, "count": None, "reason": "new journal"}
    later = {"from": 50.0, "to": 60.0, "count": 1, "reason": "later"}
    for query, expected in {
        "from=0&to=100": [replaced, trimmed, later],
        "from=6&to=19": [],
        "from=6&to=20": [trimmed],
        "from=30&to=31": [trimmed],
        "from=31&to=49": [],
        "from=4&to=4": [replaced],
        "from=25": [trimmed, later],
    }.items():
        assert client.get(f"/api/history?{query}").get_json()["gaps"] == expected, query


class TestTags:
    """Series that are selected by the tags of line protocol."""

    @pytest.fixture(autouse=True)
    def stored(self, commit: Callable[[WriteBatch], object]) -> None:
        text = "".join(
            f"{key} usage=1,idle=2 {NOW}000\n"
            for key in ("cpu,host=attic", "cpu,host=b\\,c", "mem")
        )
        decoded = decode_lines(text.encode(), NOW)
        readings = [*decoded.readings, Reading("kitchen", NOW, 1.0)]
        commit(WriteBatch(readings, points=decoded.points))

    @pytest.mark.parametrize("path", ["/api/series", "/api/history"])
    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("tag.host=attic", ["cpu,host=attic idle", "cpu,host=attic usage"]),
            ("tag.host=b,c&field=usage", ["cpu,host=b,c usage"]),
            ("tag.host=&measurement=*&field=idle", ["mem idle"]),
            ("measurement=", ["kitchen"]),
            (
                "series=*usage&measurement=cpu&measurement=mem",
                [
                    *("cpu,host=attic usage", "cpu,host=b,c usage", "mem usage"),
                ],
            ),
            ("series=kitchen&tag.host=attic", []),
            ("tag.host=x", []),
        ],
    )
    def test_only_matching_series_are_answered(
        self, client: FlaskClient, path: str, query: str, names: list[str]
    ) -> None:
        series = client.get(f"{path}?{query}").get_json()["series"]
        found = [one["name"] for one in series] if path == "/api/series" else list(series)
        assert found == names

    def test_each_series_has_its_tags(self, client: FlaskClient) -> None:
        listed = client.get("/api/series").get_json()["series"]
        tags = {series["name"]: series["tags"] for series in listed}
        assert tags["cpu,host=b,c usage"] == {
            "measurement": "cpu",
            "field": "usage",
            "tags": {"host": "b,c"},
        }
        assert tags["kitchen"] is None

    @pytest.mark.parametrize("path", ["/api/series", "/api/history", "/api/stream"])
    @pytest.mark.parametrize("query", ["tag.=x", "tag.a=" + "x" * 1_025, "tag.a=*" + "x" * 256])
    def test_filter_beyond_its_bounds_is_400(
        self, client: FlaskClient, path: str, query: str
    ) -> None:
        assert client.get(f"{path}?{query}").status_code == 400
