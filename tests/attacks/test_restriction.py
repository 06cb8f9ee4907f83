"""A token for some series is used for others: it reads, writes and changes none of them."""

import gzip
import json
from urllib.parse import quote

import pytest

from tests.attacks.kitchen import (
    LINE_PATHS,
    OTHERS,
    OWN,
    READS,
    SECRET,
    SELECTIONS,
    ask,
    assert_shows_no_other_series,
    state,
)
from tests.support.access import bearer
from tests.support.live_clients import EventStream, LiveClient
from tests.support.stack import Stack

pytestmark = [pytest.mark.redis, pytest.mark.long]

GZIP = {"Content-Encoding": "gzip"}


@pytest.mark.parametrize("selection", SELECTIONS)
def test_no_selection_reads_another_series(kitchen_stack: Stack, selection: str) -> None:
    for path in (*READS, "/api/status?", "/readyz?", "/query?q=SHOW%20DATABASES&"):
        answer = ask(kitchen_stack, "GET", f"{path}&{selection}", who="kitchen-view")
        assert answer.status in {200, 400}, path
        assert_shows_no_other_series(answer, selection)


def test_tag_of_a_past_range_does_not_confirm_its_readings(kitchen_stack: Stack) -> None:
    path = f"/api/history?from=0&to=1763790100&series={SECRET}"
    tag = ask(kitchen_stack, "GET", path, who="all").headers["ETag"]
    again = {"If-None-Match": tag}
    assert ask(kitchen_stack, "GET", path, who="all", headers=again).status == 304
    answer = ask(kitchen_stack, "GET", path, who="kitchen-view", headers=again)
    assert answer.status == 200
    assert answer.document["series"] == {}


@pytest.mark.parametrize("query", ["?", "?series=*", f"?series={SECRET}&series=k*"])
def test_live_stream_has_no_other_series(kitchen_stack: Stack, query: str) -> None:
    headers = bearer("kitchen-view")
    start = ask(kitchen_stack, "GET", "/api/history", who="all").document["cursor"]
    with (
        LiveClient(kitchen_stack.port, query, headers=headers) as viewer,
        EventStream(kitchen_stack.port, query, **headers) as events,
    ):
        frames = [viewer.next_frame("hello"), events.next_frame("hello")]
        body = json.dumps([{"series": name, "value": 9} for name in (*OTHERS, OWN)]).encode()
        assert ask(kitchen_stack, "POST", "/api/readings", body, who="all").status == 200
        for name in ("cellar", OWN):
            path = f"/api/series?series={name}"
            change = b'{"label": "changed"}'
            assert ask(kitchen_stack, "PATCH", path, change, who="all").status == 202
        with LiveClient(kitchen_stack.port, f"{query}&cursor={start}", headers=headers) as late:
            for client, last in ((viewer, "settings"), (events, "settings"), (late, "recovered")):
                frames.append(client.next_frame())
                while frames[-1]["type"] != last:
                    frames.append(client.next_frame())
    assert {frame["type"] for frame in frames} >= {"hello", "readings", "settings", "recovered"}
    text = json.dumps(frames)
    assert OWN in text
    assert not any(name in text for name in OTHERS)


def test_cursor_of_the_journals_start_replays_nothing_of_other_series(kitchen_stack: Stack) -> None:
    history = ask(kitchen_stack, "GET", "/api/history", who="all").document
    epoch = history["cursor"].partition(":")[0]
    query = f"?series={SECRET}&series=*&cursor={epoch}:0-0"
    with LiveClient(kitchen_stack.port, query, headers=bearer("kitchen-view")) as viewer:
        frames = [viewer.next_frame()]
        while frames[-1]["type"] not in {"recovered", "reset"}:
            frames.append(viewer.next_frame())
    text = json.dumps(frames)
    assert not any(name in text for name in OTHERS)


@pytest.mark.parametrize("name", [SECRET, "Kitchen.heat", "kitchen", " kitchen.heat", "kitchen,x"])
def test_no_write_reaches_another_series(kitchen_stack: Stack, name: str) -> None:
    before = state(kitchen_stack)
    reading = {"series": name, "value": 66, "ts": 1_763_790_003}
    for document in (reading, [reading], {"readings": [reading]}):
        text = json.dumps(document).encode()
        for body, headers in ((text, {}), (gzip.compress(text), GZIP)):
            answer = ask(
                kitchen_stack, "POST", "/api/readings", body, who="kitchen-write", headers=headers
            )
            assert answer.status == 403
    key = name.replace(" ", "\\ ")
    lines = f"{key} value=66 1763790003000000000\n{key} value=66,other=66 1763790003000000000"
    for path in LINE_PATHS:
        for body, headers in ((lines.encode(), {}), (gzip.compress(lines.encode()), GZIP)):
            answer = ask(kitchen_stack, "POST", path, body, who="kitchen-write", headers=headers)
            assert answer.status == 400, path
    assert state(kitchen_stack) == before


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", f"/api/series?series={SECRET}", None),
        ("DELETE", f"/api/series/{SECRET}", None),
        ("DELETE", f"/api/series/{quote('kitchen.x/../secret', safe='')}", None),
        ("DELETE", f"/api/series/{OWN}?series={SECRET}", None),
        ("DELETE", f"/api/series?series={OWN}&series={SECRET}", None),
        ("DELETE", f"/api/series?series={SECRET}&from=0&to=now", None),
        ("DELETE", "/api/series?series=*", None),
        ("DELETE", "/api/series", None),
        ("PATCH", f"/api/series?series={SECRET}", {"unit": "K"}),
        ("PATCH", f"/api/series?series={SECRET}", {"name": "kitchen.mine"}),
        ("PATCH", f"/api/series?series={OWN}", {"name": SECRET}),
        ("PATCH", f"/api/series?series={OWN}", {"name": "new", "unit": "K"}),
        ("POST", "/api/tokens", {"name": "mine", "scope": "admin"}),
        ("DELETE", "/api/tokens/all", None),
        ("POST", "/api/users", {"name": "me", "role": "admin", "password": "correct horse"}),
        ("PUT", "/api/views/mine", {"title": "x", "panels": [{"series": [SECRET]}]}),
        ("GET", "/api/views", None),
        ("GET", "/v/mine", None),
        ("GET", "/account", None),
    ],
)
def test_nothing_else_is_changed_or_shown(
    kitchen_stack: Stack, method: str, path: str, body: object
) -> None:
    before = state(kitchen_stack)
    data = None if body is None else json.dumps(body).encode()
    answer = ask(kitchen_stack, method, path, data, who="kitchen-admin")
    assert answer.status in {400, 403, 404}, answer.text
    assert state(kitchen_stack) == before


def test_every_refusal_of_a_series_reads_the_same(kitchen_stack: Stack) -> None:
    names = (SECRET, "cellar", "absent", "kitchen.absent")
    paths = {name: f"/api/series?series={name}" for name in names}
    texts = {
        ask(kitchen_stack, "DELETE", path, who="kitchen-admin").text.replace(name, "NAME")
        for name, path in paths.items()
    }
    assert len(texts) == 1
