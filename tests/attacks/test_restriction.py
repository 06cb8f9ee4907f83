"""A token for some series is used for others: it reads, writes and changes none of them."""

import gzip
import http.client
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any, Final
from urllib.parse import quote

import pytest

from services.access import Role, hash_secret
from services.access_command import AddShare
from tests.support.access import bearer, carry_out, new_token
from tests.support.live_clients import EventStream, LiveClient
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS

pytestmark = [pytest.mark.redis, pytest.mark.long]

OWN: Final = "kitchen.heat"
SECRET: Final = "secret"  # noqa: S105 (the name of a series)
LINE_PATHS: Final = (
    "/write?db=x",
    "/prefix/write?db=x",
    "/api/v2/write?bucket=x",
    "/api/v3/write_lp?db=x",
)
ROLES: Final[tuple[Role, ...]] = ("view", "write", "admin")

RANGE: Final = (1_763_790_001_000_000, 1_763_790_001_500_000)
SHARES: Final = (
    AddShare("00000001", hash_secret("open"), "", ("kitchen.*",), 1),
    AddShare("00000002", hash_secret("hour"), "", ("kitchen.*",), 1, window_seconds=3_600.0),
    AddShare("00000003", hash_secret("range"), "", ("kitchen.*",), 1, start=RANGE[0], end=RANGE[1]),
)


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
        carry_out(stack, *tokens, new_token("admin", "all"), *SHARES)
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
        connection.request(method, path, body, {**(bearer(who) if who else {}), **(headers or {})})
        response = connection.getresponse()
        return response.status, response.read().decode()


def share(
    stack: Stack, secret: str, method: str, path: str, body: bytes | None = None
) -> tuple[int, str]:
    """Send a request below a share link. Return the status and the text of the answer."""
    return ask(stack, method, f"/s/{secret}{path}", body, who="")


def write(stack: Stack, name: str, values: Mapping[float, float]) -> None:
    """Write readings of a series, by their time, with the token for all series."""
    body = [{"series": name, "value": value, "ts": ts} for ts, value in values.items()]
    assert ask(stack, "POST", "/api/readings", json.dumps(body).encode(), who="all")[0] == 200


def state(stack: Stack) -> str:
    """Return the names of all series, and all that is known of those of others."""
    answers = [
        ask(stack, "GET", f"{path}&series={SECRET}&series=cellar", who="all")
        for path in ("/api/history?from=0&to=now", "/api/series?")
    ]
    history, listing = (json.loads(text) for _, text in answers)
    everything = json.loads(ask(stack, "GET", "/api/series", who="all")[1])
    names = [item["name"] for item in everything["series"]]
    return json.dumps([history["series"], listing["series"], names])


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


def test_every_refusal_of_a_series_reads_the_same(stack: Stack) -> None:
    texts = {
        ask(stack, "DELETE", f"/api/series?series={name}")[1].replace(name, "NAME")
        for name in (SECRET, "cellar", "absent", "kitchen.absent")
    }
    assert len(texts) == 1


@pytest.mark.parametrize("secret", ["open", "hour", "range"])
def test_share_link_shows_no_other_series(stack: Stack, secret: str) -> None:
    for selection in SELECTIONS:
        asked_for = selection.replace("&", "=").split("=")
        for path in (
            "/api/history?from=0&before=true",
            "/api/statistics?from=0",
            "/api/series?",
            "/get_data?",
            "/?",
        ):
            status, text = share(stack, secret, "GET", f"{path}&{selection}")
            assert status in {200, 400}, path
            for name in (SECRET, "cellar"):
                assert json.dumps(name) not in text or name in asked_for, path


@pytest.mark.parametrize(
    ("secret", "expected"), [("open", [1.0, 5.0, 7.0]), ("hour", [7.0]), ("range", [1.0])]
)
def test_share_link_shows_no_other_times(stack: Stack, secret: str, expected: list[float]) -> None:
    name, now = f"kitchen.{secret}", time.time()
    times = (RANGE[0] / 1e6, now - 7_200, now)
    write(stack, name, dict(zip(times, (1.0, 5.0, 7.0), strict=True)))

    def get(path: str) -> Any:
        status, text = share(stack, secret, "GET", path)
        assert status == 200, text
        return json.loads(text)

    for query in ("from=0", "from=0&to=now", "from=0&before=true&points=10"):
        history = get(f"/api/history?series={name}&{query}")["series"][name]
        assert history["value"] == expected, query
        assert history.get("before") is None
    found = get(f"/api/statistics?from=0&series={name}")["series"][name]
    assert [found["first"]["value"], found["last"]["value"]] == [expected[0], expected[-1]]
    (listed,) = get(f"/api/series?series={name}")["series"]
    assert (listed["first"], listed["value"]) == (found["first"]["t"], expected[-1])
    with LiveClient(stack.port, f"?series={name}", path=f"/s/{secret}/live") as viewer:
        viewer.next_frame("hello")
        write(stack, name, dict(zip(times, (2.0, 6.0, 8.0), strict=True)))
        ((_times, values),) = viewer.next_frame("readings")["series"].values()
    assert values == [value + 1 for value in expected]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/readings", {"series": OWN, "value": 66}),
        ("POST", "/write?db=x", None),
        ("POST", "/api/v2/write?bucket=x", None),
        ("POST", "/api/v3/write_lp?db=x", None),
        ("POST", "/prefix/write?db=x", None),
        ("PATCH", f"/api/series?series={OWN}", {"unit": "K"}),
        ("DELETE", f"/api/series?series={OWN}", None),
        ("POST", "/api/shares", {"title": "", "series": [SECRET]}),
        ("GET", "/api/shares", None),
        ("DELETE", "/api/shares/00000001", None),
        ("POST", "/api/tokens", {"name": "mine", "scope": "admin"}),
        ("GET", "/api/views", None),
        ("PUT", "/api/views/mine", {"title": "x"}),
        ("GET", "/api/status", None),
        ("GET", "/readyz", None),
        ("GET", "/metrics", None),
        ("GET", "/account", None),
    ],
)
def test_share_link_does_nothing_else(stack: Stack, method: str, path: str, body: object) -> None:
    data = b"kitchen.heat value=66" if body is None and method == "POST" else None
    status, text = share(
        stack, "open", method, path, data if body is None else json.dumps(body).encode()
    )
    assert status in {403, 404}, text
    _, text = ask(stack, "GET", f"/api/history?series={OWN}&from=0", who="all")
    history = json.loads(text)["series"][OWN]
    assert 66 not in history["value"]
    assert history["unit"] is None


def test_token_beside_a_share_link_adds_nothing(stack: Stack) -> None:
    path = f"/s/open/api/history?from=0&series={SECRET}"
    status, text = ask(stack, "GET", path, who="all")
    assert (status, json.loads(text)["series"]) == (200, {})
    assert ask(stack, "GET", "/s/wrong/api/history", who="all")[0] == 401
