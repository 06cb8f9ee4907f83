"""The write routes of InfluxDB: what they accept."""

import gzip
import zlib
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.broker import Broker
from services.reading import Reading
from tests.support.influx_writes import ALL, TS, V1, V2, V3, error_of, published
from tests.support.journals import dead_letters
from tests.support.paths import ROOT


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
        [
            ("gzip", gzip.compress),
            ("deflate", zlib.compress),
            pytest.param("GZIP", gzip.compress, marks=pytest.mark.long),
        ],
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
