"""InfluxDB's write side as its clients see it: what they decide by is checked to the letter."""

import gzip
import zlib
from dataclasses import replace
from typing import Any

import fakeredis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.broker import Broker, Journal
from services.formats.json import decode_entry
from services.position import JOURNAL_START
from services.reading import Reading
from services.settings import Settings
from services.web.app import create_app
from services.web.write import ingest

V1 = "/write?db=home"
V2 = "/api/v2/write?org=&bucket=home"
V3 = "/api/v3/write_lp?db=home"
ALL = [V1, V2, V3]
TS = 1_763_793_660_500_000


@pytest.fixture
def server() -> fakeredis.FakeServer:
    return fakeredis.FakeServer()


@pytest.fixture
def broker(settings: Settings, server: fakeredis.FakeServer) -> Broker:
    small = replace(settings, journal_max_entries=3)
    return Broker(fakeredis.FakeRedis(server=server), small)


@pytest.fixture
def app(broker: Broker) -> Flask:
    return create_app(broker.settings, broker)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def journalled(broker: Broker) -> list[Reading]:
    """The readings of the journal."""
    entries = Journal(broker).read(JOURNAL_START, 100).entries
    return [reading for entry in entries for reading in decode_entry(entry.text).readings]


def error_of(answer: TestResponse) -> str:
    """The sentence of an error, in whichever form."""
    document = answer.get_json()
    assert answer.mimetype == "application/json"
    if answer.request.path.endswith("/v2/write"):
        assert answer.content_type == "application/json; charset=utf-8"
        assert set(document) == {"code", "message"}
        return str(document["message"])
    if answer.request.path == "/write":
        assert set(document) == {"error"}
        assert answer.headers["X-Influxdb-Error"] == " ".join(document["error"].split())[:200]
    return str(document["error"])


class TestWrites:
    """What is taken."""

    @pytest.mark.parametrize("path", ALL)
    def test_success_is_204_and_empty(self, client: FlaskClient, broker: Broker, path: str) -> None:
        answer = client.post(path, data=f"cpu,host=a load=1.5,n=3i {TS}000\n")
        assert (answer.status_code, answer.data) == (204, b"")
        assert journalled(broker) == [
            Reading("cpu,host=a load", TS, 1.5),
            Reading("cpu,host=a n", TS, 3.0),
        ]

    @pytest.mark.parametrize("path", ALL)
    @pytest.mark.parametrize("body", ["", "\n", "  \n# nothing\n"])
    def test_nothing_is_a_success(self, client: FlaskClient, path: str, body: str) -> None:
        assert client.post(path, data=body).status_code == 204

    @pytest.mark.parametrize(
        ("path", "stamp"),
        [
            (V1, f"{TS}000"),
            (f"{V1}&precision=n", f"{TS}000"),
            (f"{V1}&precision=u", f"{TS}"),
            (f"{V1}&precision=ms", "1763793660500"),
            (f"{V2}&precision=us", f"{TS}"),
            (f"{V2}&precision=ms", "1763793660500"),
            (V3, f"{TS}000"),
            (V3, "1763793660500"),
            (f"{V3}&precision=microsecond", f"{TS}"),
            (f"{V3}&precision=auto", f"{TS}"),
        ],
    )
    def test_precisions(self, client: FlaskClient, broker: Broker, path: str, stamp: str) -> None:
        assert client.post(path, data=f"a value=1 {stamp}").status_code == 204
        assert journalled(broker) == [Reading("a", TS, 1.0)]

    @pytest.mark.parametrize(
        ("precision", "stamp", "ts"), [("s", 60, 60_000_000), ("m", 1, 60_000_000), ("h", 0, 0)]
    )
    def test_coarse_precisions_of_version_1(
        self, client: FlaskClient, broker: Broker, precision: str, stamp: int, ts: int
    ) -> None:
        body = f"a value=1 {stamp}"
        assert client.post(f"{V1}&precision={precision}", data=body).status_code == 204
        assert journalled(broker) == [Reading("a", ts, 1.0)]

    @pytest.mark.parametrize("path", [*ALL, "/api/readings"])
    @pytest.mark.parametrize(
        ("encoding", "packed"),
        [("gzip", gzip.compress), ("GZIP", gzip.compress), ("deflate", zlib.compress)],
    )
    def test_bodies_may_be_compressed(
        self, client: FlaskClient, broker: Broker, path: str, encoding: str, packed: Any
    ) -> None:
        body = b'{"series":"a","value":1}' if path == "/api/readings" else b"a value=1"
        headers = {"Content-Encoding": encoding}
        for text in (body, body + b"\n" * 100_000):
            answer = client.post(path, data=packed(text), headers=headers)
            assert answer.status_code in {200, 204}
        assert len(journalled(broker)) == 2

    @pytest.mark.parametrize("path", ALL)
    def test_credentials_and_odd_types_are_tolerated(self, client: FlaskClient, path: str) -> None:
        for token in ("Token ", "Token user:x", "Bearer x", "Basic dTpw"):
            headers = {"Authorization": token, "Content-Type": "application/x-www-form-urlencoded"}
            answer = client.post(f"{path}&u=a&p=b&rp=c", data="a value=1", headers=headers)
            assert answer.status_code in {204, 503}

    @pytest.mark.parametrize("path", ALL)
    def test_there_may_be_a_path_before_the_address(self, client: FlaskClient, path: str) -> None:
        assert client.post(f"/some/where{path}", data="a value=1").status_code == 204

    def test_strings_are_left_out_and_counted(self, client: FlaskClient, broker: Broker) -> None:
        answer = client.post(V1, data='a value=1,state="on",b_str="\n"\nc x="y"')
        assert answer.status_code == 204
        assert answer.headers["X-Stripchart-Text-Fields"] == "3"
        assert [r.series for r in journalled(broker)] == ["a"]


class TestErrors:
    """What is refused, and how it is said."""

    @pytest.mark.parametrize(
        ("path", "status", "error"),
        [
            ("/write", 400, "database is required"),
            ("/write?db=", 400, "database is required"),
            ("/api/v2/write", 404, "bucket not found"),
            ("/api/v3/write_lp", 400, "missing query parameter 'db'"),
            (f"{V1}&precision=x", 400, "invalid precision 'x'"),
            (f"{V2}&precision=h", 400, "invalid precision 'h'"),
            (f"{V3}&precision=x", 400, "invalid precision 'x'"),
        ],
    )
    def test_a_request_that_lacks_something(
        self, client: FlaskClient, path: str, status: int, error: str
    ) -> None:
        answer = client.post(path, data="a value=1")
        assert answer.status_code == status
        assert error in error_of(answer)

    @pytest.mark.parametrize("path", [V1, V2])
    def test_some_bad_lines(self, client: FlaskClient, broker: Broker, path: str) -> None:
        answer = client.post(path, data="cpu\na value=1\nb value=x\nc value=2")
        assert answer.status_code == 400
        assert error_of(answer) == (
            "partial write: unable to parse 'cpu': missing fields\n"
            "unable to parse 'b value=x': invalid number dropped=2"
        )
        assert [r.series for r in journalled(broker)] == ["a", "c"]

    @pytest.mark.parametrize("path", [V1, V2])
    def test_only_bad_lines(self, client: FlaskClient, path: str) -> None:
        answer = client.post(path, data="cpu")
        assert answer.status_code == 400
        assert error_of(answer) == "unable to parse 'cpu': missing fields"
        if path == V2:
            assert answer.get_json()["code"] == "invalid"

    def test_bad_lines_of_version_3(self, client: FlaskClient, broker: Broker) -> None:
        answer = client.post(V3, data="a value=1\n\ncpu\r\nb value=2")
        assert answer.status_code == 400
        bad = {"error_message": "missing fields", "line_number": 3, "original_line": "cpu"}
        assert answer.json == {"error": "partial write of line protocol occurred", "data": [bad]}
        assert len(journalled(broker)) == 2
        answer = client.post(f"{V3}&accept_partial=false", data="a value=1\n\ncpu")
        assert answer.status_code == 400
        assert answer.json == {"error": "parsing failed for write_lp endpoint", "data": bad}
        assert len(journalled(broker)) == 2

    def test_many_bad_lines_are_told_within_bounds(self, client: FlaskClient) -> None:
        line = "é" * 100_000
        answer = client.post(V1, data="\n".join([line] * 10 + ["cpu"] * 5_000).encode())
        assert len(answer.data) < 50_000
        assert len(answer.headers["X-Influxdb-Error"]) <= 200

    @pytest.mark.parametrize("path", ALL)
    def test_overload_is_503_with_a_time_to_come_back(self, client: FlaskClient, path: str) -> None:
        for _ in range(3):
            assert client.post(path, data="a value=1").status_code == 204
        answer = client.post(path, data="a value=1")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"].isdigit()
        assert_is_tried_again(error_of(answer))

    def test_who_takes_seconds_for_milliseconds_is_left_to_its_own_patience(
        self, client: FlaskClient, server: fakeredis.FakeServer
    ) -> None:
        server.connected = False
        headers = {"User-Agent": "influxdb-client-js/1.35.0"}
        answer = client.post(V2, data="a value=1", headers=headers)
        assert answer.status_code == 503
        assert "Retry-After" not in answer.headers

    @pytest.mark.parametrize("path", ALL)
    def test_redis_away_is_503(
        self, client: FlaskClient, path: str, server: fakeredis.FakeServer
    ) -> None:
        server.connected = False
        answer = client.post(path, data="a value=1")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"].isdigit()
        assert_is_tried_again(error_of(answer))
        assert client.get("/health").status_code == 503
        assert client.get("/ping").status_code == 204

    @pytest.mark.parametrize("path", ALL)
    def test_too_large_is_413(self, client: FlaskClient, path: str) -> None:
        answer = client.post(path, data=b"#" * 25_000_001)
        assert answer.status_code == 413
        assert error_of(answer)
        bomb = gzip.compress(b"#" * 25_000_001)
        answer = client.post(path, data=bomb, headers={"Content-Encoding": "gzip"})
        assert answer.status_code == 413
        assert "25000000 bytes when unpacked" in error_of(answer)

    @pytest.mark.parametrize("path", ALL)
    def test_what_can_not_be_unpacked(self, client: FlaskClient, path: str) -> None:
        packed = gzip.compress(b"a value=1\n" * 1_000)
        for body in (b"a value=1", packed[:-9], packed[:5]):
            answer = client.post(path, data=body, headers={"Content-Encoding": "gzip"})
            assert answer.status_code == 400
            assert "can't be unpacked" in error_of(answer)
        answer = client.post(path, data=b"a", headers={"Content-Encoding": "br"})
        assert answer.status_code == 415
        assert "gzip" in error_of(answer)

    @pytest.mark.parametrize("path", ALL)
    def test_what_should_not_happen_is_no_page(
        self, client: FlaskClient, broker: Broker, path: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        del broker.client.connection_pool
        answer = client.post(path, data="a value=1")
        assert answer.status_code == 500
        assert "the log says more" in error_of(answer)
        assert_is_tried_again(error_of(answer))
        assert "a request failed" in caplog.text

    @pytest.mark.parametrize("path", ALL)
    @pytest.mark.parametrize("header", ["Host", "Origin"])
    def test_who_may_not_write_is_told_so(
        self, client: FlaskClient, path: str, header: str
    ) -> None:
        answer = client.post(path, data="a value=1", headers={header: "http://evil.example"})
        assert answer.status_code == 403
        assert error_of(answer)
        if path == V2:
            assert answer.get_json()["code"] == "forbidden"

    @pytest.mark.parametrize("path", [*ALL, "/query"])
    def test_another_method_is_told_as_json(self, client: FlaskClient, path: str) -> None:
        answer = client.delete(path)
        assert answer.status_code == 405
        assert answer.get_json()["error"]

    def test_too_many_new_series(
        self, client: FlaskClient, broker: Broker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ingest, "MAX_NEW_SERIES", 10)
        body = "\n".join(f"a{i} value=1" for i in range(11))
        answer = client.post(V2, data=body)
        assert answer.status_code == 413
        assert answer.get_json()["code"] == "request too large"
        assert "11 new series" in error_of(answer)
        assert journalled(broker) == []
        assert client.post(V2, data="\n".join(["a value=1"] * 50)).status_code == 204


def assert_is_tried_again(error: str) -> None:
    """Telegraf drops a batch whose error has one of these words, whatever the status."""
    for word in ("partial write", "unable to parse", "retention policy", "hinted handoff"):
        assert word not in error


class TestProbes:
    """What clients ask before they write."""

    @pytest.mark.parametrize("prefix", ["", "/influx"])
    def test_ping(self, client: FlaskClient, prefix: str) -> None:
        for answer in (client.get(f"{prefix}/ping"), client.head(f"{prefix}/ping")):
            assert (answer.status_code, answer.data) == (204, b"")
            assert answer.headers["X-Influxdb-Version"]
            assert answer.headers["X-Influxdb-Build"]
        answer = client.get(f"{prefix}/ping?verbose=true")
        assert answer.status_code == 200
        assert answer.json == {"version": answer.headers["X-Influxdb-Version"]}

    @pytest.mark.parametrize("prefix", ["", "/influx"])
    def test_health(self, client: FlaskClient, prefix: str) -> None:
        document = client.get(f"{prefix}/health").get_json()
        assert set(document) == {"name", "message", "status", "checks", "version", "commit"}
        assert (document["name"], document["status"]) == ("influxdb", "pass")
        assert document["checks"] == []
        assert document["message"] == "ready for queries and writes"

    def test_health_says_what_is_wrong(
        self, client: FlaskClient, server: fakeredis.FakeServer
    ) -> None:
        server.connected = False
        answer = client.get("/health")
        assert answer.status_code == 503
        assert answer.get_json()["status"] == "fail"
        assert "Redis" in answer.get_json()["message"]

    @pytest.mark.parametrize("prefix", ["", "/influx"])
    def test_ready(self, client: FlaskClient, prefix: str) -> None:
        document = client.get(f"{prefix}/ready").get_json()
        assert document["status"] == "ready"
        assert document["started"].endswith("Z")
        assert document["up"].startswith("0h")

    @pytest.mark.parametrize("prefix", ["", "/influx"])
    def test_query(self, client: FlaskClient, prefix: str) -> None:
        path = f"{prefix}/query"
        created = {"results": [{"statement_id": 0}]}
        statement = 'CREATE DATABASE "telegraf"'
        assert client.post(path, data={"q": statement}).json == created
        assert client.get(path, query_string={"q": statement.lower(), "db": "x"}).json == created
        series = {"name": "databases", "columns": ["name"], "values": [["stripchart"]]}
        answer = client.get(path, query_string={"q": "SHOW DATABASES"})
        assert answer.json == {"results": [{"statement_id": 0, "series": [series]}]}
        for statement in ("SELECT * FROM cpu", "", "DROP DATABASE x", "SHOW DATABASES; DROP x"):
            answer = client.get(path, query_string={"q": statement})
            assert answer.status_code == 400
            assert answer.get_json()["error"]


def test_the_answer_of_our_own_writes_tells_whether_anything_was_taken(
    client: FlaskClient, server: fakeredis.FakeServer
) -> None:
    for _ in range(3):
        client.post("/api/readings", json={"series": "a", "value": 1})
    answer = client.post("/api/readings", json={"series": "a", "value": 1})
    assert answer.status_code == 503
    assert answer.get_json()["taken"] is False
    server.connected = False
    answer = client.post("/api/readings", json={"series": "a", "value": 1})
    assert answer.status_code == 503
    assert "taken" not in answer.get_json()
