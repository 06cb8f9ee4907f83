"""The API of the own account, of users and of tokens."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.access_command import AccessCommand
from services.broker import Broker
from services.clock import now_microseconds
from services.passwords import is_password
from services.settings import Settings
from services.store import AccessRecords
from services.web.access.credentials import SESSION_COOKIE
from services.web.app import create_app
from tests.support.access import PASSWORD, new_token, new_user
from tests.support.recordings import Recording

Records = Callable[[], AccessRecords]
CarryOut = Callable[..., None]

ADMIN = {"Authorization": "Bearer admin"}
NEW = {"name": "paul", "password": "battery staple", "role": "view"}


@pytest.fixture
def carry_out(writer: Recording) -> Iterator[CarryOut]:
    """Return a function that carries out commands."""

    def carry_out(*commands: AccessCommand) -> None:
        for command in commands:
            writer.journal.send_commands([command])
        writer.write()

    yield carry_out
    writer.close()


@pytest.fixture
def admin(client: FlaskClient, carry_out: CarryOut) -> FlaskClient:
    """A client that sends the token of an admin."""
    carry_out(new_token("admin"))
    client.environ_base["HTTP_AUTHORIZATION"] = "Bearer admin"
    return client


@pytest.fixture
def other_admin(carry_out: CarryOut) -> None:
    """The user anna, who is an admin."""
    carry_out(new_user("anna", "admin"))


@pytest.fixture
def anna(client: FlaskClient, carry_out: CarryOut) -> FlaskClient:
    """The browser of anna, who has logged in."""
    carry_out(new_user("anna", "view"))
    client.post("/login", data={"user": "anna", "password": PASSWORD})
    return client


@pytest.mark.usefixtures("writer")
def test_everybody_is_an_admin_without_a_login(client: FlaskClient) -> None:
    assert client.get("/api/me").get_json() == {
        "kind": "everybody",
        "name": "",
        "role": "admin",
        "series": None,
        "login_required": False,
        "exposed": False,
    }


@pytest.mark.parametrize(
    ("settings_change", "host"),
    [({"host": "0.0.0.0", "open_network": True}, "127.0.0.1"),
     ({"allowed_hosts": ("charts.lan",)}, "charts.lan:8080")],
)  # fmt: skip
@pytest.mark.usefixtures("writer")
def test_server_that_others_reach_without_a_login_is_exposed(
    settings: Settings, broker: Broker, settings_change: dict[str, Any], host: str
) -> None:
    broker.settings = changed = replace(settings, **settings_change)
    client = create_app(changed, broker).test_client()
    assert client.get("/api/me", headers={"Host": host}).get_json()["exposed"] is True


def test_token_learns_its_role_and_series(client: FlaskClient, carry_out: CarryOut) -> None:
    carry_out(new_token("write", series=("kitchen", "cpu.*")))
    me = client.get("/api/me", headers={"Authorization": "Bearer write"}).get_json()
    assert (me["kind"], me["name"], me["role"]) == ("token", "write", "write")
    assert me["series"] == ["cpu.*", "kitchen"]
    assert me["login_required"] is True
    assert client.get("/api/me").status_code == 401


def test_password_is_changed_with_the_old_one(anna: FlaskClient, records: Records) -> None:
    old_secret = anna.get_cookie(SESSION_COOKIE)
    change = {"old": PASSWORD, "new": "battery staple"}
    assert anna.put("/api/me/password", json=change).status_code == 200
    (user,) = records().users
    assert is_password("battery staple", user.password)
    # The browser has a new session, and all others have ended.
    assert len(records().sessions) == 1
    assert anna.get_cookie(SESSION_COOKIE) != old_secret
    assert anna.get("/api/me").get_json()["name"] == "anna"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"old": "wrong", "new": "battery staple"}, 403),
        ({"old": PASSWORD, "new": "short"}, 400),
        ({"old": PASSWORD}, 400),
        ({"old": PASSWORD, "new": "battery staple", "user": "paul"}, 400),
    ],
)
def test_password_is_not_changed_otherwise(
    anna: FlaskClient, records: Records, change: dict[str, str], status: int
) -> None:
    before = records().users
    response = anna.put("/api/me/password", json=change)
    assert response.status_code == status
    assert "staple" not in response.text
    assert records().users == before
    assert anna.get("/api/me").status_code == 200


def test_person_signs_out_everywhere(anna: FlaskClient, records: Records) -> None:
    other = anna.application.test_client()
    other.post("/login", data={"user": "anna", "password": PASSWORD})
    assert len(records().sessions) == 2
    response = anna.delete("/api/me/sessions")
    assert response.status_code == 200
    assert f"{SESSION_COOKIE}=;" in response.headers["Set-Cookie"]
    assert records().sessions == ()
    assert other.get("/api/me").status_code == 401


def test_token_has_neither_password_nor_sessions(admin: FlaskClient) -> None:
    change = {"old": "admin", "new": "battery staple"}
    for response in (admin.put("/api/me/password", json=change), admin.delete("/api/me/sessions")):
        assert response.status_code == 403
        assert response.get_json()["error"] == "only a user who has logged in can do this"


@pytest.mark.usefixtures("other_admin")
def test_admin_adds_changes_and_removes_users(admin: FlaskClient, records: Records) -> None:
    added = admin.post("/api/users", json=NEW)
    assert (added.status_code, added.get_json()) == (201, {"ok": True, "name": "paul"})
    _, listed = admin.get("/api/users").get_json()["users"]
    assert listed.keys() == {"name", "role", "created", "sessions"}
    assert (listed["name"], listed["role"], listed["sessions"]) == ("paul", "view", 0)
    browser = admin.application.test_client()
    browser.post("/login", data={"user": "paul", "password": NEW["password"]})
    assert admin.get("/api/users").get_json()["users"][1]["sessions"] == 1
    change = {"role": "write", "password": "another horse"}
    assert admin.patch("/api/users/paul", json=change).status_code == 200
    _, paul = records().users
    assert paul.role == "write"
    assert is_password("another horse", paul.password)
    assert records().sessions == ()
    assert admin.delete("/api/users/paul").status_code == 200
    assert [user.name for user in records().users] == ["anna"]


def test_only_admin_is_neither_removed_nor_demoted(admin: FlaskClient, carry_out: CarryOut) -> None:
    carry_out(new_user("anna", "admin"))
    for response in (
        admin.delete("/api/users/anna"),
        admin.patch("/api/users/anna", json={"role": "write"}),
    ):
        assert response.status_code == 409
        assert "'anna' is the only admin" in response.get_json()["error"]


@pytest.mark.usefixtures("other_admin")
@pytest.mark.parametrize(
    ("request_line", "body", "status"),
    [
        ("POST /api/users", NEW | {"name": "anna"}, 409),
        ("POST /api/users", NEW | {"name": "a b"}, 400),
        ("POST /api/users", NEW | {"password": "short"}, 400),
        ("POST /api/users", NEW | {"role": "root"}, 400),
        ("POST /api/users", NEW | {"is_first": True}, 400),
        ("POST /api/users", [], 400),
        ("PATCH /api/users/anna", {}, 400),
        ("PATCH /api/users/anna", {"password": "short"}, 400),
        ("PATCH /api/users/ben", {"role": "view"}, 404),
        ("DELETE /api/users/ben", None, 404),
        ("DELETE /api/users/a b", None, 400),
        ("DELETE /api/tokens/other", None, 404),
        ("DELETE /api/tokens", None, 400),
        ("DELETE /api/tokens/other?name=admin", None, 400),
        ("POST /api/tokens", {"name": "admin", "scope": "view"}, 409),
        ("POST /api/tokens", {"name": " ", "scope": "view"}, 400),
        ("POST /api/tokens", {"name": "a"}, 400),
        ("POST /api/tokens", {"name": "a", "scope": "view", "expires": "soon"}, 400),
        ("POST /api/tokens", {"name": "a", "scope": "view", "series": []}, 400),
        ("POST /api/tokens", {"name": "a", "scope": "view", "hash": "0"}, 400),
    ],
)
def test_faulty_request_changes_nothing(
    admin: FlaskClient, records: Records, request_line: str, body: object, status: int
) -> None:
    before = records()
    method, path = request_line.split(" ", 1)
    response = admin.open(path, method=method, json=body)
    assert (response.status_code, response.get_json()["ok"]) == (status, False)
    after = records()
    tokens = tuple(token._replace(used_at=None) for token in after.tokens)
    assert after._replace(tokens=tokens) == before


def test_token_is_made_listed_and_revoked(admin: FlaskClient, records: Records) -> None:
    before = now_microseconds()
    new = {"name": "a/b", "scope": "write", "expires": "30d", "series": ["cpu.*"]}
    response = admin.post("/api/tokens", json=new)
    assert response.status_code == 201
    assert response.headers["Cache-Control"] == "no-store"
    token = response.get_json()["token"]
    me = admin.get("/api/me", headers={"Authorization": f"Bearer {token}"}).get_json()
    assert (me["name"], me["role"], me["series"]) == ("a/b", "write", ["cpu.*"])
    listed, _ = admin.get("/api/tokens").get_json()["tokens"]
    assert listed.keys() == {"name", "scope", "series", "created", "expires", "used"}
    assert listed["expires"] >= before / 1e6 + 30 * 86_400
    assert token not in admin.get("/api/tokens").text
    assert admin.delete("/api/tokens?name=a/b").status_code == 200
    assert admin.get("/api/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert [stored.name for stored in records().tokens] == ["admin"]


@pytest.mark.parametrize("path", ["/api/users", "/api/tokens"])
@pytest.mark.parametrize("role", ["view", "write"])
def test_other_roles_may_not_give_access(
    client: FlaskClient, carry_out: CarryOut, records: Records, role: Any, path: str
) -> None:
    carry_out(new_token(role))
    headers = {"Authorization": f"Bearer {role}"}
    before = records()
    assert client.get(path, headers=headers).status_code == 403
    assert client.post(path, json=NEW, headers=headers).status_code == 403
    assert client.delete(f"{path}/{role}", headers=headers).status_code == 403
    assert records() == before


@pytest.mark.usefixtures("writer")
def test_first_access_is_not_given_by_the_api(client: FlaskClient, records: Records) -> None:
    token = {"name": "a", "scope": "admin"}
    for response in (client.post("/api/users", json=NEW), client.post("/api/tokens", json=token)):
        assert response.status_code == 403
        assert "make the first user on the page /setup" in response.get_json()["error"]
    assert records() == AccessRecords()
