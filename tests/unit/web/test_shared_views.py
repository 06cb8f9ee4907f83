"""Share links that show a view: its document and its series as they are now, and nothing else."""

import json
import re
from collections.abc import Callable
from typing import Any, Final

import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.broker import Message
from services.clock import now_microseconds
from services.command import Command, DeleteView, PutView
from services.formats.shared_views import MAX_SHARED_COMPARISONS
from services.point import SeriesPoint
from services.reading import Reading
from services.settings import Settings
from services.web.services import web_services
from tests.support.access import bearer, new_share, new_token
from tests.support.databases import migrated_engine
from tests.support.recordings import Recording

RACK: Final = "cpu,host=rack-1"
POINTS: Final = {
    RACK: SeriesPoint("cpu", "value", {"host": "rack-1"}),
    "cpu,host=attic": SeriesPoint("cpu", "value", {"host": "attic"}),
}
NAMES: Final = ("kitchen.heat", "kitchen.door", "cellar", "secret", *POINTS)
VIEW: Final[dict[str, Any]] = {
    "title": "Home",
    "window": "24h",
    "columns": 2,
    "panels": [
        {"id": "p1", "title": "Heat", "series": ["*.heat", "cellar"], "limits": ["18..24"]},
        {"id": "p2", "tags": ["host=rack-*", "measurement=cpu"]},
    ],
}
READS: Final = ("/api/history?from=-1h", "/api/series?", "/api/statistics?", "/api/increase?")

Send = Callable[..., None]


@pytest.fixture
def send(writer: Recording, app: Flask) -> Send:
    """Return a function that carries out commands, of which the server knows at once."""

    def carry_out(*commands: Command) -> None:
        writer.journal.send_commands(list(commands))
        writer.write()
        # The relay of a server tells it of a command; here is none.
        web_services(app).directory.read_now()

    return carry_out


def home(revision: int, **changes: Any) -> PutView:
    """Return the command that saves the view `home` in place of a revision."""
    return PutView("home", revision, json.dumps(VIEW | changes))


@pytest.fixture
def shared(writer: Recording, client: FlaskClient, send: Send) -> FlaskClient:
    """A server with readings of each series, whose view `home` is shared by the link `home`."""
    now = now_microseconds()
    writer.journal.publish(Message.of([Reading(name, now, 1.0) for name in NAMES], POINTS))
    send(new_token("admin"), new_token("view", "some", ("cellar",)))
    send(home(0), new_share("home", view="home"))
    return client


def names_in(client: FlaskClient, path: str) -> set[str]:
    response = client.get(path)
    assert response.status_code == 200, response.text
    series = response.get_json()["series"]
    return set(series) if isinstance(series, dict) else {item["name"] for item in series}


@pytest.mark.parametrize("path", READS)
def test_link_reads_the_series_of_the_panels(shared: FlaskClient, path: str) -> None:
    own = {"kitchen.heat", "cellar", RACK}
    for query, expected in (
        ("", own),
        ("series=*", own),
        ("series=secret&series=cellar", {"cellar"}),
        ("series=cpu*", {RACK}),
        ("tag.host=attic", set()),
        ("tag.host=", {"kitchen.heat", "cellar"}),
    ):
        assert names_in(shared, f"/s/home{path}&{query}") == expected


def test_page_and_api_tell_the_view(shared: FlaskClient) -> None:
    page = shared.get("/s/home/").text
    assert "<title>Home</title>" in page
    content = shared.get("/s/home/api/share").get_json()
    view = content.pop("view")
    assert content == {"title": "Home", "window": None, "from": None, "to": None, "expires": None}
    assert (view["title"], view["revision"], view["window"], view["columns"]) == (
        *("Home", 1, "24h", 2),
    )
    assert [panel["id"] for panel in view["panels"]] == ["p1", "p2"]
    assert view["panels"][0]["limits"] == ["18..24"]
    assert "secret" not in json.dumps(view) + page


def test_link_has_no_way_to_views(shared: FlaskClient) -> None:
    for method, path in (
        ("GET", "/api/views"),
        ("GET", "/api/views/home"),
        ("PUT", "/api/views/home"),
        ("DELETE", "/api/views/home"),
        ("GET", "/v/home"),
    ):
        response = shared.open(f"/s/home{path}", method=method, json=VIEW)
        assert response.status_code == 403, path


def test_link_follows_the_view(shared: FlaskClient, send: Send) -> None:
    send(home(1, title="House", panels=[{"series": ["kitchen.*"]}]))
    assert names_in(shared, "/s/home/api/series") == {"kitchen.heat", "kitchen.door"}
    content = shared.get("/s/home/api/share").get_json()
    assert content["title"] == "House"
    assert content["view"]["revision"] == 2
    send(home(2, panels=[]))
    for path in READS:
        assert names_in(shared, f"/s/home{path}") == set()
    assert shared.get("/s/home/get_data").get_json()["value"] is None


def test_deleted_view_ends_the_link_for_ever(shared: FlaskClient, send: Send) -> None:
    send(DeleteView("home", None))
    for _ in range(2):
        page = shared.get("/s/home/", headers={"Accept": "text/html"})
        assert page.status_code == 401
        assert "This link has ended" in page.text
        assert shared.get("/s/home/api/share").status_code == 401
        # Another view of the name is not what was shared.
        send(home(2))


def test_view_that_another_program_has_damaged_ends_its_link_only(
    shared: FlaskClient, send: Send, settings: Settings, app: Flask
) -> None:
    send(new_share("cellar", "cellar"))
    engine = migrated_engine(settings)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE views SET document = '{'")
    engine.dispose()
    web_services(app).directory.read_now()
    assert shared.get("/s/home/api/series").status_code == 401
    assert names_in(shared, "/s/cellar/api/series") == {"cellar"}


def test_title_of_the_link_comes_first(shared: FlaskClient, send: Send) -> None:
    send(new_share("ours", title="Ours", view="home"), home(1, title=""))
    assert shared.get("/s/ours/api/share").get_json()["title"] == "Ours"
    # A view without a title has its name.
    assert shared.get("/s/home/api/share").get_json()["title"] == "home"


def test_times_limit_the_view(shared: FlaskClient, send: Send) -> None:
    past = new_share("past", view="home", start=1_000_000, end=2_000_000)
    send(past)
    history = shared.get("/s/past/api/history?from=0").get_json()
    assert {len(one["t"]) for one in history["series"].values()} == {0}
    assert shared.get("/s/past/api/share").get_json()["to"] == 2


def test_only_a_link_has_a_content(shared: FlaskClient, send: Send) -> None:
    for headers in (bearer("admin"), bearer("some")):
        assert shared.get("/api/share", headers=headers).status_code == 404
    assert shared.get("/api/share").status_code == 401
    send(new_share("cellar", "cellar", title="Cellar"))
    content = shared.get("/s/cellar/api/share").get_json()
    assert (content["title"], content["view"]) == ("Cellar", None)


@pytest.mark.parametrize(
    ("view", "error"),
    [("absent", "there is no view 'absent'"), ("large", "100 patterns and tags, not 101")],
)
def test_view_that_can_not_be_shared_is_refused(
    shared: FlaskClient, send: Send, view: str, error: str
) -> None:
    patterns = [f"{n}*" for n in range(MAX_SHARED_COMPARISONS + 1)]
    panels = [{"series": patterns[:60]}, {"series": patterns[60:]}]
    send(PutView("large", 0, json.dumps({"panels": panels})))
    response = shared.post("/api/shares", json={"view": view}, headers=bearer("admin"))
    assert response.status_code == 409
    assert error in response.get_json()["error"]


def test_view_is_shared_over_http(shared: FlaskClient) -> None:
    made = shared.post("/api/shares", json={"view": "home"}, headers=bearer("admin")).get_json()
    path = re.sub("^http://localhost", "", made["link"])
    assert names_in(shared, f"{path}api/series") == {"kitchen.heat", "cellar", RACK}
    listed = shared.get("/api/shares", headers=bearer("admin")).get_json()["shares"]
    assert {(share["view"], tuple(share["series"])) for share in listed} == {("home", ())}
    assert (
        shared.post("/api/shares", json={"view": "home"}, headers=bearer("some")).status_code == 403
    )


def test_me_names_the_series_of_the_panels(shared: FlaskClient) -> None:
    me = shared.get("/s/home/api/me").get_json()
    assert me["series"] == ["*.heat", "cellar"]


def test_reading_without_point_is_not_of_a_tagged_panel(
    shared: FlaskClient, writer: Recording
) -> None:
    writer.journal.publish(Message.of([Reading("cpu,host=rack-9", now_microseconds(), 1.0)]))
    writer.write()
    assert "cpu,host=rack-9" not in names_in(shared, "/s/home/api/series")
