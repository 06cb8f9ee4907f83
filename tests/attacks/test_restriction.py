"""A token for some series is used for others: it reads, writes and changes none of them."""

import gzip
import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Final
from urllib.parse import quote

import pytest

from services.access import Role
from tests.support.access import bearer, carry_out, new_token
from tests.support.live_clients import EventStream, LiveClient
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS

pytestmark = pytest.mark.redis

OWN: Final = "kitchen.heat"
SECRET: Final = "secret"  # noqa: S105 (the name of a series)
LINE_PATHS: Final = (
    "/write?db=x",
    "/prefix/write?db=x",
    "/api/v2/write?bucket=x",
    "/api/v3/write_lp?db=x",
)
ROLES: Final[tuple[Role, ...]] = ("view", "write", "admin")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running system with a token for all series, and one of each role for the kitchen."""
    folder = tmp_path_factory.mktemp("restriction")
    with RedisServer.in_folder(folder / "redis") as server, Stack(folder, server) as stack:
        stack.start("writer")
        stack.start("web")
        stack.wait_for_channel_bridge()
        readings = [
            {"series": name, "value": value, "ts": 1_763_790_000 + value}
            for name, value in ((OWN, 1), ("cellar", 2), (SECRET, 3))
        ]
        assert stack.write(json.dumps(readings).encode())[0] == 200
        tokens = [new_token(role, f"kitchen-{role}", ("kitchen.*",)) for role in ROLES]
        carry_out(stack, *tokens, new_token("admin", "all"))
        yield stack


def ask(
    stack: Stack,
    method: str,
    path: str,
    body: bytes | None = None,
    *,
    who: str = "kitchen-admin",
    headers: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    """Send a request. Return the status and the text of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=TIMEOUT_SECONDS)
    with closing(connection):
        connection.request(method, path, body, {**bearer(who), **(headers or {})})
        response = connection.getresponse()
        return response.status, response.read().decode()


def state(stack: Stack) -> str:
    """Return all readings and settings of the series that are not the attacker's."""
    answers = [
        ask(stack, "GET", f"{path}&series={SECRET}&series=cellar", who="all")
        for path in ("/api/history?from=0&to=now", "/api/series?")
    ]
    history, listing = (json.loads(text) for _, text in answers)
    return json.dumps([history["series"], listing["series"]])


SELECTIONS: Final = (
    "",
    f"series={SECRET}",
    f"series={OWN}&series={SECRET}",
    "series=*",
    "series=*ecre*",
    "series=[s]ecret",
    "series=s?cret",
    "series=%25",
    "series=SECRET",
    "series=%73ecret",
    "series=kitchen.*%00secret",
    "series=%27%20OR%201=1--",
    "measurement=",
    "tag.host=",
    f"measurement={SECRET}",
    "field=*",
)


@pytest.mark.parametrize("selection", SELECTIONS)
def test_no_selection_reads_another_series(stack: Stack, selection: str) -> None:
    asked_for = selection.replace("&", "=").split("=")
    for path in (
        "/api/history?from=0&before=true",
        "/api/history?from=0&points=1&to=now",
        "/api/statistics?from=0",
        "/api/increase?from=0&per=month",
        "/api/series?",
        "/get_data?",
        "/api/status?",
        "/readyz?",
        "/query?q=SHOW%20DATABASES&",
    ):
        status, text = ask(stack, "GET", f"{path}&{selection}", who="kitchen-view")
        assert status in {200, 400}, path
        for name in (SECRET, "cellar"):
            assert json.dumps(name) not in text or name in asked_for, path
        assert "1763790003" not in text
        assert "1763790002" not in text


def test_tag_of_a_past_range_does_not_confirm_its_readings(stack: Stack) -> None:
    path = f"/api/history?from=0&to=1763790100&series={SECRET}"
    connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=TIMEOUT_SECONDS)
    with closing(connection):
        connection.request("GET", path, headers=bearer("all"))
        response = connection.getresponse()
        response.read()
        tag = response.headers["ETag"]
    status, text = ask(stack, "GET", path, who="kitchen-view", headers={"If-None-Match": tag})
    assert status == 200
    assert json.loads(text)["series"] == {}


@pytest.mark.parametrize("query", ["?", "?series=*", f"?series={SECRET}&series=k*"])
def test_live_stream_has_no_other_series(stack: Stack, query: str) -> None:
    headers = bearer("kitchen-view")
    start = json.loads(ask(stack, "GET", "/api/history", who="all")[1])["cursor"]
    with (
        LiveClient(stack.port, query, headers=headers) as viewer,
        EventStream(stack.port, query, **headers) as events,
    ):
        frames = [viewer.next_frame("hello"), events.next_frame("hello")]
        body = json.dumps([{"series": name, "value": 9} for name in (SECRET, "cellar", OWN)])
        assert ask(stack, "POST", "/api/readings", body.encode(), who="all")[0] == 200
        for name in ("cellar", OWN):
            change = b'{"label": "changed"}'
            assert ask(stack, "PATCH", f"/api/series?series={name}", change, who="all")[0] == 202
        with LiveClient(stack.port, f"{query}&cursor={start}", headers=headers) as late:
            for client, last in ((viewer, "settings"), (events, "settings"), (late, "recovered")):
                frames.append(client.next_frame())
                while frames[-1]["type"] != last:
                    frames.append(client.next_frame())
    assert {frame["type"] for frame in frames} >= {"hello", "readings", "settings", "recovered"}
    assert OWN in json.dumps(frames)
    assert SECRET not in json.dumps(frames)
    assert "cellar" not in json.dumps(frames)


def test_cursor_of_the_journals_start_replays_nothing_of_other_series(stack: Stack) -> None:
    epoch = json.loads(ask(stack, "GET", "/api/history", who="all")[1])["cursor"].partition(":")[0]
    query = f"?series={SECRET}&series=*&cursor={epoch}:0-0"
    with LiveClient(stack.port, query, headers=bearer("kitchen-view")) as viewer:
        frames = [viewer.next_frame()]
        while frames[-1]["type"] not in {"recovered", "reset"}:
            frames.append(viewer.next_frame())
    assert SECRET not in json.dumps(frames)
    assert "cellar" not in json.dumps(frames)


@pytest.mark.parametrize("name", [SECRET, "Kitchen.heat", "kitchen", " kitchen.heat", "kitchen,x"])
def test_no_write_reaches_another_series(stack: Stack, name: str) -> None:
    before = state(stack)
    reading = {"series": name, "value": 66, "ts": 1_763_790_003}
    for body in (reading, [reading], {"readings": [reading]}):
        text = json.dumps(body).encode()
        assert ask(stack, "POST", "/api/readings", text, who="kitchen-write")[0] == 403
    text = gzip.compress(json.dumps(reading).encode())
    packed = {"Content-Encoding": "gzip"}
    answer = ask(stack, "POST", "/api/readings", text, who="kitchen-write", headers=packed)
    assert answer[0] == 403
    key = name.replace(" ", "\\ ")
    lines = f"{key} value=66 1763790003000000000\n{key} value=66,other=66 1763790003000000000"
    for path in LINE_PATHS:
        for data, headers in ((lines.encode(), {}), (gzip.compress(lines.encode()), packed)):
            status, _ = ask(stack, "POST", path, data, who="kitchen-write", headers=headers)
            assert status == 400, path
    assert state(stack) == before
    _, listing = ask(stack, "GET", "/api/series", who="all")
    assert {item["name"] for item in json.loads(listing)["series"]} == {OWN, "cellar", SECRET}


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
    stack: Stack, method: str, path: str, body: object
) -> None:
    before = state(stack)
    data = None if body is None else json.dumps(body).encode()
    status, text = ask(stack, method, path, data)
    assert status in {400, 403, 404}, text
    assert state(stack) == before
    assert ask(stack, "GET", "/api/series", who="all")[1].count('"name"') == 3


def test_every_refusal_of_a_series_reads_the_same(stack: Stack) -> None:
    texts = {
        ask(stack, "DELETE", f"/api/series?series={name}")[1].replace(name, "NAME")
        for name in (SECRET, "cellar", "absent", "kitchen.absent")
    }
    assert len(texts) == 1
