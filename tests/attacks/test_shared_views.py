"""A share link of a view is used for other series, other views and other times."""

import json
import time
from collections.abc import Iterator
from typing import Any, Final

import pytest

from services.command import DeleteView
from tests.attacks.kitchen import (
    LINE_PATHS,
    OTHERS,
    OWN,
    RANGE,
    READS,
    SECRET,
    SELECTIONS,
    ask,
    assert_shows_no_other_series,
    state,
    write,
)
from tests.support.access import carry_out, new_share
from tests.support.live_clients import LiveClient
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.long]

TAGGED: Final = "oven,room=kitchen"
FOREIGN: Final = ("oven,room=vault", "safe,room=kitchenette")
"""Series that differ from the shared one by one tag or by the measurement."""
PANELS: Final = [
    {"series": ["kitchen.*"]},
    {"tags": ["room=kitchen", "measurement=oven"]},
]
MORE_SELECTIONS: Final = (
    "tag.room=*",
    "tag.room=vault",
    "measurement=oven",
    "measurement=safe&series=*",
    "series=oven*",
    "field=value",
)
MAX_SECONDS: Final = 5


def put(stack: Stack, name: str, panels: list[dict[str, Any]]) -> None:
    """Save a view in place of the stored one."""
    path = f"/api/views/{name}"
    revision = ask(stack, "GET", path, who="all").document.get("revision")
    view = {"title": name, "panels": panels, "revision": revision}
    answer = ask(stack, "PUT", path, json.dumps(view).encode(), who="all")
    assert answer.status == 200, answer.text


@pytest.fixture(scope="module")
def vault(kitchen_stack: Stack) -> Iterator[Stack]:
    """The kitchen with tagged series, a shared view, and one of the secret that is not shared."""
    lines = "\n".join(f"{name} value=4 1763790004" for name in (TAGGED, *FOREIGN))
    path = "/api/v2/write?bucket=x&precision=s"
    assert ask(kitchen_stack, "POST", path, lines.encode(), who="all").status == 204
    put(kitchen_stack, "shared", PANELS)
    put(kitchen_stack, "hidden-view", [{"series": [SECRET]}])
    carry_out(
        kitchen_stack,
        new_share("view", view="shared"),
        new_share("view-range", view="shared", start=RANGE[0], end=RANGE[1]),
    )
    yield kitchen_stack
    carry_out(kitchen_stack, DeleteView("shared", None), DeleteView("hidden-view", None))


@pytest.mark.parametrize("link", ["view", "view-range"])
def test_link_of_a_view_shows_no_other_series(vault: Stack, link: str) -> None:
    for selection in (*SELECTIONS, *MORE_SELECTIONS):
        for path in (*READS, "/api/share?"):
            answer = ask(vault, "GET", f"{path}&{selection}", link=link)
            assert answer.status in {200, 400}, path
            assert_shows_no_other_series(answer, selection)
            assert not any(name in answer.text for name in (*FOREIGN, "hidden-view")), path
    names = {one["name"] for one in ask(vault, "GET", "/api/series", link=link).document["series"]}
    assert {OWN, TAGGED} <= names


def test_live_stream_of_a_view_has_no_other_series(vault: Stack) -> None:
    query = f"?series=*&series={SECRET}"
    with LiveClient(vault.port, query, path="/s/view/live") as viewer:
        frames = [viewer.next_frame("hello")]
        put(vault, "hidden-view", [{"series": ["cellar"]}])
        for name in (*OTHERS, OWN):
            write(vault, name, {time.time(): 9})
        lines = "\n".join(f"{name} value=5" for name in (*FOREIGN, TAGGED))
        assert ask(vault, "POST", "/write?db=x", lines.encode(), who="all").status == 204
        while TAGGED not in json.dumps(frames):
            frames.append(viewer.next_frame())
    text = json.dumps(frames)
    assert not any(name in text for name in (*OTHERS, *FOREIGN, "hidden-view"))


def test_link_of_a_view_shows_no_other_times(vault: Stack) -> None:
    name, now = "kitchen.times", time.time()
    write(vault, name, {RANGE[0] / 1e6: 1.0, now - 7_200: 5.0, now: 7.0})
    for query in ("from=0", "from=0&to=now", "from=0&before=true&points=10"):
        path = f"/api/history?series={name}&{query}"
        history = ask(vault, "GET", path, link="view-range").document["series"][name]
        assert history["value"] == [1.0], query
        assert history.get("before") is None
    for path in ("/api/statistics?from=-3h", "/api/increase?from=-3h"):
        found = ask(vault, "GET", f"{path}&series={name}", link="view-range")
        assert found.status == 200
        (one,) = found.document["series"].values()
        assert one.get("count", 0) == 0
        assert one.get("total") is None


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/views"),
        ("GET", "/api/views/shared"),
        ("GET", "/api/views/hidden-view"),
        ("GET", "/v/shared"),
        ("GET", "/v/hidden-view"),
        ("GET", "/api/share/hidden-view"),
        ("GET", "/api/share/../views/hidden-view"),
        ("GET", "/api/share%2f..%2fviews"),
        ("PUT", "/api/views/shared"),
        ("DELETE", "/api/views/shared"),
        ("POST", "/api/share"),
        ("PUT", "/api/share"),
        ("POST", "/api/shares"),
        ("GET", "/api/shares"),
        *(("POST", path) for path in LINE_PATHS),
    ],
)
def test_link_of_a_view_reaches_no_view_and_changes_none(
    vault: Stack, method: str, path: str
) -> None:
    before = state(vault)
    body = None if method == "GET" else b'{"panels": [], "view": "hidden-view"}'
    answer = ask(vault, method, path, body, link="view")
    assert answer.status in {403, 404, 405}, answer.text
    assert SECRET not in answer.text
    assert state(vault) == before


def test_names_of_other_views_select_nothing(vault: Stack) -> None:
    for query in ("view=hidden-view", "name=hidden-view", "series=hidden-view"):
        answer = ask(vault, "GET", f"/api/share?{query}", link="view")
        assert answer.document["view"]["title"] == "shared"
        assert "hidden-view" not in answer.text


def test_series_that_leaves_the_view_leaves_the_link(vault: Stack) -> None:
    put(vault, "shrinking", [{"series": ["kitchen.*", "cellar"]}])
    carry_out(vault, new_share("shrinking", view="shrinking"))
    assert ask(vault, "GET", "/api/series?series=cellar", link="shrinking").document["series"]
    with LiveClient(vault.port, path="/s/shrinking/live") as viewer:
        viewer.next_frame("hello")
        put(vault, "shrinking", [{"series": ["kitchen.*"]}])
        changed_at = time.monotonic()
        wait_until(
            "the link shows no cellar",
            lambda: (
                not ask(vault, "GET", "/api/series?series=cellar", link="shrinking").document[
                    "series"
                ]
            ),
        )
        assert viewer.read_close()[0] == 1013
        assert time.monotonic() - changed_at < MAX_SECONDS
    with LiveClient(vault.port, path="/s/shrinking/live") as viewer:
        frames = [viewer.next_frame("hello")]
        for name in ("cellar", OWN):
            write(vault, name, {time.time(): 9})
        while frames[-1]["type"] != "readings":
            frames.append(viewer.next_frame())
    assert "cellar" not in json.dumps(frames)


def test_deleted_view_closes_its_open_sockets_within_five_seconds(vault: Stack) -> None:
    put(vault, "ending", [{"series": ["kitchen.*"]}])
    carry_out(vault, new_share("ending", view="ending"))
    with LiveClient(vault.port, path="/s/ending/live") as viewer:
        viewer.next_frame("hello")
        carry_out(vault, DeleteView("ending", None))
        deleted_at = time.monotonic()
        assert viewer.read_close()[0] == 4401
        assert time.monotonic() - deleted_at < MAX_SECONDS
    assert ask(vault, "GET", "/api/series", link="ending").status == 401
    # Another view of the name is not what was shared.
    put(vault, "ending", [{"series": [SECRET]}])
    assert ask(vault, "GET", "/api/series", link="ending").status == 401
