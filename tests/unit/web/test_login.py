"""Login and logout."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.access import hash_secret
from services.broker import Broker
from services.settings import Settings
from services.store import AccessRecords
from services.web.access.credentials import SESSION_COOKIE
from services.web.app import create_app
from tests.support.access import PASSWORD, new_user
from tests.support.recordings import Recording

Records = Callable[[], AccessRecords]

MONTH_SECONDS = 30 * 86_400
HTML = {"Accept": "text/html"}


@pytest.fixture(autouse=True)
def anna(writer: Recording) -> Iterator[None]:
    """The user anna."""
    writer.journal.send_commands([new_user("anna", "write")])
    writer.write()
    yield
    writer.close()


def log_in(client: FlaskClient, password: str = PASSWORD, **more: str) -> TestResponse:
    """Send the form of the page."""
    headers = {"Origin": "http://localhost"}
    data = {"user": "anna", "password": password, **more}
    return client.post("/login", data=data, headers=headers)


def cookie_of(response: TestResponse) -> str:
    (cookie,) = response.headers.getlist("Set-Cookie")
    return cookie


def secret_of(response: TestResponse) -> str:
    match = re.match(rf"{SESSION_COOKIE}=([^;]+);", cookie_of(response))
    assert match
    return match[1]


def test_right_password_starts_a_session(client: FlaskClient, records: Records) -> None:
    response = log_in(client, next="/v/home?window=1h")
    assert response.status_code == 303
    assert response.headers["Location"] == "./v/home?window=1h"
    (session,) = records().sessions
    assert (session.user, session.hash) == ("anna", hash_secret(secret_of(response)))
    assert session.expires_at - session.created_at == MONTH_SECONDS * 1_000_000
    assert client.get("/api/me").get_json()["name"] == "anna"


def test_cookie_is_for_this_server_alone(client: FlaskClient) -> None:
    parts = set(cookie_of(log_in(client)).split("; ")[1:])
    assert {"HttpOnly", "SameSite=Lax", "Path=/", f"Max-Age={MONTH_SECONDS}"} <= parts
    assert "Secure" not in parts
    assert not any(part.startswith("Domain") for part in parts)


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://localhost"}, {"X-Forwarded-Proto": "https, http"}]
)
def test_cookie_is_secure_behind_a_proxy_with_tls(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    data = {"user": "anna", "password": PASSWORD}
    response = client.post("/login", data=data, headers=headers)
    assert "; Secure;" in cookie_of(response)


def test_cookie_has_the_base_path(settings: Settings, broker: Broker) -> None:
    client = create_app(replace(settings, base_path="/charts"), broker).test_client()
    data = {"user": "anna", "password": PASSWORD, "next": "/charts/v/home"}
    response = client.post("/charts/login", data=data)
    assert response.headers["Location"] == "/charts/v/home"
    assert "; Path=/charts;" in f"{cookie_of(response)};"


def test_secret_that_came_with_the_request_is_never_used(
    client: FlaskClient, records: Records
) -> None:
    planted = "planted-by-somebody-else"
    client.set_cookie(SESSION_COOKIE, planted)
    first = secret_of(log_in(client))
    assert first != planted
    second = secret_of(log_in(client))
    assert second not in {planted, first}
    # The session before it has ended.
    assert [session.hash for session in records().sessions] == [hash_secret(second)]


@pytest.mark.parametrize("user", ["anna", "nobody"])
def test_wrong_password_and_unknown_name_look_the_same(
    client: FlaskClient, records: Records, user: str
) -> None:
    response = log_in(client, "wrong", user=user)
    assert response.status_code == 403
    assert "Set-Cookie" not in response.headers
    assert "The name or the password is wrong." in response.text
    assert records().sessions == ()


def test_page_keeps_name_and_way_back_but_no_password(client: FlaskClient) -> None:
    page = log_in(client, "wrong<>", user='a"<b>', next="/v/home").text
    assert 'value="a&#34;&lt;b&gt;"' in page
    assert 'value="/v/home"' in page
    assert "wrong&lt;" not in page


def test_space_after_the_name_is_ignored(client: FlaskClient) -> None:
    assert log_in(client, user=" anna ").status_code == 303


def test_login_of_a_foreign_page_is_refused(client: FlaskClient, records: Records) -> None:
    data = {"user": "anna", "password": PASSWORD}
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert client.post("/login", data=data, headers=headers).status_code == 403
    assert records().sessions == ()


@pytest.mark.parametrize(
    ("body", "media", "status"),
    [
        (b"user=anna", "text/plain", 415),
        (b"--x\r\n", "multipart/form-data; boundary=x", 415),
        (b"user=" + b"a" * 20_000, "application/x-www-form-urlencoded", 413),
        (b"&".join(b"a=1" for _ in range(11)), "application/x-www-form-urlencoded", 400),
        (b"user=%ff", "application/x-www-form-urlencoded", 400),
    ],
)
def test_other_body_than_a_small_form_is_refused(
    client: FlaskClient, body: bytes, media: str, status: int
) -> None:
    response = client.post("/login", data=body, content_type=media)
    assert response.status_code == status
    assert response.get_json()["ok"] is False


def test_logout_ends_the_session_and_removes_the_cookie(
    client: FlaskClient, records: Records
) -> None:
    secret = secret_of(log_in(client))
    response = client.post("/logout")
    assert response.headers["Location"] == "./login"
    assert f"{SESSION_COOKIE}=;" in cookie_of(response)
    assert records().sessions == ()
    client.set_cookie(SESSION_COOKIE, secret)
    assert client.get("/api/me").status_code == 401
    assert client.post("/logout").status_code == 303


def test_login_page_leads_back_who_is_logged_in(client: FlaskClient) -> None:
    page = client.get("/login?next=/v/home")
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    assert 'autocomplete="current-password"' in page.text
    log_in(client)
    response = client.get("/login?next=/v/home")
    assert (response.status_code, response.headers["Location"]) == (303, "./v/home")


def test_page_leads_to_the_login_and_back(client: FlaskClient) -> None:
    response = client.get("/v/home?window=1h", headers=HTML)
    assert response.headers["Location"].startswith("../login?next=")
    page = client.get(response.headers["Location"].removeprefix(".."))
    assert 'name="next" value="/v/home?window=1h"' in page.text


def test_silent_writer_is_told_on_the_page(
    client: FlaskClient, writer: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "write", lambda: None)
    response = log_in(client)
    assert response.status_code == 503
    assert response.headers["Retry-After"].isdigit()
    assert "Nobody can log in at the moment: the writer does not answer" in response.text
    assert "Set-Cookie" not in response.headers


def test_silent_writer_keeps_the_session_but_not_the_cookie(
    client: FlaskClient, writer: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(client)
    monkeypatch.setattr(writer, "write", lambda: None)
    response = client.post("/logout")
    assert response.status_code == 503
    assert "the server could not end the session: the writer does not answer" in response.text
    assert f"{SESSION_COOKIE}=;" in cookie_of(response)


def test_account_page_needs_a_login(client: FlaskClient) -> None:
    assert client.get("/account", headers=HTML).headers["Location"] == "./login?next=%2Faccount"
    log_in(client)
    page = client.get("/account")
    assert page.headers["Cache-Control"] == "no-store"
    assert "<bdi>anna</bdi>" in page.text
    assert "Your role is <strong>write</strong>" in page.text
    assert 'id="users"' not in page.text
