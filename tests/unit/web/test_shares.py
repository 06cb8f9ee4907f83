"""Share links over HTTP: who makes, sees and revokes them, and what the link is."""

from dataclasses import replace
from typing import Any

import fakeredis
import pytest
from flask.testing import FlaskClient

from services.broker import Broker
from services.broker.commit_requests import CommitWaiter
from services.settings import Settings
from services.web.app import create_app
from tests.support.access import bearer, new_token
from tests.support.recordings import Recording

SHARE = {"title": "Greenhouse", "series": ["greenhouse.*", "door"], "expires": "1h"}

Headers = dict[str, str]


@pytest.fixture
def writer(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> Recording:
    """A writer that writes whenever somebody asks for a commit."""
    recording = Recording(broker)
    monkeypatch.setattr(CommitWaiter, "wait", lambda _waiter: recording.write())
    return recording


@pytest.fixture
def guarded(writer: Recording, client: FlaskClient) -> FlaskClient:
    """A client of an application with tokens for each role, one more, and one for some series."""
    some = ("greenhouse.*", "door")
    writer.journal.send_commands([new_token("view"), new_token("write"), new_token("admin")])
    writer.journal.send_commands([new_token("write", "other"), new_token("write", "some", some)])
    writer.write()
    return client


def add(client: FlaskClient, headers: Headers, **fields: Any) -> Any:
    return client.post("/api/shares", json=SHARE | fields, headers=headers)


def listed(client: FlaskClient, headers: Headers) -> list[dict[str, Any]]:
    shares: list[dict[str, Any]] = client.get("/api/shares", headers=headers).get_json()["shares"]
    return shares


def test_link_is_made_used_and_revoked(guarded: FlaskClient) -> None:
    made = add(guarded, bearer("write"))
    assert made.status_code == 201
    document = made.get_json()
    assert document.keys() == {"ok", "id", "link", "qr"}
    assert document["link"].startswith("http://localhost/s/")
    assert document["link"].endswith("/")
    path = document["link"].removeprefix("http://localhost")
    assert guarded.get(path).status_code == 200
    (share,) = listed(guarded, bearer("write"))
    assert share["id"] == document["id"]
    assert (share["title"], share["series"]) == (SHARE["title"], SHARE["series"])
    assert share["expires"] == pytest.approx(share["created"] + 3_600)
    assert (share["window"], share["from"], share["to"]) == (None, None, None)
    revoked = guarded.delete(f"/api/shares/{document['id']}", headers=bearer("write"))
    assert revoked.get_json() == {"ok": True, "id": document["id"]}
    assert listed(guarded, bearer("write")) == []
    again = guarded.delete(f"/api/shares/{document['id']}", headers=bearer("write"))
    assert again.status_code == 404


def test_own_links_are_listed_and_revoked_and_an_admin_has_all(guarded: FlaskClient) -> None:
    own = add(guarded, bearer("write")).get_json()["id"]
    other = add(guarded, bearer("other")).get_json()["id"]
    assert [share["id"] for share in listed(guarded, bearer("write"))] == [own]
    assert [share["id"] for share in listed(guarded, bearer("other"))] == [other]
    assert {share["id"] for share in listed(guarded, bearer("admin"))} == {own, other}
    assert guarded.delete(f"/api/shares/{other}", headers=bearer("write")).status_code == 404
    assert guarded.delete(f"/api/shares/{other}", headers=bearer("admin")).status_code == 200
    assert [share["id"] for share in listed(guarded, bearer("admin"))] == [own]


def test_view_may_not_share(guarded: FlaskClient) -> None:
    id_ = add(guarded, bearer("write")).get_json()["id"]
    for headers, status in ((bearer("view"), 403), ({}, 401)):
        assert add(guarded, headers).status_code == status
        assert guarded.get("/api/shares", headers=headers).status_code == status
        assert guarded.delete(f"/api/shares/{id_}", headers=headers).status_code == status
    assert len(listed(guarded, bearer("admin"))) == 1


def test_token_for_some_series_may_not_share(guarded: FlaskClient) -> None:
    assert add(guarded, bearer("some"), series=["door"]).status_code == 403
    assert guarded.get("/api/shares", headers=bearer("some")).status_code == 403
    assert listed(guarded, bearer("admin")) == []


@pytest.mark.usefixtures("writer")
def test_open_server_makes_links_too(client: FlaskClient) -> None:
    assert add(client, {}).status_code == 201
    assert len(listed(client, {})) == 1


@pytest.mark.usefixtures("writer")
def test_window_and_range_are_kept(client: FlaskClient) -> None:
    assert add(client, {}, window="24h", expires="never").status_code == 201
    times = {"from": 1_700_000_000.5, "to": "2023-11-15T00:00:00Z"}
    assert add(client, {}, **times).status_code == 201
    window, fixed = listed(client, {})
    assert (window["window"], window["expires"]) == (86_400, None)
    assert (fixed["from"], fixed["to"]) == (1_700_000_000.5, 1_700_006_400)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "truncated"),
        (b"[]", "Expected `object`"),
        (b"{}", "series: give a name, or a pattern with *"),
        (b'{"series":["a"],"view":"home"}', "give a view or series, not both"),
        (b'{"view":"a b"}', "the name of a view may only have letters"),
        (b'{"series":[]}', "series"),
        (b'{"series":[""]}', "series"),
        (b'{"series":["a\\u0000"]}', "series"),
        (b'{"series":["a"],"title":"\\u0007"}', "title"),
        (b'{"series":["a"],"expires":"soon"}', "'soon' is not a duration"),
        (b'{"series":["a"],"expires":"999999999w"}', "between 1970 and 2242"),
        (b'{"series":["a"],"window":"0s"}', "the window must be longer than 0 s"),
        (b'{"series":["a"],"from":1}', "a range needs both"),
        (b'{"series":["a"],"from":2,"to":1}', "from must be before to"),
        (b'{"series":["a"],"from":1,"to":1e300}', "between 1970 and 2242"),
        (b'{"series":["a"],"from":-1,"to":1}', "between 1970 and 2242"),
        (b'{"series":["a"],"from":1,"to":2,"window":"1h"}', "not both"),
        (b'{"series":["a"],"role":"admin"}', "unknown field `role`"),
    ],
)
def test_share_that_can_not_be_made_is_refused(
    client: FlaskClient, body: bytes, reason: str
) -> None:
    response = client.post("/api/shares", data=body)
    assert response.status_code == 400
    assert reason in response.get_json()["error"]


@pytest.mark.parametrize("share_id", ["x", "0a1b2c3d", "../users", "%00"])
@pytest.mark.usefixtures("writer")
def test_unknown_id_is_refused(client: FlaskClient, share_id: str) -> None:
    assert client.delete(f"/api/shares/{share_id}").status_code in {404, 405}


@pytest.mark.usefixtures("writer")
@pytest.mark.parametrize(
    ("changes", "headers", "start"),
    [
        ({"public_url": "https://charts.example/home"}, {}, "https://charts.example/home/s/"),
        ({"base_path": "/charts"}, {}, "http://localhost/charts/s/"),
        ({}, {"Origin": "https://localhost"}, "https://localhost/s/"),
        ({"base_path": "/charts"}, {"Host": "[::1]:5000"}, "http://[::1]:5000/charts/s/"),
    ],
)
def test_link_begins_with_the_address_that_people_open(
    settings: Settings,
    server: fakeredis.FakeServer,
    changes: dict[str, Any],
    headers: Headers,
    start: str,
) -> None:
    changed = replace(settings, **changes)
    client = create_app(changed, Broker(fakeredis.FakeRedis(server=server), changed)).test_client()
    assert add(client, headers).get_json()["link"].startswith(start)


@pytest.mark.usefixtures("writer")
def test_qr_code_has_the_link(client: FlaskClient) -> None:
    code = add(client, {}).get_json()["qr"]
    size, path = code["size"], code["path"]
    assert size >= 33
    modules = [[0] * size for _ in range(size)]
    for line in path.split("M")[1:]:
        x, rest = line.split(" ")
        y, length = rest.split(".5h")
        for i in range(int(length)):
            modules[int(y)][int(x) + i] += 1
    assert {module for row in modules for module in row} == {0, 1}
    # The finder patterns in three of the corners.
    finder = [1] * 7
    assert modules[0][:7] == modules[0][-7:] == modules[-1][:7] == finder
    assert modules[0][7] == modules[7][0] == 0


@pytest.mark.usefixtures("writer")
def test_foreign_page_makes_no_link(client: FlaskClient) -> None:
    for headers in (
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        assert add(client, headers).status_code == 403
    assert listed(client, {}) == []
