"""The application as a whole: errors, methods and unavailable parts."""

import fakeredis
import pytest
from flask.testing import FlaskClient

from services.broker import Broker


@pytest.mark.parametrize("path", ["/nothing", "/api/nothing", "/live"])
def test_error_is_json(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code in {426, 404}
    assert response.get_json()["status"] == response.status_code


def test_wrong_method_names_allowed_methods(client: FlaskClient) -> None:
    response = client.put("/api/series/kitchen")
    assert response.status_code == response.get_json()["status"] == 405
    assert response.headers["Allow"] == "DELETE, OPTIONS, PATCH"


def test_redis_unavailable_is_503_with_retry_after(
    client: FlaskClient, server: fakeredis.FakeServer
) -> None:
    server.connected = False
    response = client.post("/api/readings", data='{"series":"a","value":1}')
    assert response.status_code == 503
    assert response.headers["Retry-After"].isdigit()
    assert client.get("/livez").status_code == 200
    readiness = client.get("/readyz")
    assert readiness.status_code == 503
    assert readiness.get_json()["redis"]["ok"] is False


def test_unexpected_error_points_to_log(
    client: FlaskClient, broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    del broker.client.connection_pool
    response = client.post("/api/readings", data='{"series":"a","value":1}')
    assert response.status_code == 500
    assert response.get_json()["error"] == "internal error; the server's log has the details"
    assert "request failed" in caplog.text
