"""Limits of access control: failed logins and floods, as clients meet them."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from werkzeug import Request
from werkzeug.exceptions import Unauthorized
from werkzeug.test import EnvironBuilder

from services.access import hash_secret
from services.broker import Broker
from services.settings import Settings
from services.store import AccessRecords, StoredToken
from services.web.access import password_checks
from services.web.access.control import AccessControl, AccessRules
from services.web.access.directory import AccessDirectory, AccessSnapshot
from services.web.access.request_limits import RequestLimits
from services.web.access.token_uses import TokenUses
from services.web.app import create_app
from tests.support.access import PASSWORD, AccessRecorder, basic, bearer, new_token, new_user

LINE = b"cpu usage=1"
V1, V2, V3 = "/write?db=x", "/api/v2/write?bucket=x", "/api/v3/write_lp?db=x"


def test_wrong_password_is_checked_once(
    guarded: FlaskClient, access: AccessRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    access.carry_out(new_user("anna", "write"))
    checks: list[str] = []

    def is_password(password: str, _hash: str | None) -> bool:
        checks.append(password)
        return False

    monkeypatch.setattr(password_checks, "is_password", is_password)
    # A refused write is handled twice: by the shortcut and by Flask.
    guarded.post(V1, data=LINE, headers=basic("anna", "wrong"))
    assert checks == ["wrong"]


def test_many_wrong_passwords_are_not_even_checked(
    guarded: FlaskClient, access: AccessRecorder
) -> None:
    access.carry_out(new_user("anna", "write"))
    for _ in range(5):
        assert guarded.post(V2, data=LINE, headers=basic("anna", "wrong")).status_code == 401
    answers = {
        path: guarded.post(path, data=LINE, headers=basic("anna", PASSWORD))
        for path in (V1, V2, V3, "/api/readings")
    }
    assert {path: answer.status_code for path, answer in answers.items()} == {
        # Telegraf drops a batch after each status 4xx of version 1.
        V1: 503,
        V2: 429,
        V3: 429,
        "/api/readings": 429,
    }
    assert answers[V2].get_json()["code"] == "too many requests"
    for answer in answers.values():
        assert int(answer.headers["Retry-After"]) >= 1
    page = guarded.post("/login", data={"user": "anna", "password": PASSWORD})
    assert page.status_code == 429
    assert "Too many failed logins" in page.text
    assert int(page.headers["Retry-After"]) >= 1
    # Tokens go on, and so does everybody who has logged in before.
    assert guarded.post(V1, data=LINE, headers=bearer("write")).status_code == 204


def test_flood_of_a_token_has_to_wait(
    settings: Settings, access: AccessRecorder, broker: Broker
) -> None:
    access.carry_out(new_token("view"), new_token("write"))
    client = create_app(replace(settings, requests_per_minute=30), broker).test_client()
    statuses = [client.get("/get_data", headers=bearer("view")).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    assert client.get("/get_data", headers=bearer("write")).status_code == 200
    response = client.get("/get_data", headers=bearer("view"))
    assert 1 <= int(response.headers["Retry-After"]) <= 10


def test_flood_of_an_address_has_to_wait(settings: Settings, broker: Broker) -> None:
    client = create_app(replace(settings, requests_per_minute=30), broker).test_client()
    environ = {"REMOTE_ADDR": "192.0.2.1"}
    statuses = [client.get("/livez", environ_overrides=environ).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    assert {client.get("/livez").status_code for _ in range(20)} == {200}


def test_unknown_tokens_of_an_address_do_not_read_the_database_each_time() -> None:
    known = StoredToken("known", "view", hash_secret("known"), None, 1, None, None)
    reads: list[int] = []

    def read() -> AccessSnapshot:
        reads.append(1)
        return AccessSnapshot(None, AccessRecords(tokens=(known,)))

    control = AccessControl(
        AccessDirectory(read, monotonic=lambda: 0.0),
        lambda *_: None,
        AccessRules(),
        TokenUses(lambda _command: None),
        RequestLimits(600),
    )
    for number in range(60):
        headers = list(bearer(f"unknown {number}").items())
        environ = EnvironBuilder(headers=headers).get_environ()
        with pytest.raises(Unauthorized):
            control.identify(Request(environ), "history.history")
    # Twice as many if the limit begins to count again meanwhile.
    assert 21 <= len(reads) <= 41
