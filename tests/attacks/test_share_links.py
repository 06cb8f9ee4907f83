"""A share link is used for other series, for other times, and for writing; its secret is sought."""

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Final

import pytest
import websocket

from services.access_command import RevokeShare
from tests.support.access import bearer, carry_out, new_share, new_token
from tests.support.live_clients import LiveClient
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS, wait_until

pytestmark = [pytest.mark.redis, pytest.mark.long]

OWN: Final = "kitchen.heat"
SECRET: Final = "secret"  # noqa: S105 (the name of a series)
LINK: Final = "l1nk-of-the-kitchen-0123456789abcdefghijklmn"
NOW: Final = int(time.time())


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running system with a token, and a share link to the kitchen."""
    folder = tmp_path_factory.mktemp("share-links")
    with RedisServer.in_folder(folder / "redis") as server, Stack(folder, server) as stack:
        stack.start("writer")
        stack.start("web")
        stack.wait_for_channel_bridge()
        readings = [
            {"series": name, "value": age, "ts": NOW - age}
            for name in (OWN, SECRET)
            for age in (7_000, 20)
        ]
        assert stack.write(json.dumps(readings).encode())[0] == 200
        hour, start = new_share("hour", "kitchen.*", window_seconds=3_600.0), (NOW - 7_100) * 10**6
        past = new_share("past", "kitchen.*", start=start, end=start + 10**9)
        carry_out(stack, new_token("admin", "all"), new_share(LINK, "kitchen.*"), hour, past)
        yield stack


def ask(
    stack: Stack, method: str, path: str, body: bytes | None = None, *, link: str = LINK
) -> tuple[int, str]:
    """Send a request below a share link. Return the status, and the headers with the text."""
    connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=TIMEOUT_SECONDS)
    with closing(connection):
        connection.request(method, f"/s/{link}{path}", body, bearer("all"))
        response = connection.getresponse()
        return response.status, f"{response.headers}\n{response.read().decode()}"


@pytest.mark.parametrize(
    "path",
    [
        "/api/series",
        f"/api/series?series={SECRET}",
        "/api/series?series=*",
        "/api/history?from=0&to=now",
        f"/api/history?from=0&to=now&series={SECRET}&series=*",
        f"/api/statistics?from=0&to=now&series={SECRET}",
        f"/api/increase?from=-3h&to=now&per=hour&zone=UTC&series={SECRET}",
        "/get_data",
        "/",
        "/api/me",
    ],
)
def test_link_shows_no_other_series(stack: Stack, path: str) -> None:
    status, text = ask(stack, "GET", path)
    assert status in {200, 404}
    answer = text.replace(f"series={SECRET}", "").replace(repr(SECRET), "")
    assert f'"{SECRET}"' not in answer


def test_live_stream_of_a_link_has_no_other_series(stack: Stack) -> None:
    with LiveClient(stack.port, f"?series=*&series={SECRET}", path=f"/s/{LINK}/live") as viewer:
        frames = [viewer.next_frame("hello")]
        body = json.dumps([{"series": name, "value": 9} for name in (SECRET, OWN)]).encode()
        assert stack.request("POST", "/api/readings", body, bearer("all"))[0] == 200
        while frames[-1]["type"] != "readings":
            frames.append(viewer.next_frame())
    assert OWN in json.dumps(frames)
    assert SECRET not in json.dumps(frames)


def test_link_shows_nothing_outside_of_its_time(stack: Stack) -> None:
    for link, ages in (("hour", {20}), ("past", {7_000})):
        _, text = ask(stack, "GET", f"/api/history?from=0&to=now&series={OWN}", link=link)
        history = json.loads(text.partition("\n\n")[2] or text[text.index("{") :])
        times = {round(NOW - t) for t in history["series"][OWN]["t"]}
        assert {age for age in times if age > 0} == ages


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/readings"),
        ("POST", "/write?db=x"),
        ("POST", "/api/v2/write?bucket=x"),
        ("POST", "/api/v3/write_lp?db=x"),
        ("POST", "/prefix/write?db=x"),
        ("POST", "//write?db=x"),
        ("PATCH", f"/api/series/{OWN}"),
        ("DELETE", f"/api/series?series={OWN}"),
        ("PUT", "/api/views/home"),
        ("GET", "/api/views"),
        ("POST", "/api/shares"),
        ("GET", "/api/shares"),
        ("GET", "/api/users"),
        ("POST", "/api/tokens"),
        ("PUT", "/api/me/password"),
        ("GET", "/account"),
        ("POST", "/logout"),
        ("GET", "/api/status"),
        ("GET", "/api/openapi.json"),
        ("GET", f"/s/{LINK}/"),
        ("GET", "/../api/users"),
        ("GET", "/..%2fapi/users"),
        ("GET", "/%2e%2e/api/users"),
    ],
)
def test_link_does_nothing_but_show(stack: Stack, method: str, path: str) -> None:
    before = stack.request("GET", "/api/series", headers=bearer("all"))[1]
    status, text = ask(stack, method, path, b'{"series": "kitchen.new", "value": 1}')
    assert status in {308, 403, 404}, text
    if status == 308:
        assert f"/s/{LINK}/" in text
    names = {one["name"] for one in before["series"]}
    after = stack.request("GET", "/api/series", headers=bearer("all"))[1]["series"]
    assert {one["name"] for one in after} == names


def test_revoked_link_closes_its_open_socket_within_five_seconds(stack: Stack) -> None:
    share = new_share("revoked", "kitchen.*")
    carry_out(stack, share)
    with LiveClient(stack.port, path="/s/revoked/live") as viewer:
        viewer.next_frame("hello")
        carry_out(stack, RevokeShare(share.share))
        revoked_at = time.monotonic()
        wait_until("the link has ended", lambda: ask(stack, "GET", "/", link="revoked")[0] == 401)
        assert viewer.read_close()[0] == 4401
        assert time.monotonic() - revoked_at < 5
    with pytest.raises(websocket.WebSocketBadStatusException, match="401"):
        LiveClient(stack.port, path="/s/revoked/live")


def test_guessed_links_answer_alike(stack: Stack) -> None:
    carry_out(stack, new_share("over", "kitchen.*", expires_at=2))
    for path in ("/", "/api/series", "/api/nothing"):
        links = ("over", "unknown", LINK[:-1], "%00")
        answers = {link: ask(stack, "GET", path, link=link) for link in links}
        assert {status for status, _ in answers.values()} == {401}
        texts = {text[text.rindex("\n") :] for _, text in answers.values()}
        assert len(texts) == 1


def test_secret_of_a_link_is_in_no_log_and_no_record(stack: Stack) -> None:
    ask(stack, "GET", "/")
    ask(stack, "GET", "/api/history?from=nonsense")
    ask(stack, "POST", "/write?db=x&precision=nonsense", b"\xff")
    rows = stack.rows("SELECT * FROM shares")
    assert rows
    assert LINK not in str(rows)
    journal = stack.redis.client.xrange("readings:journal")
    assert LINK not in str(journal)
    logs = [path.read_text() for path in stack.folder.rglob("*.log")]
    assert logs
    assert not any(LINK in log for log in logs)
