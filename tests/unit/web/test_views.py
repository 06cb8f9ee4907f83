"""Views over HTTP: what is refused at once, and the page of a view."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.broker import Broker, Journal
from services.position import JOURNAL_START
from services.settings import Settings
from services.web.app import create_app
from tests.support.recordings import Recording
from tests.support.views import HOME

NAVIGATION = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
HTML = {"Accept": "text/html"}


@pytest.fixture
def entry_count(broker: Broker) -> Callable[[], int]:
    """Return a function that counts the entries of the journal."""
    journal = Journal(broker)
    return lambda: len(journal.read(JOURNAL_START, 100).entries)


@pytest.mark.usefixtures("writer")
def test_view_is_saved_read_and_deleted(client: FlaskClient) -> None:
    saved = client.put("/api/views/home", json=HOME)
    assert (saved.status_code, saved.get_json()) == (
        200,
        {"ok": True, "name": "home", "revision": 1},
    )
    document = client.get("/api/views/home").get_json()
    assert (document["title"], document["revision"]) == ("Home", 1)
    again = client.put("/api/views/home", json=document | {"title": "House"})
    assert again.get_json()["revision"] == 2
    assert client.get("/api/views").get_json() == {
        "views": [{"name": "home", "title": "House", "revision": 2, "panels": 2}]
    }
    assert client.delete("/api/views/home?revision=1").status_code == 409
    assert client.delete("/api/views/home?revision=2").status_code == 200
    assert client.get("/api/views/home").status_code == 404
    assert client.delete("/api/views/home").status_code == 404
    assert client.put("/api/views/home", json=HOME).get_json()["revision"] == 4


@pytest.mark.usefixtures("writer")
def test_stale_save_names_the_current_revision(client: FlaskClient) -> None:
    client.put("/api/views/home", json=HOME)
    client.put("/api/views/home", json=HOME | {"revision": 1})
    for revision in (None, 0, 1, 3):
        response = client.put("/api/views/home", json=HOME | {"revision": revision})
        assert response.status_code == 409
        assert response.get_json()["revision"] == 2
    unknown = client.put("/api/views/other", json=HOME | {"revision": 2})
    assert unknown.status_code == 409
    assert unknown.get_json()["revision"] is None


@pytest.mark.usefixtures("writer")
@pytest.mark.parametrize("revision", [None, 0])
def test_save_without_revision_makes_a_new_view(client: FlaskClient, revision: int | None) -> None:
    saved = client.put("/api/views/home", json=HOME | {"revision": revision})
    assert (saved.status_code, saved.get_json()["revision"]) == (200, 1)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b'{"revision":-1}', "revision: "),
        (b'{"name":"home"}', "unknown field `name`"),
        (b'{"panels":[{"series":["a"],"type":"pie"}]}', "panels[0].type: "),
    ],
)
def test_invalid_view_is_refused_with_place(
    client: FlaskClient, entry_count: Callable[[], int], body: bytes, reason: str
) -> None:
    response = client.put("/api/views/home", data=body)
    assert response.status_code == 400
    assert reason in response.get_json()["error"]
    assert entry_count() == 0


def test_oversized_view_is_refused(client: FlaskClient) -> None:
    assert client.put("/api/views/home", data=b" " * 65_537).status_code == 413


@pytest.mark.parametrize("name", ["a b", "a.b", "x" * 65, "%00"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_invalid_name_is_refused(client: FlaskClient, method: str, name: str) -> None:
    response = client.open(f"/api/views/{name}", method=method, json=HOME)
    assert response.status_code == 400
    assert "the name of a view" in response.get_json()["error"]


@pytest.mark.usefixtures("writer")
@pytest.mark.parametrize("query", ["revison=1", "revision=x", "revision=0"])
def test_misspelt_parameter_deletes_nothing(client: FlaskClient, query: str) -> None:
    client.put("/api/views/home", json=HOME)
    assert client.delete(f"/api/views/home?{query}").status_code == 400
    assert client.get("/api/views/home").status_code == 200


@pytest.mark.usefixtures("writer")
def test_name_may_have_letters_of_any_language(client: FlaskClient) -> None:
    assert client.put("/api/views/Küche", json=HOME).get_json()["name"] == "Küche"
    assert client.get("/api/views/Ku\u0308che").status_code == 200


def test_silent_writer_is_reported(client: FlaskClient, entry_count: Callable[[], int]) -> None:
    response = client.put("/api/views/home", json=HOME)
    assert response.status_code == 503
    assert response.headers["Retry-After"].isdigit()
    document = response.get_json()
    assert "the writer does not answer" in document["error"]
    assert "taken" not in document
    assert entry_count() == 1


def root_of(page: Any) -> str:
    found = re.search(r'data-root="(.*?)"', page.text)
    assert found
    return found[1]


@pytest.mark.usefixtures("writer")
def test_view_has_a_page_below_the_root(client: FlaskClient) -> None:
    client.put("/api/views/home", json=HOME)
    page = client.get("/v/home", headers=HTML)
    assert page.status_code == 200
    assert root_of(page) == "../"
    assert 'src="../static/dist/app.js' in page.text
    assert client.get("/v/home", headers=NAVIGATION).status_code == 200
    assert client.get("/v/home", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


@pytest.mark.usefixtures("writer")
def test_page_of_view_has_the_base_path(settings: Settings, broker: Broker) -> None:
    client = create_app(replace(settings, base_path="/charts"), broker).test_client()
    client.put("/charts/api/views/home", json=HOME)
    assert root_of(client.get("/charts/v/home", headers=HTML)) == "/charts/"
    assert 'href="/charts/"' in client.get("/charts/v/other", headers=HTML).text


@pytest.mark.usefixtures("writer")
@pytest.mark.parametrize("name", ["other", "a b", "<b>", "x" * 65])
def test_page_of_unknown_view_names_the_way_home(client: FlaskClient, name: str) -> None:
    client.put("/api/views/home", json=HOME)
    page = client.get(f"/v/{name}", headers=HTML)
    assert page.status_code == 404
    assert page.mimetype == "text/html"
    assert "There is no view" in page.text
    assert 'href="../"' in page.text
    assert "<b>" not in page.text


def test_page_is_served_while_the_database_is_unavailable(
    client: FlaskClient, writer: Recording
) -> None:
    client.put("/api/views/home", json=HOME)
    writer.close()
    writer.path.write_bytes(b"this is not a database" * 100)
    assert client.get("/v/home", headers=HTML).status_code == 200
