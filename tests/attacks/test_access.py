"""Attacks on the login, on tokens and on what stands before them."""

import hmac
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import fakeredis
import pytest
from flask.testing import FlaskClient

from services.access import hash_secret
from services.access_command import StartSession
from services.broker import Broker
from services.cli.supervise.fake_server import new_fake_server
from services.clock import now_microseconds
from services.settings import Settings
from services.web.access import directory, setup_code
from services.web.access.credentials import SESSION_COOKIE
from services.web.app import create_app
from tests.support.access import PASSWORD, AccessRecorder, bearer, new_token, new_user

FOREIGN = "http://evil.example"
JSON_READING = '{"series": "kitchen", "value": 1}'

_FORM = "application/x-www-form-urlencoded"
_CHANGES = [
    # A form of a foreign page can send these without asking first.
    ("POST", "/api/readings", "text/plain", JSON_READING),
    ("POST", "/write?db=x", "text/plain", "cpu usage=1"),
    ("POST", "/login", _FORM, f"user=ben&password={PASSWORD}"),
    ("POST", "/logout", _FORM, ""),
    ("DELETE", "/api/series?series=kitchen", "text/plain", ""),
    ("POST", "/api/users", "application/json", "{}"),
]

MakeClient = Callable[..., FlaskClient]


def fill(settings: Settings) -> None:
    """Add the users anna, an admin with a session, and ben, and a token for viewers."""
    now = now_microseconds()
    session = StartSession("anna", hash_secret("session"), now, now + 600_000_000)
    users = new_user("anna", "admin"), new_user("ben", "view")
    AccessRecorder(settings).carry_out(*users, session, new_token("view"))


@pytest.fixture(scope="module")
def shared_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings with a database that no test changes."""
    settings = Settings.from_environ({"DATA_DIR": str(tmp_path_factory.mktemp("attacked"))})
    fill(settings)
    return settings


@pytest.fixture
def make_client(shared_settings: Settings) -> Iterator[MakeClient]:
    """Return a function that makes a web process. All have one database and one Redis."""
    with closing(fakeredis.FakeRedis(server=new_fake_server())) as redis:

        def make(**changes: Any) -> FlaskClient:
            changed = replace(shared_settings, **changes)
            return create_app(changed, Broker(redis, changed)).test_client()

        yield make


@pytest.fixture
def client(make_client: MakeClient) -> FlaskClient:
    return make_client()


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": FOREIGN},
        {"Origin": "null"},
        {"Origin": "http://localhost:8080"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        # DNS rebinding: the name of the foreign page leads to this machine.
        {"Host": "evil.example", "Origin": FOREIGN},
        {"Host": "evil.example"},
    ],
)
def test_foreign_page_changes_nothing_with_the_cookie_of_its_visitor(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    client.set_cookie(SESSION_COOKIE, "session")
    for method, path, content_type, body in _CHANGES:
        response = client.open(
            path, method=method, data=body, content_type=content_type, headers=headers
        )
        assert response.status_code == 403, path
        assert "Set-Cookie" not in response.headers
    assert client.get("/api/me").get_json()["name"] == "anna"


def test_passwords_can_not_be_tried_one_after_the_other(make_client: MakeClient) -> None:
    # Nor in turns with several processes, or names.
    clients = make_client(), make_client()
    statuses = []
    for number in range(12):
        user = ("anna", "ben")[number % 2]
        headers = basic(user, f"guess {number}")
        statuses.append(clients[number // 2 % 2].get("/api/me", headers=headers).status_code)
    assert statuses == [401] * 5 + [429] * 7
    assert clients[0].get("/api/me", headers=basic("ben", PASSWORD)).status_code == 429
    # Those who have logged in don't notice it.
    assert clients[0].get("/get_data", headers=bearer("view")).status_code == 200


@pytest.mark.parametrize("forwarded", ["198.51.100.{}", "127.0.0.1, 198.51.100.{}"])
def test_forged_address_gives_no_further_attempts(client: FlaskClient, forwarded: str) -> None:
    statuses = [
        client.get(
            "/api/me",
            headers=basic("anna", "guess") | {"X-Forwarded-For": forwarded.format(number)},
        ).status_code
        for number in range(6)
    ]
    assert statuses == [401] * 5 + [429]


@pytest.mark.parametrize("peer", ["127.0.0.1", "192.0.2.1", "10.1.0.1"])
@pytest.mark.parametrize(
    "header", ["Remote-User", "REMOTE-USER", "X-Forwarded-User", "Remote_User"]
)
def test_forged_header_of_a_proxy_logs_nobody_in(
    make_client: MakeClient, peer: str, header: str
) -> None:
    client = make_client(
        proxy_networks=(ip_network("10.0.0.0/16"),), proxy_user_header="Remote-User"
    )
    forged = {header: "anna", "X-Forwarded-For": "10.0.0.1", "X-Real-IP": "10.0.0.1"}
    environ = {"REMOTE_ADDR": peer}
    response = client.get("/api/me", headers=forged, environ_overrides=environ)
    assert response.status_code == 401


def test_secrets_are_looked_up_by_hash_and_compared_in_constant_time(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[Any, Any]] = []

    def compare(one: Any, other: Any) -> bool:
        compared.append((one, other))
        return hmac.compare_digest(one, other)

    monkeypatch.setattr(directory, "compare_digest", compare)
    assert client.get("/get_data", headers=bearer("view")).status_code == 200
    assert compared == [(hash_secret("view"), hash_secret("view"))]
    # A guess that begins like the token meets no secret at all: its hash is another one.
    assert client.get("/get_data", headers=bearer("vieW")).status_code == 401
    assert len(compared) == 1


def test_setup_code_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[bytes] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append(one)
        return hmac.compare_digest(one, other)

    monkeypatch.setattr(setup_code, "compare_digest", compare)
    code = setup_code.SetupCode("ABCDEFGH2345")
    assert [code.matches(text) for text in ("abcd-efgh-2345", "X", "ABCD")] == [True, False, False]
    assert compared == [b"ABCDEFGH2345", b"X", b"ABCD"]


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2f..%2fsettings.py",
        "/static//etc/passwd",
        "/static/dist/../../app.py",
        "/static/%2e%2e%5capp.py",
        "/v/..%2f..%2fetc%2fpasswd",
        "/api/views/..%2f..%2f..%2fetc%2fpasswd",
    ],
)
def test_no_path_leaves_its_folder(client: FlaskClient, path: str) -> None:
    with client.get(path, headers=bearer("view"), follow_redirects=True) as response:
        assert response.status_code in {401, 404}
        assert b"root:" not in response.data
        assert b"def create_app" not in response.data


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example/",
        "https://evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/%09/evil.example",
        "/\r\nLocation: https://evil.example/",
        "javascript:alert(1)",
        "/..//evil.example",
    ],
)
def test_login_leads_to_no_other_server(client: FlaskClient, target: str) -> None:
    client.set_cookie(SESSION_COOKIE, "session")
    response = client.get("/login", query_string={"next": target})
    assert response.status_code == 303
    location = response.headers["Location"]
    assert location.startswith("./")
    assert "\r" not in location
    assert "\n" not in location
    assert not location[2:].startswith(("/", "\\"))


@pytest.mark.parametrize(
    "path",
    [
        "/v/a%0d%0aSet-Cookie:%20x=1",
        "/?series=a%0d%0aSet-Cookie:%20x=1",
        "/write%0d%0aX:%201?db=x",
        "/s/a%0d%0aSet-Cookie:%20x=1/",
    ],
)
def test_no_header_is_injected(client: FlaskClient, path: str) -> None:
    for headers in ({"Accept": "text/html"}, {"Accept": "application/json"}):
        response = client.get(path, headers=headers)
        assert "Set-Cookie" not in response.headers
        assert all("\r" not in value and "\n" not in value for _, value in response.headers)


def test_deleted_database_opens_nothing(make_client: MakeClient, settings: Settings) -> None:
    fill(settings)
    client = make_client(data_dir=settings.data_dir)
    assert client.get("/get_data", headers=bearer("view")).status_code == 200
    for path in settings.data_dir.glob("readings.db*"):
        path.unlink()
    assert client.get("/get_data", headers=bearer("wrong")).status_code == 503
    assert client.get("/api/me").status_code == 401
