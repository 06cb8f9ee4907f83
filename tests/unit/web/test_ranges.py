"""Statistics and increases over HTTP."""

import pytest
from flask.testing import FlaskClient

from services.reading import MICROSECONDS, Reading
from tests.unit.web.conftest import Record

HOUR = 3_600
# Midnight of 25 October 2026 in Berlin, when clocks go back.
MIDNIGHT = 1_792_879_200


def readings(name: str, unit: str | None, values: dict[float, float]) -> list[Reading]:
    return [Reading(name, round(t * MICROSECONDS), value, unit) for t, value in values.items()]


def test_statistics_of_a_measure(client: FlaskClient, record: Record) -> None:
    record(readings("kitchen", "W", {10: 100.0, 20: 200.0, 30: 150.0}))
    document = client.get("/api/statistics?from=0&to=20").get_json()
    assert document == {
        "from": 0.0,
        "to": 20.0,
        "cursor": "abc:5-0",
        "series": {
            "kitchen": {
                "unit": "W",
                "kind": "measure",
                "count": 2,
                "min": 100.0,
                "max": 200.0,
                "mean": 150.0,
                "first": {"t": 10.0, "value": 100.0},
                "last": {"t": 20.0, "value": 200.0},
                "difference": 100.0,
                "slope": 10.0,
                "integral": 1_500.0,
                "durations": None,
            }
        },
    }


def test_statistics_of_state_and_counter(client: FlaskClient, record: Record) -> None:
    record(readings("door", None, {5: 1.0, 20: 0.0, 50: 1.0, 400: 0.0}))
    record(readings("meter", "kWh", {5: 1.0, 20: 2.0, 50: 4.0, 60: 0.5}))
    found = client.get("/api/statistics?series=*&from=10&to=60").get_json()["series"]
    assert found["door"]["durations"] == {"0": 30.0, "1": 20.0}
    assert found["door"]["mean"] == pytest.approx(0.4)
    assert found["meter"]["kind"] == "counter"
    assert (found["meter"]["difference"], found["meter"]["mean"]) == (3.5, None)


def test_increase_by_local_day(client: FlaskClient, record: Record) -> None:
    values: dict[float, float] = {MIDNIGHT + i * HOUR: 100.0 + i for i in range(-30, 60)}
    record(readings("meter", "kWh", values))
    query = f"from={MIDNIGHT - 24 * HOUR}&to={MIDNIGHT + 40 * HOUR}&per=day&zone=Europe/Berlin"
    document = client.get(f"/api/increase?series=meter&{query}").get_json()
    assert (document["per"], document["zone"]) == ("day", "Europe/Berlin")
    assert document["series"]["meter"] == {
        "unit": "kWh",
        "t": [MIDNIGHT - 24 * HOUR, MIDNIGHT, MIDNIGHT + 25 * HOUR],
        "increase": [24.0, 25.0, 15.0],
        "total": 64.0,
    }


def test_increase_with_shift_is_that_of_the_time_before(
    client: FlaskClient, record: Record
) -> None:
    record(readings("meter", "kWh", {i * HOUR: float(i * i) for i in range(60)}))
    query = f"series=meter&from={48 * HOUR}&to={50 * HOUR}&shift={24 * HOUR}"
    document = client.get(f"/api/increase?{query}").get_json()
    assert document["from"] == 48 * HOUR
    assert document["series"]["meter"] == {
        "unit": "kWh",
        "t": [48 * HOUR, 49 * HOUR],
        "increase": [49.0, 51.0],
        "total": 100.0,
    }


def test_increase_of_period_without_readings_is_null(client: FlaskClient, record: Record) -> None:
    record(readings("meter", "kWh", {0: 1.0, HOUR: 3.0, 3 * HOUR: 4.0}))
    document = client.get(f"/api/increase?series=meter&from=0&to={4 * HOUR}").get_json()
    assert document["series"]["meter"]["increase"] == [2.0, None, 1.0, None]


def test_missing_database_has_no_answers(client: FlaskClient) -> None:
    assert client.get("/api/statistics").get_json()["series"] == {}
    assert client.get("/api/increase").get_json()["series"] == {}


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("statistics?from=20&to=10", "from must not be after to"),
        ("statistics?from=soon", "write Unix seconds"),
        ("increase?from=20&to=20", "from must be before to"),
        ("increase?from=0&to=now", "longer periods"),
        ("increase?zone=Mars/Base", "write one such as Europe/Berlin"),
        ("increase?zone=../../etc/passwd", "write one such as Europe/Berlin"),
        ("increase?per=fortnight", "per"),
        ("increase?shift=-1", "shift"),
        ("increase?shift=1e12", "shift"),
        ("increase?shift=day", "shift"),
    ],
)
def test_bad_question_is_refused_with_a_hint(client: FlaskClient, query: str, hint: str) -> None:
    response = client.get(f"/api/{query}")
    assert response.status_code == 400
    assert hint in response.get_json()["error"]
