"""A page that stays open through disconnects shows exactly the readings of the database."""

import csv
import random
from collections.abc import Iterator
from datetime import datetime

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import new_visit
from tests.support.processes import ManagedProcess
from tests.support.redis_proxy import RedisProxy
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.redis,
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.timeout(240),
]

_DISCONNECTS = 20
_RESTARTS = (6, 13)
"""Disconnects at which the web service is restarted as well."""
_HIDDEN = 10
"""The disconnect at which the window is minimised."""
# Chromium logs each handshake and each response that the proxy cuts.
_CUT_ERRORS = ("/live?", "/api/stream", "net::ERR_")


@pytest.fixture
def proxy(stack: Stack) -> Iterator[RedisProxy]:
    """Return a proxy between the browser and the web service that can cut connections."""
    with RedisProxy(stack.port) as tcp_proxy:
        yield tcp_proxy


def set_window_state(page: Page, state: str) -> None:
    """Set the state of the browser's window: `minimized` or `normal`."""
    session = page.context.new_cdp_session(page)
    window = session.send("Browser.getWindowForTarget")["windowId"]
    session.send("Browser.setWindowBounds", {"windowId": window, "bounds": {"windowState": state}})


def shown_readings(page: Page) -> list[tuple[float, float]]:
    """Return time and value of each visible reading, from the page's CSV export."""
    page.get_by_role("button", name="More", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as CSV", exact=True).click()
    with download.value.path().open(newline="", encoding="utf-8") as file:
        return [
            (round(datetime.fromisoformat(row["time"]).timestamp(), 6), float(row["value"]))
            for row in csv.DictReader(file)
        ]


def disconnect_often(page: Page, proxy: RedisProxy, web: ManagedProcess) -> None:
    """Cut the page's connections at random times, also while it is hidden or the server is down."""
    for disconnect in range(_DISCONNECTS):
        page.wait_for_timeout(random.uniform(100, 1_500))
        if disconnect in _RESTARTS:
            web.kill()
            page.wait_for_timeout(500)
            web.start()
        if disconnect == _HIDDEN:
            set_window_state(page, "minimized")
            page.wait_for_timeout(3_000)
        proxy.cut()
        if disconnect == _HIDDEN:
            page.wait_for_timeout(2_000)
            set_window_state(page, "normal")


def test_page_has_each_reading_once_after_disconnects_restarts_and_hiding(
    browser: Browser, stack: Stack, proxy: RedisProxy
) -> None:
    random.seed(6)
    stack.start("writer")
    producer = stack.start("producer", STRIPCHART_PRODUCER_RATE="20")
    web = stack.start("web")
    stack.port = proxy.port  # used by the browser and by this test
    with new_visit(browser, stack) as visit:
        page = visit.open("?window=5m")
        visit.wait_for_points(10)
        disconnect_often(page, proxy, web)
        visit.wait_for_state("live")
        producer.terminate()
        published = int(stack.redis.client.hget("readings:state", "r"))
        wait_until("all readings are stored", lambda: len(stack.stored("demo.random")) == published)
        visit.wait_for_points(published)
        history = stack.get("/api/history?series=demo.random&points=10000")["series"]
        columns = history["demo.random"]
        stored = zip(columns["t"], columns["value"], strict=True)
        assert shown_readings(page) == [(round(ts, 6), value) for ts, value in stored]
        visit.errors = [
            text for text in visit.errors if not any(error in text for error in _CUT_ERRORS)
        ]
