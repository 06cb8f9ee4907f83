"""Access control: who may use which endpoint, and how others are refused."""

from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import gevent
import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.access import hash_secret
from services.access_command import AddToken, RevokeToken, SetPassword, StartSession
from services.broker import Broker
from services.clock import now_microseconds
from services.position import JOURNAL_START
from services.settings import Settings
from services.share_command import AddShare
from services.web.access.control import SHARE_SECRET
from services.web.access.credentials import SESSION_COOKIE
from services.web.app import create_app
from services.web.services import web_services
from tests.support.access import (
    PASSWORD,
    AccessRecorder,
    basic,
    bearer,
    new_token,
    new_user,
    quick_hash,
)

LINE = b"cpu usage=1"
V1, V2, V3 = "/write?db=x", "/api/v2/write?bucket=x", "/api/v3/write_lp?db=x"


@pytest.mark.usefixtures("access")
def test_nothing_set_up_needs_no_login(client: FlaskClient) -> None:
    for path in ("/", "/api/history", "/api/status"):
        assert client.get(path).status_code == 200
    assert client.post("/write?db=x", data=LINE).status_code == 204
    # A token that nobody made does not matter either.
    assert client.get("/api/history", headers=bearer("sct_1")).status_code == 200


def test_each_request_needs_a_login_once_there_is_a_token(guarded: FlaskClient) -> None:
    for path in ("/api/history", "/api/series", "/readyz", "/get_data", "/live", "/api/nothing"):
        response = guarded.get(path, headers={"Upgrade": "websocket"})
        if path != "/live":
            assert response.status_code == 401, path
            assert response.get_json()["status"] == 401
            assert response.headers["WWW-Authenticate"] == 'Bearer realm="Stripchart"'
    for path in ("/livez", "/ping", "/health"):
        assert guarded.get(path).status_code in {200, 204}


@pytest.mark.parametrize(
    ("role", "statuses"), [("view", (200, 403, 403)), ("write", (200, 200, 403)),
                           ("admin", (200, 200, 400))],
)  # fmt: skip
def test_role_allows_what_it_includes(
    guarded: FlaskClient, role: str, statuses: tuple[int, ...]
) -> None:
    headers = bearer(role)
    reading = {"series": "kitchen", "value": 1}
    answers = (
        guarded.get("/api/history", headers=headers),
        guarded.post("/api/readings", json=reading, headers=headers),
        guarded.patch("/api/series/kitchen", json=[], headers=headers),
    )
    assert tuple(answer.status_code for answer in answers) == statuses
    for answer in answers:
        if answer.status_code == 403:
            assert "this needs the role" in answer.get_json()["error"]


@pytest.mark.parametrize(
    "headers",
    [
        bearer("write"),
        {"Authorization": "Token write"},
        {"Authorization": "Token anna:write"},
        basic("anna", "write"),
        basic("", "write"),
    ],
)
@pytest.mark.parametrize("path", [V1, V2, V3, f"/prefix{V1}"])
def test_write_takes_a_token_as_each_client_sends_it(
    guarded: FlaskClient, headers: dict[str, str], path: str
) -> None:
    assert guarded.post(path, data=LINE, headers=headers).status_code == 204


def test_parameters_of_influxdb_log_in_for_its_endpoints_alone(guarded: FlaskClient) -> None:
    assert guarded.post(f"{V1}&u=anna&p=write", data=LINE).status_code == 204
    assert guarded.get("/query?u=anna&p=view&q=SHOW DATABASES").status_code == 200
    assert guarded.get("/api/history?u=anna&p=view").status_code == 401


def test_password_of_a_user_logs_in(guarded: FlaskClient, access: AccessRecorder) -> None:
    access.carry_out(new_user("anna", "write"))
    assert guarded.post(V1, data=LINE, headers=basic("anna", PASSWORD)).status_code == 204
    assert guarded.post(f"{V1}&u=anna&p={PASSWORD}", data=LINE).status_code == 204
    for headers in (basic("anna", "wrong"), basic("", PASSWORD)):
        assert guarded.post(V1, data=LINE, headers=headers).status_code == 401


def test_influxdb_clients_are_refused_in_their_own_form(guarded: FlaskClient) -> None:
    v1 = guarded.post(V1, data=LINE)
    assert (v1.status_code, set(v1.get_json())) == (401, {"error"})
    assert v1.headers["WWW-Authenticate"] == 'Basic realm="InfluxDB"'
    assert v1.headers["X-Influxdb-Error"] == v1.get_json()["error"]
    v2 = guarded.post(V2, data=LINE, headers={"Authorization": "Token wrong"})
    assert (v2.status_code, v2.get_json()["code"]) == (401, "unauthorized")
    assert v2.content_type == "application/json; charset=utf-8"
    v3 = guarded.post(V3, data=LINE, headers=bearer("wrong"))
    assert (v3.status_code, set(v3.get_json())) == (401, {"error"})
    query = guarded.get("/query?q=SHOW DATABASES")
    assert (query.status_code, set(query.get_json())) == (401, {"error"})
    assert query.headers["WWW-Authenticate"] == 'Basic realm="InfluxDB"'
    forbidden = guarded.post(V2, data=LINE, headers=bearer("view"))
    assert (forbidden.status_code, forbidden.get_json()["code"]) == (403, "forbidden")
    assert set(guarded.post(V1, data=LINE, headers=bearer("view")).get_json()) == {"error"}


def test_secrets_are_in_no_error(
    guarded: FlaskClient, access: AccessRecorder, caplog: pytest.LogCaptureFixture
) -> None:
    access.carry_out(new_user("anna", "write"))
    for answer in (
        guarded.post(f"{V1}&u=anna&p=hunter2", data=LINE),
        guarded.post(V2, data=LINE, headers=basic("anna", "hunter2")),
        guarded.get("/api/series", headers=bearer("hunter2")),
        guarded.post(f"{V1}&u=anna&p=view", data=LINE),
    ):
        assert answer.status_code in {401, 403}
        assert "hunter2" not in f"{answer.text}{answer.headers}"
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/", "./login?next=%2F"),
        ("/?series=a&window=15m", "./login?next=%2F%3Fseries%3Da%26window%3D15m"),
        ("/v/home", "../login?next=%2Fv%2Fhome"),
        ("/?series=" + "a" * 2_000, "./login"),
    ],
)
def test_browser_goes_to_the_login_and_back(guarded: FlaskClient, path: str, location: str) -> None:
    response = guarded.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
    assert (response.status_code, response.headers["Location"]) == (302, location)
    assert response.headers["Cache-Control"] == "no-store"


def test_empty_token_is_anonymous(
    settings: Settings, access: AccessRecorder, broker: Broker
) -> None:
    access.carry_out(new_token("write"))
    client = create_app(replace(settings, anonymous="view"), broker).test_client()
    assert client.get("/api/history").status_code == 200
    assert client.get("/api/history", headers={"Authorization": "Token "}).status_code == 200
    response = client.post(V2, data=LINE, headers={"Authorization": "Token "})
    assert (response.status_code, response.get_json()["code"]) == (401, "unauthorized")
    # Who shows a wrong token is not taken for somebody without one.
    assert client.get("/api/history", headers=bearer("wrong")).status_code == 401
    # A browser whose session has ended is.
    client.set_cookie(SESSION_COOKIE, "ended")
    assert client.get("/api/history").status_code == 200


def test_session_logs_in_until_the_password_changes(
    guarded: FlaskClient, access: AccessRecorder
) -> None:
    now = now_microseconds()
    session = StartSession("anna", hash_secret("s"), now, now + 60_000_000)
    access.carry_out(new_user("anna", "admin"), session)
    guarded.set_cookie(SESSION_COOKIE, "s")
    assert guarded.get("/api/history").status_code == 200
    command = access.carry_out(SetPassword("anna", quick_hash("another one")))
    directory = web_services(guarded.application).directory
    directory.invalidate(command)
    assert guarded.get("/api/history").status_code == 401


def test_share_link_may_only_look(guarded: FlaskClient, access: AccessRecorder) -> None:
    access.carry_out(AddShare("0a1b2c3d", hash_secret("l"), "", ("kitchen",), 1))
    share = {SHARE_SECRET: "l"}
    assert guarded.get("/api/history", environ_overrides=share).status_code == 200
    # The rights of a share stay those of a share, whoever opens it.
    write = guarded.post(V1, data=LINE, headers=bearer("write"), environ_overrides=share)
    assert write.status_code == 403
    unknown = guarded.get(
        "/", headers={"Accept": "text/html"}, environ_overrides={SHARE_SECRET: "x"}
    )
    assert unknown.status_code == 401


def test_new_token_counts_at_once_and_a_revoked_one_no_more(
    guarded: FlaskClient, access: AccessRecorder
) -> None:
    assert guarded.get("/api/history", headers=bearer("new")).status_code == 401
    access.carry_out(new_token("view", "new"))
    assert guarded.get("/api/history", headers=bearer("new")).status_code == 200
    command = access.carry_out(RevokeToken("new"))
    web_services(guarded.application).directory.invalidate(command)
    assert guarded.get("/api/history", headers=bearer("new")).status_code == 401


def test_ended_token_is_refused(guarded: FlaskClient, access: AccessRecorder) -> None:
    access.carry_out(AddToken("old", "view", hash_secret("old"), 1, 2))
    assert guarded.get("/api/history", headers=bearer("old")).status_code == 401


def test_server_for_other_machines_is_closed_without_users(
    settings: Settings, access: AccessRecorder, broker: Broker
) -> None:
    exposed = replace(settings, host="0.0.0.0")
    client = create_app(exposed, broker).test_client()
    response = client.get("/api/history")
    assert response.status_code == 401
    assert "stripchart user add" in response.get_json()["error"]
    access.carry_out(new_token("view"))
    headers = {"Host": "192.168.1.7:5000"} | bearer("view")
    assert client.get("/api/history", headers=headers).status_code == 200


def test_user_whom_a_proxy_has_logged_in_is_known(
    settings: Settings, access: AccessRecorder, broker: Broker
) -> None:
    sso = replace(
        settings, proxy_networks=(ip_network("10.0.0.0/8"),), proxy_user_header="Remote-User"
    )
    client = create_app(sso, broker).test_client()

    def status(peer: str, path: str = "/api/history", **headers: str) -> int:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        environ = {"REMOTE_ADDR": peer}
        return client.get(path, headers=fields, environ_overrides=environ).status_code

    # Nothing is open although nobody is a user yet: the proxy serves other machines.
    assert status("127.0.0.1") == 401
    assert status("10.0.0.1", Remote_User="anna") == 401
    access.carry_out(new_user("anna", "view"), new_token("admin"))
    assert status("10.0.0.1", Remote_User="anna") == 200
    assert status("10.0.0.1", Remote_User="ben") == 401
    assert status("10.0.0.1", Remote_User="anna,ben") == 401
    for peer in ("127.0.0.1", "192.0.2.1", "::1"):
        assert status(peer, Remote_User="anna") == 401
        assert status(peer, Remote_User="anna", X_Forwarded_For="10.0.0.1") == 401
    # A program behind the proxy goes on using its token.
    assert status("10.0.0.1", Authorization="Bearer admin") == 200


def test_use_of_a_token_is_sent_to_the_writer(guarded: FlaskClient) -> None:
    assert guarded.get("/api/history", headers=bearer("view")).status_code == 200
    gevent.sleep(0)
    journal = web_services(guarded.application).journal
    (entry,) = journal.read(JOURNAL_START, 10).entries
    assert b"record_token_use" in repr(entry).encode()


def test_unreadable_database_refuses_all_but_known_rights(
    app: Flask, guarded: FlaskClient, settings: Settings
) -> None:
    assert guarded.get("/livez", headers=bearer("view")).status_code == 200
    assert guarded.get("/get_data", headers=bearer("view")).status_code == 200
    _damage(settings.database_file)
    assert guarded.post("/write?db=x", data=LINE, headers=bearer("write")).status_code == 204
    for path, answer in (
        ("/api/readings", guarded.post("/api/readings", json=[], headers=bearer("wrong"))),
        (V1, guarded.post(V1, data=LINE, headers=bearer("wrong"))),
    ):
        assert answer.status_code == 503, path
    fresh = create_app(settings, web_services(app).broker).test_client()
    assert fresh.post("/write?db=x", data=LINE, headers=bearer("write")).status_code == 503
    assert fresh.get("/api/history").status_code == 503
    assert fresh.get("/livez").status_code == 200


def _damage(database: Path | None) -> None:
    assert database is not None
    for path in database.parent.glob(f"{database.name}*"):
        path.unlink()
    database.write_bytes(b"no database, but text\n" * 100)
