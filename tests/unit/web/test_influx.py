"""The write routes of InfluxDB. Clients match on status, headers and words of errors."""

import gzip
import zlib
from dataclasses import replace
from typing import Any

import fakeredis
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.broker import Broker, Journal
from services.formats.json import decode_entry
from services.position import JOURNAL_START
from services.reading import Reading
from services.settings import Settings
from tests.support.journals import dead_letters
from tests.support.paths import ROOT

V1 = "/write?db=home"
V2 = "/api/v2/write?org=&bucket=home"
V3 = "/api/v3/write_lp?db=home"
ALL = [V1, V2, V3]
TS = 1_763_793_660_500_000


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings with a journal of three entries."""
    return replace(settings, journal_max_entries=3)


def published(broker: Broker) -> list[Reading]:
    """Return the readings in the journal."""
    entries = Journal(broker).read(JOURNAL_START, 100).entries
    return [reading for entry in entries for reading in decode_entry(entry.text).readings]


def error_of(response: TestResponse) -> str:
    """Return the text of an error, in the form of any version."""
    document = response.get_json()
    assert response.mimetype == "application/json"
    if response.request.path.endswith("/v2/write"):
        assert response.content_type == "application/json; charset=utf-8"
        assert set(document) == {"code", "message"}
        return str(document["message"])
    if response.request.path == "/write":
        assert set(document) == {"error"}
        assert response.headers["X-Influxdb-Error"] == " ".join(document["error"].split())[:200]
    return str(document["error"])


class TestWrites:
    """Accepted writes."""

    @pytest.mark.parametrize("path", ALL)
    def test_success_is_204_and_empty(self, client: FlaskClient, broker: Broker, path: str) -> None:
        response = client.post(path, data=f"cpu,host=a load=1.5,n=3i {TS}000\n")
        assert (response.status_code, response.data) == (204, b"")
        assert published(broker) == [
            Reading("cpu,host=a load", TS, 1.5),
            Reading("cpu,host=a n", TS, 3.0),
        ]

    @pytest.mark.parametrize("path", ALL)
    def test_byte_order_mark_is_dropped(
        self, client: FlaskClient, broker: Broker, path: str
    ) -> None:
        line = f"cpu,host=a value=1 {TS}000\n"
        assert client.post(path, data=f"\ufeff{line}{line}").status_code == 204
        assert published(broker) == [Reading("cpu,host=a", TS, 1.0)] * 2

    @pytest.mark.parametrize("path", ALL)
    @pytest.mark.parametrize("body", ["", "\n", "  \n# nothing\n"])
    def test_empty_body_is_204(self, client: FlaskClient, path: str, body: str) -> None:
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
    def test_precision_scales_timestamps(
        self, client: FlaskClient, broker: Broker, path: str, stamp: str
    ) -> None:
        assert client.post(path, data=f"a value=1 {stamp}").status_code == 204
        assert published(broker) == [Reading("a", TS, 1.0)]

    @pytest.mark.parametrize(
        ("precision", "stamp", "ts"), [("s", 60, 60_000_000), ("m", 1, 60_000_000), ("h", 0, 0)]
    )
    def test_coarse_precision_of_version_1_scales_timestamps(
        self, client: FlaskClient, broker: Broker, precision: str, stamp: int, ts: int
    ) -> None:
        body = f"a value=1 {stamp}"
        assert client.post(f"{V1}&precision={precision}", data=body).status_code == 204
        assert published(broker) == [Reading("a", ts, 1.0)]

    @pytest.mark.parametrize("path", [V1, V2, f"{V3}&precision=ns"])
    def test_milliseconds_as_nanoseconds_are_refused(
        self, client: FlaskClient, broker: Broker, path: str
    ) -> None:
        response = client.post(path, data=f"a value=1 1763793660500\nb value=1 {TS}000")
        assert response.status_code == 400
        assert "precision=ms" in response.get_data(as_text=True)
        assert published(broker) == [Reading("b", TS, 1.0)]

    @pytest.mark.parametrize("path", [*ALL, "/api/readings"])
    @pytest.mark.parametrize(
        ("encoding", "compress"),
        [("gzip", gzip.compress), ("GZIP", gzip.compress), ("deflate", zlib.compress)],
    )
    def test_compressed_body_is_unpacked(
        self, client: FlaskClient, broker: Broker, path: str, encoding: str, compress: Any
    ) -> None:
        body = b'{"series":"a","value":1}' if path == "/api/readings" else b"a value=1"
        headers = {"Content-Encoding": encoding}
        for text in (body, body + b"\n" * 100_000):
            response = client.post(path, data=compress(text), headers=headers)
            assert response.status_code in {200, 204}
        assert len(published(broker)) == 2

    @pytest.mark.parametrize("path", ALL)
    def test_credentials_and_content_type_are_ignored(self, client: FlaskClient, path: str) -> None:
        for token in ("Token ", "Token user:x", "Bearer x", "Basic dTpw"):
            headers = {"Authorization": token, "Content-Type": "application/x-www-form-urlencoded"}
            response = client.post(f"{path}&u=a&p=b&rp=c", data="a value=1", headers=headers)
            assert response.status_code in {204, 503}

    @pytest.mark.parametrize("path", ALL)
    def test_prefix_before_address_is_ignored(self, client: FlaskClient, path: str) -> None:
        assert client.post(f"/some/where{path}", data="a value=1").status_code == 204

    def test_string_fields_are_left_out_and_counted(
        self, client: FlaskClient, broker: Broker
    ) -> None:
        response = client.post(V1, data='a value=1,state="on",b_str="\n"\nc x="y"')
        assert response.status_code == 204
        assert response.headers["X-Stripchart-Text-Fields"] == "3"
        assert [r.series for r in published(broker)] == ["a"]


class TestUnstorableSeries:
    """Series beyond a bound, as long tags make them."""

    LINE = f"docker,label={'x' * 1_100} cpu=1,mem=2i {TS}000"

    @pytest.mark.parametrize("path", [*ALL, f"{V3}&accept_partial=false"])
    def test_is_left_out_alone_and_counted(
        self, client: FlaskClient, broker: Broker, path: str
    ) -> None:
        response = client.post(path, data=f"a value=1 {TS}000\n{self.LINE}\nb value=2 {TS}000")
        assert (response.status_code, response.data) == (204, b"")
        assert response.headers["X-Stripchart-Left-Out-Fields"] == "2"
        assert [reading.series for reading in published(broker)] == ["a", "b"]
        letters = dead_letters(broker)
        assert [text for text, _, _ in letters] == [self.LINE.encode()] * 2
        assert {source for _, _, source in letters} == {"line protocol"}
        assert "field 'cpu': series must have at most 1024 characters" in letters[0][1]

    @pytest.mark.parametrize("path", ALL)
    def test_batch_without_any_other_series_is_a_success(
        self, client: FlaskClient, broker: Broker, path: str
    ) -> None:
        assert client.post(path, data=self.LINE).status_code == 204
        assert len(dead_letters(broker)) == 2

    def test_bad_lines_beside_it_are_a_partial_write(self, client: FlaskClient) -> None:
        response = client.post(V1, data=f"{self.LINE}\ncpu\na value=1")
        assert response.status_code == 400
        assert error_of(response) == (
            "partial write: unable to parse 'cpu': missing fields dropped=1"
        )

    def test_is_reported_once_an_hour(
        self, client: FlaskClient, broker: Broker, caplog: pytest.LogCaptureFixture
    ) -> None:
        for number in range(3):
            client.post(V1, data=self.LINE.replace("cpu=1", f"cpu={number}"))
        assert len(dead_letters(broker)) == 2
        assert "line protocol: 2 values left out" in caplog.text

    def test_telegraf_is_never_refused(self, client: FlaskClient, broker: Broker) -> None:
        body = gzip.compress((ROOT / "tests/fixtures/telegraf.lp").read_bytes())
        response = client.post(V2, data=body, headers={"Content-Encoding": "gzip"})
        assert response.status_code == 204
        names = {reading.series.partition(",")[0] for reading in published(broker)}
        assert names == {
            *("cpu", "disk", "net", "kubernetes_pod_container"),
            *(f"docker_container_{part}" for part in ("cpu", "mem", "net")),
        }
        assert len(dead_letters(broker)) == 2


class TestErrors:
    """Refused writes, and the form of their errors."""

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
    def test_missing_or_invalid_parameter_is_refused(
        self, client: FlaskClient, path: str, status: int, error: str
    ) -> None:
        response = client.post(path, data="a value=1")
        assert response.status_code == status
        assert error in error_of(response)

    @pytest.mark.parametrize("path", [V1, V2])
    def test_some_bad_lines_are_a_partial_write(
        self, client: FlaskClient, broker: Broker, path: str
    ) -> None:
        response = client.post(path, data="cpu\na value=1\nb value=x\nc value=2")
        assert response.status_code == 400
        assert error_of(response) == (
            "partial write: unable to parse 'cpu': missing fields\n"
            "unable to parse 'b value=x': invalid number dropped=2"
        )
        assert [r.series for r in published(broker)] == ["a", "c"]

    @pytest.mark.parametrize("path", [V1, V2])
    def test_only_bad_lines_are_refused(self, client: FlaskClient, path: str) -> None:
        response = client.post(path, data="cpu")
        assert response.status_code == 400
        assert error_of(response) == "unable to parse 'cpu': missing fields"
        if path == V2:
            assert response.get_json()["code"] == "invalid"

    def test_version_3_returns_bad_lines_as_data(self, client: FlaskClient, broker: Broker) -> None:
        response = client.post(V3, data="a value=1\n\ncpu\r\nb value=2")
        assert response.status_code == 400
        bad = {"error_message": "missing fields", "line_number": 3, "original_line": "cpu"}
        assert response.json == {"error": "partial write of line protocol occurred", "data": [bad]}
        assert len(published(broker)) == 2
        response = client.post(f"{V3}&accept_partial=false", data="a value=1\n\ncpu")
        assert response.status_code == 400
        assert response.json == {"error": "parsing failed for write_lp endpoint", "data": bad}
        assert len(published(broker)) == 2

    def test_many_bad_lines_are_quoted_within_bounds(self, client: FlaskClient) -> None:
        line = "é" * 100_000
        response = client.post(V1, data="\n".join([line] * 10 + ["cpu"] * 5_000).encode())
        assert len(response.data) < 50_000
        assert len(response.headers["X-Influxdb-Error"]) <= 200

    @pytest.mark.parametrize("path", ALL)
    def test_full_journal_is_503_with_retry_after(self, client: FlaskClient, path: str) -> None:
        for _ in range(3):
            assert client.post(path, data="a value=1").status_code == 204
        response = client.post(path, data="a value=1")
        assert response.status_code == 503
        assert response.headers["Retry-After"].isdigit()
        assert_is_retried(error_of(response))

    def test_javascript_client_gets_no_retry_after(
        self, client: FlaskClient, server: fakeredis.FakeServer
    ) -> None:
        server.connected = False
        headers = {"User-Agent": "influxdb-client-js/1.35.0"}
        response = client.post(V2, data="a value=1", headers=headers)
        assert response.status_code == 503
        assert "Retry-After" not in response.headers

    @pytest.mark.parametrize("path", ALL)
    def test_redis_unavailable_is_503_with_retry_after(
        self, client: FlaskClient, path: str, server: fakeredis.FakeServer
    ) -> None:
        server.connected = False
        response = client.post(path, data="a value=1")
        assert response.status_code == 503
        assert response.headers["Retry-After"].isdigit()
        assert_is_retried(error_of(response))
        assert client.get("/health").status_code == 503
        assert client.get("/ping").status_code == 204

    @pytest.mark.parametrize("path", ALL)
    def test_oversized_body_is_413(self, client: FlaskClient, path: str) -> None:
        response = client.post(path, data=b"#" * 25_000_001)
        assert response.status_code == 413
        assert error_of(response)
        bomb = gzip.compress(b"#" * 25_000_001)
        response = client.post(path, data=bomb, headers={"Content-Encoding": "gzip"})
        assert response.status_code == 413
        assert "25000000 bytes when unpacked" in error_of(response)

    @pytest.mark.parametrize("path", ALL)
    def test_damaged_or_unknown_compression_is_refused(
        self, client: FlaskClient, path: str
    ) -> None:
        packed = gzip.compress(b"a value=1\n" * 1_000)
        for body in (b"a value=1", packed[:-9], packed[:5]):
            response = client.post(path, data=body, headers={"Content-Encoding": "gzip"})
            assert response.status_code == 400
            assert "can't be unpacked" in error_of(response)
        response = client.post(path, data=b"a", headers={"Content-Encoding": "br"})
        assert response.status_code == 415
        assert "gzip" in error_of(response)

    @pytest.mark.parametrize("path", ALL)
    def test_unexpected_error_is_500_in_form_of_version(
        self, client: FlaskClient, broker: Broker, path: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        del broker.client.connection_pool
        response = client.post(path, data="a value=1")
        assert response.status_code == 500
        assert error_of(response) == "internal error; the server's log has the details"
        assert_is_retried(error_of(response))
        assert "request failed" in caplog.text

    @pytest.mark.parametrize("path", ALL)
    @pytest.mark.parametrize("header", ["Host", "Origin"])
    def test_foreign_host_or_origin_is_403(
        self, client: FlaskClient, path: str, header: str
    ) -> None:
        response = client.post(path, data="a value=1", headers={header: "http://evil.example"})
        assert response.status_code == 403
        assert error_of(response)
        if path == V2:
            assert response.get_json()["code"] == "forbidden"

    @pytest.mark.parametrize("path", [*ALL, "/query"])
    def test_wrong_method_is_json_error(self, client: FlaskClient, path: str) -> None:
        response = client.delete(path)
        assert response.status_code == 405
        assert response.get_json()["error"]


def assert_is_retried(error: str) -> None:
    """Check an error's words: Telegraf drops a batch because of these, at any status."""
    for word in ("partial write", "unable to parse", "retention policy", "hinted handoff"):
        assert word not in error
