"""Writes with a token for some series: other series are refused, and nothing else is lost."""

import json
from collections.abc import Callable
from typing import Final

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from services.broker import Broker, Journal
from services.reading import Reading
from tests.support.access import AccessRecorder
from tests.support.influx_writes import ALL, TS, V1, V2, V3, error_of, published
from tests.support.journals import readings_in
from tests.support.restricted_clients import token_client

ALLOWED: Final = "cpu,host=attic *"


@pytest.fixture
def sensor(app: Flask, access: AccessRecorder) -> FlaskClient:
    """A client with a token for the series of one sensor."""
    return token_client(app, access, ALLOWED, "kitchen", role="write")


@pytest.fixture
def journal(broker: Broker) -> Journal:
    return Journal(broker)


def names(broker: Broker) -> list[str]:
    return [reading.series for reading in published(broker)]


class TestLineProtocol:
    """Lines of allowed and of other series."""

    @pytest.mark.parametrize("path", ALL)
    def test_allowed_lines_are_written(
        self, sensor: FlaskClient, broker: Broker, path: str
    ) -> None:
        for _ in range(2):
            response = sensor.post(path, data=f"cpu,host=attic load=1,n=2 {TS}000\nkitchen value=1")
            assert (response.status_code, response.data) == (204, b"")
        assert names(broker)[:3] == ["cpu,host=attic load", "cpu,host=attic n", "kitchen"]

    @pytest.mark.parametrize("path", ALL)
    @pytest.mark.parametrize(
        "text",
        [
            f"kitchen value=1 {TS}000\ncpu,host=cellar load=2 {TS}000\ncpu,host=attic n=3 {TS}000",
            'kitchen value=1\ncpu,host=cellar load=2,t="x"\ncpu,host=attic n=3',
            "kitchen value=1\ncpu,host=cellar load=2,n=5\ncpu,host=attic n=3",
        ],
    )
    def test_other_lines_are_a_partial_write(
        self, sensor: FlaskClient, broker: Broker, path: str, text: str
    ) -> None:
        for _ in range(2):  # The second time, all series are in the cache.
            response = sensor.post(path, data=text)
            assert response.status_code == 400
            assert error_of(response).startswith("partial write")
        assert names(broker) == ["kitchen", "cpu,host=attic n"] * 2

    def test_versions_report_the_line(self, sensor: FlaskClient) -> None:
        text = "kitchen value=1\ncpu,host=cellar load=2 5"
        reason = "unable to parse 'cpu,host=cellar load=2 5': no access to the series"
        for path in (V1, V2):
            error = error_of(sensor.post(path, data=text))
            assert error.startswith(f"partial write: {reason} 'cpu,host=cellar load'")
            assert error.endswith(" dropped=1")
        (line,) = sensor.post(V3, data=text).get_json()["data"]
        assert line["line_number"] == 2
        assert line["original_line"] == "cpu,host=cellar load=2 5"
        assert line["error_message"] == "no access to the series 'cpu,host=cellar load'"

    def test_v3_without_partial_writes_writes_nothing(
        self, sensor: FlaskClient, broker: Broker
    ) -> None:
        text = "kitchen value=1\ncellar value=2"
        response = sensor.post(f"{V3}&accept_partial=false", data=text)
        assert response.status_code == 400
        assert names(broker) == []

    @pytest.mark.parametrize("path", ALL)
    def test_only_other_lines_are_refused(
        self, sensor: FlaskClient, broker: Broker, path: str
    ) -> None:
        response = sensor.post(path, data="cellar value=2")
        assert response.status_code == 400
        assert "no access" in response.text
        assert names(broker) == []

    def test_allowed_field_of_a_line_is_written(
        self, app: Flask, access: AccessRecorder, broker: Broker
    ) -> None:
        client = token_client(app, access, "cpu load", role="write")
        response = client.post(V1, data="cpu load=1,n=2,m=3")
        assert error_of(response).endswith("no access to the series 'cpu n' dropped=1")
        assert names(broker) == ["cpu load"]

    def test_long_text_is_checked_too(self, sensor: FlaskClient, broker: Broker) -> None:
        good = "".join(f"kitchen value={n} {TS + n}000\n" for n in range(2_500))
        assert sensor.post(V1, data=good).status_code == 204
        response = sensor.post(V1, data=f"{good}cellar value=1 {TS}000\n{good}")
        assert response.status_code == 400
        assert names(broker) == ["kitchen"] * 7_500


class TestJson:
    """Readings as JSON."""

    def test_allowed_reading_is_written(self, sensor: FlaskClient, broker: Broker) -> None:
        for body in ({"series": "kitchen", "value": 1}, {"series": "kitchen", "value": 1, "ts": 5}):
            assert sensor.post("/api/readings", json=body).status_code == 200
        assert names(broker) == ["kitchen"] * 2

    @pytest.mark.parametrize("more", [{}, {"ts": 5.0}, {"unit": "K"}])
    def test_other_reading_is_403(
        self, sensor: FlaskClient, broker: Broker, more: dict[str, object]
    ) -> None:
        response = sensor.post("/api/readings", json={"series": "cellar", "value": 1, **more})
        assert response.status_code == 403
        document = response.get_json()
        assert (document["ok"], document["status"], document["written"]) == (False, 403, 0)
        assert document["errors"] == [{"index": 0, "error": "no access to the series 'cellar'"}]
        assert published(broker) == []

    def test_good_readings_beside_it_are_written(self, sensor: FlaskClient, broker: Broker) -> None:
        readings = [
            {"series": "kitchen", "value": 1, "ts": 1.0},
            {"series": "cellar", "value": 2, "ts": 1.0},
            {"series": "kitchen", "value": "x", "ts": 1.0},
            {"series": "kitchen", "value": 3, "ts": 2.0},
        ]
        for body in (json.dumps(readings), "\n".join(map(json.dumps, readings))):
            response = sensor.post("/api/readings", data=body)
            assert response.status_code == 403
            assert response.get_json()["written"] == 2
            assert [error["index"] for error in response.get_json()["errors"]] == [1, 2]
        assert (
            published(broker)
            == [Reading("kitchen", 10**6, 1), Reading("kitchen", 2 * 10**6, 3)] * 2
        )

    def test_malformed_reading_alone_is_400(self, sensor: FlaskClient) -> None:
        response = sensor.post("/api/readings", json={"series": "kitchen", "value": "x"})
        assert response.status_code == 400


def test_token_that_may_only_look_writes_nothing(
    app: Flask, access: AccessRecorder, broker: Broker
) -> None:
    client = token_client(app, access, "kitchen")
    assert client.post("/api/readings", json={"series": "kitchen", "value": 1}).status_code == 403
    assert client.post(V1, data="kitchen value=1").status_code == 403
    assert published(broker) == []


def test_databases_of_others_are_not_listed(
    sensor: FlaskClient, app: Flask, access: AccessRecorder
) -> None:
    everything = token_client(app, access, role="write")
    for name in ("home", "secret"):
        statement = f"CREATE DATABASE {name}"
        assert everything.post("/query", query_string={"q": statement}).status_code == 200
    query = {"q": "SHOW DATABASES", "db": "home"}
    assert "secret" in everything.get("/query", query_string=query).text
    answer = sensor.get("/query", query_string=query).text
    assert "home" in answer
    assert "secret" not in answer


LINES = st.lists(
    st.sampled_from(
        [
            "kitchen value=1",
            f"kitchen value=1 {TS}000",
            "cpu,host=attic load=1,n=2",
            "cpu,host=cellar load=1,n=2",
            'cpu,host=attic text="a\nb",n=2',
            'cellar text="a\nkitchen value=1",value=2',
            "cellar value=1",
            f"cellar value=1 {TS}000",
            "broken",
            "# comment",
            '{"series":"cellar","value":1}',
            '{"series":"kitchen","value":1}',
        ]
    ),
    max_size=6,
)
POST = st.sampled_from(["/api/readings", *ALL])


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LINES, POST)
def test_no_write_reaches_another_series(
    sensor: FlaskClient, journal: Journal, lines: list[str], path: str
) -> None:
    sensor.post(path, data="\n".join(lines))
    written = {reading.series for reading in readings_in(journal)}
    assert all(name == "kitchen" or name.startswith("cpu,host=attic ") for name in written)


def test_shortcut_and_flask_refuse_alike(
    app: Flask, access: AccessRecorder, broker: Broker
) -> None:
    client = token_client(app, access, "kitchen", role="write")
    post: Callable[[str], int] = lambda path: client.post(path, data="a value=1").status_code  # noqa: E731
    assert [post(V1), post(f"/prefix{V1}")] == [400, 400]
    assert published(broker) == []
