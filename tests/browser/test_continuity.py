"""A page that is left open shows what the database has, whatever happened meanwhile."""

import csv
import random
from collections.abc import Iterator
from datetime import datetime

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Visit
from tests.support.redis_proxy import RedisProxy
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.redis,
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.timeout(240),
]

_ROUNDS = 20
_RESTARTS = (6, 13)
_HIDDEN = 10


@pytest.fixture
def wire(stack: Stack) -> Iterator[RedisProxy]:
    """What stands between the browser and the web service, and can be cut."""
    made = RedisProxy(stack.port).start()
    yield made
    made.close()


def minimise(page: Page, state: str) -> None:
    """Hide the browser's window, as a person does, or show it again."""
    tools = page.context.new_cdp_session(page)
    window = tools.send("Browser.getWindowForTarget")["windowId"]
    tools.send("Browser.setWindowBounds", {"windowId": window, "bounds": {"windowState": state}})


def shown(page: Page) -> list[tuple[float, float]]:
    """Time and value of each reading that the page shows, as it saves them."""
    page.get_by_role("button", name="More").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as CSV").click()
    with download.value.path().open(newline="", encoding="utf-8") as file:
        return [
            (round(datetime.fromisoformat(row["time"]).timestamp(), 6), float(row["value"]))
            for row in csv.DictReader(file)
        ]


def test_after_disconnects_restarts_and_a_hidden_tab_every_reading_is_there_once(
    browser: Browser, stack: Stack, wire: RedisProxy
) -> None:
    random.seed(6)
    stack.start("writer")
    producer = stack.start("producer", STRIPCHART_PRODUCER_RATE="20")
    web = stack.start("web")
    stack.port = wire.port  # for the browser, and for us
    visit = Visit(browser, stack, accept_downloads=True)
    page = visit.open("?window=5m")
    visit.wait_for_points(10)
    for turn in range(_ROUNDS):
        page.wait_for_timeout(random.uniform(100, 1_500))
        if turn in _RESTARTS:
            web.kill()
            page.wait_for_timeout(500)
            web.start()
        if turn == _HIDDEN:
            minimise(page, "minimized")
            page.wait_for_timeout(3_000)
        wire.cut()
        if turn == _HIDDEN:
            page.wait_for_timeout(2_000)
            minimise(page, "normal")
    visit.wait_for_state("live")
    producer.terminate()
    published = int(stack.redis.client.hget("readings:state", "r"))
    wait_until("all is stored", lambda: len(stack.stored("demo.random")) == published)
    visit.wait_for_points(published)
    history = stack.get("/api/history?series=demo.random&points=10000")["series"]["demo.random"]
    stored = zip(history["t"], history["value"], strict=True)
    assert shown(page) == [(round(ts, 6), value) for ts, value in stored]
    # The browser logs each handshake and each answer that was cut.
    cut = ("/live?", "/api/stream", "net::ERR_")
    visit.complaints = [text for text in visit.complaints if not any(one in text for one in cut)]
    visit.close()
