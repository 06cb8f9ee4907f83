"""Gaps on the page: the notice, and the band in the chart."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.pixels import count_pixels, wait_for_pixels
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser]


def lose_journal(stack: Stack) -> None:
    """Kill Redis, delete its files and start it again without the journal."""
    stack.redis.kill()
    stack.redis.delete_files()
    stack.redis.start()


@pytest.mark.long
def test_gap_is_shown_while_the_page_is_open(visit: Visit) -> None:
    stack = visit.stack
    stack.start("writer")
    stack.start("web")
    now = time.time()
    stack.post(
        "/api/readings",
        [{"series": "kitchen", "value": 20 + i / 10, "ts": now - 30 + i} for i in range(30)],
    )
    wait_until("the readings are stored", lambda: len(stack.stored("kitchen")) == 30)
    page = visit.open()
    visit.wait_for_points(30)
    notice = page.locator("#gaps")
    expect(notice).to_be_hidden()
    assert count_pixels(page, "--missing") == 0
    lose_journal(stack)
    expect(notice).to_be_visible()
    expect(notice).to_contain_text("Readings may be missing ")
    expect(notice).to_contain_text(", because the journal was lost and recreated.")
    wait_for_pixels(page, "--missing", 201)
    chart = page.get_by_role("application").first
    expect(chart).to_have_accessible_name("Line chart over time: kitchen; readings are missing")
    # Other programs read the gap from the readiness.
    ready = stack.get("/readyz")
    assert ready["gaps"]["count"] == 1
    assert ready["gaps"]["newest"]["reason"] == "the journal was lost and recreated"
    page.get_by_role("button", name="Dismiss the notice of missing readings", exact=True).click()
    expect(notice).to_be_hidden()
    # The dismissed notice returns only for another gap; the band stays.
    page.get_by_role("button", name="5 min", exact=True).click()
    visit.wait_for_points(30)
    wait_for_pixels(page, "--missing", 201)
    expect(notice).to_be_hidden()
    stack.post("/api/readings", {"series": "kitchen", "value": 21})
    wait_until("the reading is stored", lambda: len(stack.stored("kitchen")) == 31)
    lose_journal(stack)
    expect(notice).to_be_visible()
