"""Corrections over HTTP: checked first, then appended to the journal."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import fakeredis
import pytest
from flask.testing import FlaskClient

from services.broker import Broker, Journal
from services.command import Command, Delete, Erase, Rename, SetSettings, SetUnit
from services.formats.commands import decode_command
from services.position import JOURNAL_START
from services.reading import MICROSECONDS, Reading
from services.web.app import create_app
from tests.unit.web.conftest import Record

Commands = Callable[[], list[Command]]

NAMES = ["kitchen", "cellar/door", "/", "a//b", "a/", "50 % ?#ü", "..", "[x]*"]


@pytest.fixture
def commands(broker: Broker) -> Commands:
    """Read the commands in the journal."""
    journal = Journal(broker)
    return lambda: [decode_command(e.text) for e in journal.read(JOURNAL_START, 100).entries]


@pytest.fixture(autouse=True)
def _stored(record: Record) -> None:
    record([Reading(name, MICROSECONDS, 1.0) for name in NAMES])


def address(name: str) -> str:
    """Return the address of a series."""
    return f"/api/series/{quote(name, safe='')}"


@pytest.mark.parametrize("name", NAMES)
def test_any_name_has_an_address(client: FlaskClient, commands: Commands, name: str) -> None:
    response = client.delete(address(name))
    assert response.status_code == 202, response.text
    assert commands() == [Delete(name)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("path", ["/api/series", ""])
def test_any_name_fits_into_the_parameter(
    client: FlaskClient, commands: Commands, name: str, path: str
) -> None:
    for headers in ({}, {"X-Forwarded-For": "192.0.2.1"}):
        response = client.delete(
            path or address(name), query_string={"series": name}, headers=headers
        )
        assert response.status_code == 202, response.text
    response = client.patch(
        path or address(name), query_string={"series": name}, json={"unit": "V"}
    )
    assert response.status_code == 202, response.text
    assert commands() == [Delete(name), Delete(name), SetUnit(name, "V")]


def test_series_of_a_path_and_parameter_that_disagree_is_kept(
    client: FlaskClient, commands: Commands
) -> None:
    """A proxy made `b` of `a/../b`."""
    for query in ("series=a%2F..%2Fb", "series=kitchen&series=..", "series="):
        for response in (
            client.delete(f"{address('kitchen')}?{query}"),
            client.patch(f"{address('kitchen')}?{query}", json={"unit": "V"}),
        ):
            assert response.status_code == 400
            assert "series" in response.get_json()["error"]
    assert commands() == []


@pytest.mark.parametrize(
    "environ",
    [
        {"HTTP_X_FORWARDED_FOR": "192.0.2.1"},
        {"HTTP_X_FORWARDED_PREFIX": "/strip"},
        {"HTTP_VIA": "1.1 proxy"},
        {"HTTP_FORWARDED": "for=192.0.2.1"},
        {"HTTP_X_REAL_IP": "192.0.2.1"},
        {"SERVER_PROTOCOL": "HTTP/1.0"},
    ],
)
@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_path_that_a_proxy_may_have_shortened_is_not_trusted(
    client: FlaskClient, commands: Commands, environ: dict[str, str], method: str
) -> None:
    response = client.open(
        address("kitchen"), method=method, json={"unit": "V"}, environ_overrides=environ
    )
    assert response.status_code == 400
    assert "parameter series" in response.get_json()["error"]
    assert commands() == []


def test_path_without_the_base_path_is_not_trusted(broker: Broker, commands: Commands) -> None:
    settings = replace(broker.settings, base_path="/strip")
    client = create_app(settings, broker).test_client()
    assert client.delete(address("kitchen")).status_code == 400
    assert commands() == []
    assert client.delete(f"/strip{address('kitchen')}").status_code == 202
    assert client.delete("/api/series?series=..").status_code == 202
    assert commands() == [Delete("kitchen"), Delete("..")]


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_correction_without_series_is_refused(
    client: FlaskClient, commands: Commands, method: str
) -> None:
    response = client.open("/api/series", method=method, json={"unit": "V"})
    assert response.status_code == 400
    assert commands() == []


def test_name_and_unit_are_changed_together(
    client: FlaskClient, commands: Commands, broker: Broker
) -> None:
    response = client.patch(address("kitchen"), json={"name": "küche", "unit": "°C"})
    assert response.status_code == 202
    assert response.get_json() == {
        "ok": True,
        "cursor": str(Journal(broker).end().cursor),
        "commands": [
            {"do": "unit", "series": "kitchen", "unit": "°C"},
            {"do": "rename", "series": "kitchen", "name": "küche"},
        ],
    }
    assert commands() == [SetUnit("kitchen", "°C"), Rename("kitchen", "küche")]


def test_settings_are_changed_together_before_a_rename(
    client: FlaskClient, commands: Commands
) -> None:
    document = {
        "name": "door",
        "unit": "V",
        "label": " Front door ",
        "kind": "state",
        "decimals": 0,
        "color": "#0B7285",
        "states": {"0": "closed", "1.0": "open"},
    }
    settings = {
        "label": "Front door",
        "kind": "state",
        "decimals": 0,
        "color": "#0b7285",
        "states": {"0": "closed", "1": "open"},
    }
    response = client.patch(address("kitchen"), json=document)
    assert response.status_code == 202
    assert response.get_json()["commands"] == [
        {"do": "unit", "series": "kitchen", "unit": "V"},
        {"do": "settings", "series": "kitchen", **settings},
        {"do": "rename", "series": "kitchen", "name": "door"},
    ]
    assert [type(command) for command in commands()] == [SetUnit, SetSettings, Rename]


@pytest.mark.parametrize("name", ["label", "kind", "decimals", "color", "states"])
@pytest.mark.parametrize("empty", [None, ""])
def test_empty_setting_is_removed(
    client: FlaskClient, commands: Commands, name: str, empty: str | None
) -> None:
    assert client.patch(address("kitchen"), json={name: empty}).status_code == 202
    (command,) = commands()
    assert command == SetSettings("kitchen", {name: None})  # type: ignore[misc]


@pytest.mark.parametrize("unit", [None, ""])
def test_empty_unit_is_removed(client: FlaskClient, commands: Commands, unit: str | None) -> None:
    assert client.patch(address("kitchen"), json={"unit": unit}).status_code == 202
    assert commands() == [SetUnit("kitchen", None)]


def test_range_is_erased(client: FlaskClient, commands: Commands) -> None:
    response = client.delete(f"{address('kitchen')}?from=1.5&to=1970-01-01T00:00:02Z")
    assert response.status_code == 202
    (command,) = response.get_json()["commands"]
    assert command == {"do": "erase", "series": "kitchen", "from": 1.5, "to": 2.0}
    assert commands() == [Erase("kitchen", 1_500_000, 2_000_000)]


@pytest.mark.parametrize(
    "query", ["from=1", "to=1", "form=1&to=2", "from=1&to=2&x=3", "from=1&from=2&to=3", "all"]
)
def test_misspelt_range_deletes_nothing(
    client: FlaskClient, commands: Commands, query: str
) -> None:
    assert client.delete(f"{address('kitchen')}?{query}").status_code == 400
    assert commands() == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"[]", "not an object"),
        (b"{}", "one or more of name, unit, label, kind, decimals, color, states must be given"),
        (b'{"nmae":"b"}', "must be given"),
        (b'{"unit":"V","x":1}', "nothing else"),
        (b'{"name":""}', "must not be empty"),
        (b'{"label":7}', "label must be a string"),
        (b'{"kind":"gauge"}', "kind must be one of measure, state, counter"),
        (b'{"decimals":1e999}', "decimals must be a whole number from 0 to 10"),
        (b'{"color":"red"}', "color must be # and six hexadecimal digits"),
        (b'{"unit":"V","states":{"open":"1"}}', "states must have numbers as values"),
        (b'{"name":7}', "must be a string"),
        (b'{"name":"a\\u0000"}', "control characters"),
        (b'{"unit":7}', "unit must be a string"),
        (b'{"unit":0}', "unit must be a string"),
        (b'{"name":"' + b"x" * 1_025 + b'"}', "1024 characters"),
    ],
)
def test_invalid_change_is_refused_with_reason(
    client: FlaskClient, commands: Commands, body: bytes, reason: str
) -> None:
    response = client.patch(address("kitchen"), data=body)
    assert response.status_code == 400
    assert reason in response.get_json()["error"]
    assert commands() == []


def test_oversized_body_is_refused(client: FlaskClient) -> None:
    body = b'{"name":"' + b"x" * 70_000 + b'"}'
    assert client.patch(address("kitchen"), data=body).status_code == 413


def test_range_that_ends_before_it_begins_is_refused(client: FlaskClient) -> None:
    response = client.delete(f"{address('kitchen')}?from=2&to=1")
    assert (response.status_code, response.get_json()["error"]) == (
        400,
        "from must not be after to",
    )


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_unknown_series_is_not_found(client: FlaskClient, commands: Commands, method: str) -> None:
    send: Any = getattr(client, method)
    response = send(address("nobody"), json={"unit": "V"})
    assert response.status_code == 404
    assert response.get_json() == {
        "ok": False,
        "error": "there is no series 'nobody'",
        "status": 404,
    }
    assert commands() == []


@pytest.mark.parametrize("name", ["a//b", "kitchen"])
def test_existing_name_is_refused(client: FlaskClient, commands: Commands, name: str) -> None:
    response = client.patch(address("kitchen"), json={"name": name, "unit": "V"})
    assert response.status_code == 409
    assert commands() == []


def test_redis_unavailable_is_503_with_retry_after(
    client: FlaskClient, server: fakeredis.FakeServer
) -> None:
    server.connected = False
    response = client.delete(address("kitchen"))
    assert response.status_code == 503
    assert response.headers["Retry-After"]


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_page_of_other_origin_is_refused(
    client: FlaskClient, commands: Commands, method: str
) -> None:
    send: Any = getattr(client, method)
    response = send(
        address("kitchen"), json={"unit": "V"}, headers={"Origin": "http://evil.example"}
    )
    assert response.status_code == 403
    assert commands() == []
