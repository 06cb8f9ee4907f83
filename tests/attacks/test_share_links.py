"""A share link is used for other series, for other times, and for writing; its secret is sought."""

import json
import time
from typing import Any

import pytest
import websocket

from services.share_command import RevokeShare
from tests.attacks.kitchen import (
    LINE_PATHS,
    LINK,
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
from tests.support.access import bearer, carry_out, new_share
from tests.support.live_clients import LiveClient
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.long]

# A token beside a link adds nothing to it.
BESIDE = pytest.mark.parametrize("who", ["", "all"], ids=["alone", "beside-a-token"])


@BESIDE
@pytest.mark.parametrize("link", [LINK, "hour", "range"])
def test_link_shows_no_other_series(kitchen_stack: Stack, link: str, who: str) -> None:
    for selection in SELECTIONS:
        for path in READS:
            answer = ask(kitchen_stack, "GET", f"{path}&{selection}", link=link, who=who)
            assert answer.status in {200, 400}, path
            assert_shows_no_other_series(answer, selection)


@BESIDE
def test_live_stream_of_a_link_has_no_other_series(kitchen_stack: Stack, who: str) -> None:
    query = f"?series=*&series={SECRET}"
    headers = bearer(who) if who else {}
    with LiveClient(kitchen_stack.port, query, path=f"/s/{LINK}/live", headers=headers) as viewer:
        frames = [viewer.next_frame("hello")]
        for name in (*OTHERS, OWN):
            write(kitchen_stack, name, {time.time(): 9})
        while frames[-1]["type"] != "readings":
            frames.append(viewer.next_frame())
    text = json.dumps(frames)
    assert OWN in text
    assert not any(name in text for name in OTHERS)


@pytest.mark.parametrize(
    ("link", "expected"), [(LINK, [1.0, 5.0, 7.0]), ("hour", [7.0]), ("range", [1.0])]
)
def test_link_shows_no_other_times(kitchen_stack: Stack, link: str, expected: list[float]) -> None:
    name, now = f"kitchen.{link[:5]}", time.time()
    times = (RANGE[0] / 1e6, now - 7_200, now)
    write(kitchen_stack, name, dict(zip(times, (1.0, 5.0, 7.0), strict=True)))

    def get(path: str) -> Any:
        answer = ask(kitchen_stack, "GET", path, link=link)
        assert answer.status == 200, answer.text
        return answer.document

    for query in ("from=0", "from=0&to=now", "from=0&before=true&points=10"):
        history = get(f"/api/history?series={name}&{query}")["series"][name]
        assert history["value"] == expected, query
        assert history.get("before") is None
    found = get(f"/api/statistics?from=0&series={name}")["series"][name]
    assert [found["first"]["value"], found["last"]["value"]] == [expected[0], expected[-1]]
    (listed,) = get(f"/api/series?series={name}")["series"]
    assert (listed["first"], listed["value"]) == (found["first"]["t"], expected[-1])
    with LiveClient(kitchen_stack.port, f"?series={name}", path=f"/s/{link}/live") as viewer:
        viewer.next_frame("hello")
        write(kitchen_stack, name, dict(zip(times, (2.0, 6.0, 8.0), strict=True)))
        ((_times, values),) = viewer.next_frame("readings")["series"].values()
    assert values == [value + 1 for value in expected]


@BESIDE
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/readings"),
        *(("POST", path) for path in LINE_PATHS),
        ("POST", "//write?db=x"),
        ("PATCH", f"/api/series?series={OWN}"),
        ("PATCH", f"/api/series/{OWN}"),
        ("DELETE", f"/api/series?series={OWN}"),
        ("GET", "/api/views"),
        ("PUT", "/api/views/home"),
        ("POST", "/api/shares"),
        ("GET", "/api/shares"),
        ("DELETE", "/api/shares/00000001"),
        ("GET", "/api/users"),
        ("POST", "/api/tokens"),
        ("PUT", "/api/me/password"),
        ("GET", "/account"),
        ("POST", "/logout"),
        ("GET", "/api/status"),
        ("GET", "/readyz"),
        ("GET", "/metrics"),
        ("GET", "/api/openapi.json"),
        ("GET", f"/s/{LINK}/"),
        ("GET", "/../api/users"),
        ("GET", "/..%2fapi/users"),
        ("GET", "/%2e%2e/api/users"),
    ],
)
def test_link_does_nothing_but_show(kitchen_stack: Stack, method: str, path: str, who: str) -> None:
    before = state(kitchen_stack)
    own_path = f"/api/history?from=0&to=now&series={OWN}"
    own = ask(kitchen_stack, "GET", own_path, who="all").document["series"]
    bodies = [b""]
    if method != "GET":
        # What each of them takes: JSON, line protocol, settings, a share.
        bodies = [
            b'{"series": "kitchen.new", "value": 66}',
            b"kitchen.new value=66",
            b'{"unit": "K", "title": "x", "panels": [], "series": ["secret"]}',
        ]
    for body in bodies:
        answer = ask(kitchen_stack, method, path, body or None, link=LINK, who=who)
        assert answer.status in {308, 403, 404}, answer.text
        if answer.status == 308:
            assert f"/s/{LINK}/" in answer.headers["Location"]
    assert state(kitchen_stack) == before
    assert ask(kitchen_stack, "GET", own_path, who="all").document["series"] == own


def test_token_does_not_open_an_unknown_link(kitchen_stack: Stack) -> None:
    assert ask(kitchen_stack, "GET", "/api/history", link="wrong", who="all").status == 401


def test_revoked_link_closes_its_open_socket_within_five_seconds(kitchen_stack: Stack) -> None:
    share = new_share("revoked", "kitchen.*")
    carry_out(kitchen_stack, share)
    with LiveClient(kitchen_stack.port, path="/s/revoked/live") as viewer:
        viewer.next_frame("hello")
        carry_out(kitchen_stack, RevokeShare(share.share))
        revoked_at = time.monotonic()
        wait_until(
            "the link has ended",
            lambda: ask(kitchen_stack, "GET", "/", link="revoked").status == 401,
        )
        assert viewer.read_close()[0] == 4401
        assert time.monotonic() - revoked_at < 5
    with pytest.raises(websocket.WebSocketBadStatusException, match="401"):
        LiveClient(kitchen_stack.port, path="/s/revoked/live")


def test_guessed_links_answer_alike(kitchen_stack: Stack) -> None:
    carry_out(kitchen_stack, new_share("over", "kitchen.*", expires_at=2))
    for path in ("/", "/api/series", "/api/nothing"):
        answers = [
            ask(kitchen_stack, "GET", path, link=link)
            for link in ("over", "unknown", LINK[:-1], "%00")
        ]
        assert {answer.status for answer in answers} == {401}
        assert len({answer.text for answer in answers}) == 1


def test_secret_of_a_link_is_in_no_log_and_no_record(kitchen_stack: Stack) -> None:
    for method, path, body in (
        ("GET", "/", None),
        ("GET", "/api/history?from=nonsense", None),
        ("POST", "/write?db=x&precision=nonsense", b"\xff"),
    ):
        ask(kitchen_stack, method, path, body, link=LINK)
    rows = kitchen_stack.rows("SELECT * FROM shares")
    assert rows
    assert LINK not in str(rows)
    journal = kitchen_stack.redis.client.xrange("readings:journal")
    assert LINK not in str(journal)
    logs = [path.read_text() for path in kitchen_stack.folder.rglob("*.log")]
    assert logs
    assert not any(LINK in log for log in logs)
