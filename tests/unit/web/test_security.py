"""Checks of host and origin, and security headers."""

from dataclasses import replace

import fakeredis
import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.broker import Broker
from services.cli.supervise.fake_server import new_fake_server
from services.settings import Settings
from services.web.app import create_app


@pytest.fixture(scope="module")
def shared_client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A client for requests that change nothing."""
    settings = Settings.from_environ({"DATA_DIR": str(tmp_path_factory.mktemp("data"))})
    server = fakeredis.FakeRedis(server=new_fake_server())
    return create_app(settings, Broker(server, settings)).test_client()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "127.0.0.1:5000"}, 200),
        ({"Host": "[::1]:5000"}, 200),
        ({"Host": "localhost", "Origin": "http://localhost"}, 200),
        ({"Host": "localhost", "Origin": "https://localhost"}, 200),
        ({"Host": "localhost:443", "Origin": "https://localhost"}, 200),
        ({"Host": "localhost:80", "Origin": "http://LOCALHOST"}, 200),
        ({"Host": "[::1]:80", "Origin": "http://[::1]"}, 200),
        ({"Host": "localhost", "Origin": "http://localhost:8080"}, 403),
        ({"Host": "localhost:0", "Origin": "http://localhost"}, 403),
        ({"Host": "localhost", "Origin": "http://me@localhost"}, 403),
        ({"Host": "localhost", "Origin": "chrome-extension://localhost"}, 403),
        ({"Host": "localhost", "Origin": "localhost"}, 403),
        ({"Host": "localhost", "Origin": "http://localhost:x"}, 403),
        ({"Host": "evil.example", "X-Forwarded-Host": "localhost"}, 403),
        ({"Origin": "http://evil.example", "X-Forwarded-Host": "evil.example"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Host": "192.168.1.7:5000"}, 403),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Host": "localhost:5000", "Origin": "http://localhost:5001"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": "http://[::1"}, 403),
        ({"Host": "[", "Origin": "http://["}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
    ],
)
def test_foreign_host_or_origin_is_refused(
    shared_client: FlaskClient, headers: dict[str, str], status: int
) -> None:
    assert shared_client.get("/get_data", headers=headers).status_code == status


def test_open_network_accepts_addresses_and_allowed_hosts(
    settings: Settings, broker: Broker
) -> None:
    open_settings = replace(settings, open_network=True, allowed_hosts=("Charts.Example",))
    client = create_app(open_settings, broker).test_client()
    for host, status in {
        "192.168.1.7:5000": 200,
        "charts.example": 200,
        "evil.example": 403,
    }.items():
        assert client.get("/get_data", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://charts.example"}, {"Host": "charts.example"}, {"Origin": "null"}],
)
def test_script_of_the_page_is_served_for_any_host_and_origin(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    for path in ("/static/dist/app.js", "/static/nothing"):
        with client.get(path, headers=headers) as response:
            assert response.status_code != 403
    assert client.get("/livez", headers=headers).status_code == 403


def test_refused_page_learns_the_reason(client: FlaskClient) -> None:
    headers = {"Host": "127.0.0.1:5000", "Origin": "http://charts.example:8080"}
    response = client.post("/livez", headers=headers)
    assert response.status_code == 403
    document = response.get_json()
    assert (document["ok"], document["status"], document["reason"]) == (False, 403, "origin")
    assert document["host"] == "127.0.0.1:5000"
    assert document["origin"] == "http://charts.example:8080"
    assert "pass the header Host on" in document["error"]
    document = client.post("/livez", headers={"Host": "charts.example"}).get_json()
    assert (document["reason"], document["host"]) == ("host", "charts.example")
    assert "STRIPCHART_ALLOWED_HOSTS" in document["error"]
    assert client.get("/livez", headers=NAVIGATION).get_json()["reason"] == "site"
    good = {"Host": "127.0.0.1:5000", "Origin": "http://127.0.0.1:5000"}
    assert client.post("/livez", headers=good).get_json() == {"ok": True}


NAVIGATION = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}


def test_foreign_page_may_only_link_to_the_page(app: Flask, client: FlaskClient) -> None:
    paths = {rule.rule for rule in app.url_map.iter_rules() if "<" not in rule.rule}
    paths -= {"/", "/login", "/status"}
    assert len(paths) > 10
    for path in paths | {"/static/style.css", "/api/series/kitchen", "/nothing"}:
        for method in ("GET", "POST", "DELETE"):
            response = client.open(path, method=method, headers=NAVIGATION)
            assert response.status_code == 403, (method, path)
    assert client.get("/", headers=NAVIGATION).status_code == 200
    assert client.get("/", headers=NAVIGATION | {"Sec-Fetch-Dest": "iframe"}).status_code == 403
    assert client.get("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


@pytest.mark.parametrize("path", ["/livez", "/nothing"])
def test_response_has_content_security_policy(client: FlaskClient, path: str) -> None:
    policy = client.get(path).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", ["/", "/livez", "/api/history", "/nothing", "/static/dist/app.js"])
def test_response_has_the_headers_that_observatories_look_for(
    client: FlaskClient, path: str
) -> None:
    for encrypted in (False, True):
        with client.get(path, headers={"X-Forwarded-Proto": "https"} if encrypted else {}) as got:
            headers = got.headers
        for name in (
            "Content-Security-Policy",
            "Cross-Origin-Resource-Policy",
            "Permissions-Policy",
            "Referrer-Policy",
            "X-Content-Type-Options",
        ):
            assert len(headers.getlist(name)) == 1, name
        assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
        assert ("Strict-Transport-Security" in headers) == encrypted
        assert ("Cross-Origin-Opener-Policy" in headers) == encrypted


def test_policy_allows_only_what_this_server_sends(client: FlaskClient) -> None:
    for path in ("/", "/login", "/api/history", "/nothing"):
        policy = client.get(path).headers["Content-Security-Policy"]
        directives = dict(each.split(maxsplit=1) for each in policy.split("; "))
        assert set(directives.values()) == {"'self'", "'none'"}, path
        for name in ("default-src", "base-uri"):
            assert directives[name] == "'none'"
        # `default-src` is not the default of these.
        assert {"form-action", "frame-ancestors"} <= set(directives)


def test_complete_write_has_the_headers(client: FlaskClient) -> None:
    response = client.post("/write?db=x", data=b"cpu usage=1")
    assert response.status_code == 204
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_page_of_a_sibling_site_may_not_change_anything(client: FlaskClient) -> None:
    for site, status in {"same-site": 403, "same-origin": 200, "none": 200}.items():
        headers = {"Sec-Fetch-Site": site}
        reading = {"series": "kitchen", "value": 1}
        response = client.post("/api/readings", json=reading, headers=headers)
        assert response.status_code == status, site
        assert client.get("/api/history", headers=headers).status_code == 200
