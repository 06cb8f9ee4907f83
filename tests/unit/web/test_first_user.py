"""The first-run page, on which the first user is made."""

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.broker import Broker
from services.settings import Settings
from services.store import AccessRecords
from services.web.access.setup_code import SetupCode, new_setup_code
from services.web.app import create_app
from tests.support.access import PASSWORD, new_user
from tests.support.recordings import Recording

Records = Callable[[], AccessRecords]
CODE = "ABCDEFGH2345"


@pytest.fixture
def client(settings: Settings, broker: Broker, writer: Recording) -> Iterator[FlaskClient]:
    yield create_app(settings, broker, CODE).test_client()
    writer.close()


def set_up(client: FlaskClient, **changes: str) -> TestResponse:
    form = {"code": CODE, "user": "anna", "password": PASSWORD, "password2": PASSWORD}
    return client.post("/setup", data=form | changes, headers={"Origin": "http://localhost"})


def test_first_user_is_an_admin_who_is_logged_in(client: FlaskClient, records: Records) -> None:
    response = set_up(client, code=" abcd-efgh-2345 ")
    assert (response.status_code, response.headers["Location"]) == (303, "./")
    (user,) = records().users
    assert (user.name, user.role) == ("anna", "admin")
    assert client.get("/api/me").get_json()["kind"] == "user"
    stranger = client.application.test_client()
    assert stranger.get("/api/history").status_code == 401


def test_code_is_in_the_log_when_the_page_is_opened(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        page = client.get("/setup")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert "the code ABCD-EFGH-2345" in caplog.text
    assert "ABCD" not in page.text


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"code": ""}, 403, "The setup code is wrong."),
        ({"code": "ABCDEFGH2346"}, 403, "The setup code is wrong."),
        ({"code": "ABCDEFGH234"}, 403, "The setup code is wrong."),
        ({"code": "ABCDEFGH23455"}, 403, "The setup code is wrong."),
        ({"code": "é"}, 403, "The setup code is wrong."),
        ({"user": "a b"}, 400, "The name of a user must have letters or digits"),
        ({"password": "short", "password2": "short"}, 400, "at least 8 characters."),
        ({"password2": "correct horsf"}, 400, "The two passwords differ."),
    ],
)
def test_faulty_form_makes_no_user(
    client: FlaskClient, records: Records, changes: dict[str, str], status: int, error: str
) -> None:
    response = set_up(client, **changes)
    assert response.status_code == status
    assert error in response.text
    assert records() == AccessRecords()


def test_second_user_is_not_made(
    client: FlaskClient, writer: Recording, records: Records, caplog: pytest.LogCaptureFixture
) -> None:
    writer.journal.send_commands([new_user("ben", "admin")])
    writer.write()
    response = set_up(client)
    assert (response.status_code, response.headers["Location"]) == (303, "./login")
    assert client.get("/setup").headers["Location"] == "./login"
    assert [user.name for user in records().users] == ["ben"]
    assert CODE[:4] not in caplog.text


def test_of_two_people_who_begin_together_only_the_first_becomes_an_admin(
    client: FlaskClient, writer: Recording, records: Records
) -> None:
    # The page can't know this user yet: the writer has not carried out the command.
    writer.journal.send_commands([new_user("ben", "admin")])
    response = set_up(client)
    assert (response.status_code, response.headers["Location"]) == (303, "./login")
    assert "Set-Cookie" not in response.headers
    assert [user.name for user in records().users] == ["ben"]


def test_foreign_page_makes_no_user(client: FlaskClient, records: Records) -> None:
    form = {"code": CODE, "user": "anna", "password": PASSWORD, "password2": PASSWORD}
    response = client.post("/setup", data=form, headers={"Origin": "http://evil.example"})
    assert response.status_code == 403
    assert records() == AccessRecords()


def test_login_leads_to_the_setup_where_nobody_has_access(
    settings: Settings, broker: Broker, writer: Recording
) -> None:
    closed = create_app(replace(settings, host="0.0.0.0"), broker).test_client()
    response = closed.get("/", headers={"Accept": "text/html"})
    assert response.headers["Location"].startswith("./login")
    assert closed.get("/login").headers["Location"] == "./setup"
    assert closed.get("/setup").status_code == 200
    writer.close()


def test_login_leads_to_the_charts_where_everybody_has_access(client: FlaskClient) -> None:
    assert client.get("/login?next=/v/home").headers["Location"] == "./v/home"


def test_code_is_logged_at_most_every_ten_seconds(caplog: pytest.LogCaptureFixture) -> None:
    seconds = [0.0]
    code = SetupCode(CODE, lambda: seconds[0])
    with caplog.at_level(logging.INFO):
        for seconds[0] in (0.0, 9.9, 10.0, 11.0):
            code.log()
    assert len(caplog.records) == 2


def test_codes_differ_and_have_no_confusing_characters() -> None:
    codes = {new_setup_code() for _ in range(50)}
    assert len(codes) == 50
    assert all(re.fullmatch(r"[2-9A-HJ-NP-Z]{12}", code) for code in codes)
    assert not SetupCode(CODE).matches("")
