"""Errors of the write routes of InfluxDB. Clients match on status, headers and words."""

import gzip
from dataclasses import replace

import fakeredis
import pytest
from flask.testing import FlaskClient

from services.broker import Broker
from services.settings import Settings
from tests.support.influx_writes import ALL, V1, V2, V3, error_of, published


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings with a journal of three entries."""
    return replace(settings, journal_max_entries=3)


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
