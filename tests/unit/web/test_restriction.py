"""Restrictions over HTTP: a token or a share link reads and corrects only what it is for."""

import json
from collections.abc import Callable
from typing import Any, Final

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from services.access_command import RecordTokenUse
from services.broker import Broker, Journal
from services.clock import now_microseconds
from services.command import Command, Rename, SetUnit
from services.formats.commands import decode_command
from services.pattern import SeriesFilter
from services.position import JOURNAL_START
from services.reading import MICROSECONDS, Reading
from services.settings import Settings
from services.web.access.policy import (
    OPEN_ENDPOINTS,
    RESTRICTED_ENDPOINTS,
    ROLES_BY_ENDPOINT,
    SHARE_ENDPOINTS,
)
from tests.support.access import AccessRecorder
from tests.support.databases import migrated_engine
from tests.support.restricted_clients import token_client
from tests.unit.web.conftest import Record

KITCHEN: Final = "kitchen.temperature"
CELLAR: Final = "cellar.temperature"
NAMES: Final = (KITCHEN, "kitchen.door", CELLAR, "secret")
READS: Final = ("/api/history", "/api/series", "/api/statistics", "/api/increase?per=month")

MakeClient = Callable[..., FlaskClient]


@pytest.fixture
def now(record: Record) -> int:
    """Record a reading a minute of each series, the last one now. Return its time."""
    now = now_microseconds()
    record(
        [
            Reading(name, now - minute * 60 * MICROSECONDS, 100.0 * number + minute)
            for number, name in enumerate(NAMES)
            for minute in range(9, -1, -1)
        ]
    )
    return now


@pytest.fixture
def with_token(app: Flask, access: AccessRecorder, now: int) -> MakeClient:  # noqa: ARG001
    """Return a function that makes a client with a token for some series."""
    return lambda *series, role="view": token_client(app, access, *series, role=role)


def get(client: FlaskClient, path: str, **query: Any) -> Any:
    response = client.get(path, query_string=query or None)
    assert response.status_code == 200, response.text
    return response.get_json()


def names_in(document: Any) -> set[str]:
    """Return the series of an answer."""
    series = document["series"]
    return set(series) if isinstance(series, dict) else {item["name"] for item in series}


@pytest.mark.parametrize("path", READS)
def test_answer_has_only_the_series_of_the_token(with_token: MakeClient, path: str) -> None:
    assert names_in(get(with_token("kitchen.*"), path)) == {KITCHEN, "kitchen.door"}
    assert names_in(get(with_token(KITCHEN), path)) == {KITCHEN}
    assert names_in(get(with_token("absent"), path)) == set()
    assert names_in(get(with_token(), path)) == set(NAMES)


@pytest.mark.parametrize("path", READS)
def test_patterns_and_tags_select_among_allowed_series(with_token: MakeClient, path: str) -> None:
    client = with_token("kitchen.*")
    for selection, expected in (
        ({"series": "*.temperature"}, {KITCHEN}),
        ({"series": "*"}, {KITCHEN, "kitchen.door"}),
        ({"series": [CELLAR, KITCHEN]}, {KITCHEN}),
        ({"series": ["c*", "secret"]}, set()),
        ({"series": ""}, set()),
        ({"measurement": ""}, {KITCHEN, "kitchen.door"}),
        ({"tag.room": "attic"}, set()),
    ):
        path, _, query = path.partition("?")
        per = dict([query.split("=")]) if query else {}
        assert names_in(get(client, path, **per, **selection)) == expected


@pytest.mark.parametrize("path", READS)
def test_forbidden_series_looks_unknown(with_token: MakeClient, path: str) -> None:
    client = with_token("kitchen.*")
    forbidden = client.get(f"{path.partition('?')[0]}?from=5&to=9000&per=month&series=secret")
    unknown = client.get(f"{path.partition('?')[0]}?from=5&to=9000&per=month&series=absent")
    assert forbidden.status_code == unknown.status_code == 200
    assert forbidden.data == unknown.data
    assert forbidden.headers.get("ETag") == unknown.headers.get("ETag")


def test_newest_reading_is_of_an_allowed_series(
    with_token: MakeClient, record: Record, now: int
) -> None:
    client = with_token(CELLAR)
    record([Reading("secret", now + 1, -7.0)])
    assert get(client, "/get_data")["value"] == 200.0
    assert get(with_token("absent"), "/get_data") == {"value": None, "timestamp": None}
    assert get(with_token(), "/get_data")["value"] == -7.0


def test_lists_of_two_principals_are_not_shared(with_token: MakeClient) -> None:
    kitchen, everything = with_token("kitchen.*"), with_token()
    for _ in range(2):
        assert len(get(everything, "/api/series")["series"]) == 4
        assert len(get(kitchen, "/api/series")["series"]) == 2


def test_status_tells_nothing_about_other_series(with_token: MakeClient) -> None:
    document = get(with_token("kitchen.*"), "/api/status")
    assert (document["storage"], document["gaps"], document["refused"]) == (None, None, None)
    assert set(document["writer"]) <= {"ok", "behind_seconds"}
    readyz = with_token(KITCHEN).get("/readyz")
    assert readyz.get_json()["storage"] is None
    assert get(with_token(), "/api/status")["storage"] is not None


def test_gaps_have_no_count_for_some_series(
    with_token: MakeClient, settings: Settings, now: int
) -> None:
    engine = migrated_engine(settings)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO gaps (from_ts, to_ts, count, reason, noted_at) VALUES (?, ?, 7, 'x', ?)",
            (now - 5, now, now),
        )
    engine.dispose()
    assert get(with_token(), "/api/history")["gaps"][0]["count"] == 7
    assert get(with_token("kitchen.*"), "/api/history")["gaps"][0]["count"] is None


class TestCorrections:
    """A token for corrections of some series."""

    @pytest.fixture
    def commands(self, broker: Broker) -> Callable[[], list[Command]]:
        """Return a function that reads the commands in the journal, except those about tokens."""
        journal = Journal(broker)

        def read() -> list[Command]:
            entries = journal.read(JOURNAL_START, 9).entries
            commands = [decode_command(entry.text) for entry in entries]
            return [command for command in commands if not isinstance(command, RecordTokenUse)]

        return read

    def test_allowed_series_is_corrected(
        self, with_token: MakeClient, commands: Callable[[], list[Command]]
    ) -> None:
        client = with_token("kitchen.*", role="admin")
        assert client.patch(f"/api/series/{KITCHEN}", json={"unit": "K"}).status_code == 202
        change = {"name": "kitchen.heat"}
        assert client.patch(f"/api/series/{KITCHEN}", json=change).status_code == 202
        assert commands() == [SetUnit(KITCHEN, "K"), Rename(KITCHEN, "kitchen.heat")]

    @pytest.mark.parametrize("query", ["", "&from=-1h&to=now"])
    def test_forbidden_series_looks_unknown(
        self, with_token: MakeClient, commands: Callable[[], list[Command]], query: str
    ) -> None:
        client = with_token("kitchen.*", role="admin")
        names = (CELLAR, "absent.temperature", "kitchen.absent")
        paths = [f"/api/series?series={name}" for name in names]
        answers = [client.delete(f"{path}{query}") for path in paths]
        answers += [client.patch(path, json={"unit": "K"}) for path in paths]
        assert [answer.status_code for answer in answers] == [404] * 6
        texts = {answer.get_json()["error"].partition("'")[0] for answer in answers}
        assert len(texts) == 1
        assert commands() == []

    @pytest.mark.parametrize("name", ["secret", "absent"])
    def test_series_is_not_renamed_to_a_forbidden_name(
        self, with_token: MakeClient, commands: Callable[[], list[Command]], name: str
    ) -> None:
        client = with_token("kitchen.*", role="admin")
        response = client.patch(f"/api/series/{KITCHEN}", json={"name": name})
        assert response.status_code == 403
        assert commands() == []


class TestPolicy:
    """Endpoints restrict themselves, or refuse restricted principals."""

    def test_list_has_known_endpoints_only(self) -> None:
        assert set(ROLES_BY_ENDPOINT) >= RESTRICTED_ENDPOINTS
        assert not OPEN_ENDPOINTS & RESTRICTED_ENDPOINTS
        assert SHARE_ENDPOINTS <= OPEN_ENDPOINTS | RESTRICTED_ENDPOINTS

    def test_other_endpoints_refuse(self, app: Flask, with_token: MakeClient) -> None:
        client, everything = with_token("kitchen.*", role="admin"), with_token(role="admin")
        refused = set()
        for rule in app.url_map.iter_rules():
            if rule.endpoint in OPEN_ENDPOINTS | RESTRICTED_ENDPOINTS:
                continue
            values = dict.fromkeys(rule.arguments, "x")
            path = app.url_map.bind("localhost").build(rule.endpoint, values)
            method = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})[0]
            response = client.open(path, method=method)
            assert response.status_code == 403, rule.endpoint
            assert "access to all series" in response.text
            assert "access to all series" not in everything.open(path, method=method).text
            refused.add(rule.endpoint)
        assert refused >= {"views.list_views", "views.view", "views.save", "view_page"}

    def test_unknown_path_is_404(self, with_token: MakeClient) -> None:
        assert with_token("kitchen.*").get("/api/nothing").status_code == 404


@pytest.mark.long
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    allowed=st.sampled_from(["kitchen.*", "*.temperature", "secret", "c*r.*", "x"]),
    selected=st.lists(st.sampled_from([*NAMES, "*", "*.*", "s*", ""]), max_size=3),
    path=st.sampled_from([*READS, "/get_data", "/api/status", "/readyz", "/", "/api/", "/query"]),
    query=st.sampled_from(
        ["", "from=-3d", "from=-3d&to=now", "before=true", "points=1", "measurement="]
    ),
)
def test_no_answer_names_a_series_outside(
    with_token: MakeClient, allowed: str, selected: list[str], path: str, query: str
) -> None:
    client = with_token(allowed)
    asked = "&".join([query, *(f"series={name}" for name in selected)])
    response = client.get(f"{path}{'&' if '?' in path else '?'}{asked}")
    assert response.status_code in {200, 503} or path == "/query", response.text
    for name in NAMES:
        assert json.dumps(name) not in response.text or name in SeriesFilter([allowed])
