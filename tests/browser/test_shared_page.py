"""The page that a share link shows."""

import json
import re
import time

import pytest
from playwright.sync_api import Browser, Page, expect

from services.share_command import RevokeShare
from tests.browser.conftest import Visit, new_visit
from tests.browser.share_links import open_link, shown_names
from tests.support.access import bearer, carry_out, new_share, new_token
from tests.support.stack import Stack

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

NO_WEBSOCKETS = """
window.WebSocket = class {
  constructor() {
    queueMicrotask(() => this.onclose?.({ code: 1006, reason: "" }));
  }
  close() {}
};
"""


def test_shared_page_is_live_and_shows_only_its_series(tab: Page, closed_stack: Stack) -> None:
    carry_out(closed_stack, new_share("live", "shared.*", title="Live", window_seconds=600.0))
    carry_out(closed_stack, new_token("write", "sender"))

    def send(name: str, value: float) -> None:
        body = json.dumps({"series": name, "value": value, "unit": "°C"}).encode()
        status, answer = closed_stack.request("POST", "/api/readings", body, bearer("sender"))
        assert status == 200, answer

    send("shared.one", 1)
    visit = Visit(tab, closed_stack)
    page = open_link(visit, "live")
    visit.wait_for_state("live")
    assert shown_names(page) == ["shared.one"]
    send("unshared", 7)
    # A series that appears later is one of them, too.
    send("shared.two", 2)
    page.wait_for_selector("[data-series='shared.two']")
    assert shown_names(page) == ["shared.one", "shared.two"]
    page.keyboard.press("/")
    expect(page.locator("#series-list .series-name")).to_have_count(2)
    page.keyboard.press("Escape")
    page.keyboard.press("o")
    assert page.evaluate("() => location.search.includes('overview')") is False
    visit.close()


def test_shared_page_has_no_controls_that_write_or_lead_away(
    tab: Page, closed_stack: Stack
) -> None:
    carry_out(closed_stack, new_share("plain", "kitchen", "oven"))
    visit = Visit(tab, closed_stack)
    page = open_link(visit, "plain")
    page.get_by_role("button", name="More", exact=True).click()
    entries = page.locator("#menu").get_by_role("button").all_inner_texts()
    assert [entry.split("\n")[0].strip() for entry in entries] == [
        "Save as CSV", "Save as image", "Show as table", "Copy link to this view",
        "Kiosk view", "Keyboard shortcuts", "System", "Light", "Dark",
    ]  # fmt: skip
    expect(page.get_by_text("Shared with a link", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link")).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("^Edit"))).to_have_count(0)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    visit.open("s/plain/?overview")
    visit.wait_for_points(1)
    start = f"http://127.0.0.1:{closed_stack.port}/s/plain/"
    assert requests
    assert [url for url in requests if not url.startswith(start)] == []
    visit.close()


def test_window_of_a_link_limits_what_the_page_can_show(tab: Page, closed_stack: Stack) -> None:
    carry_out(closed_stack, new_share("hour", "kitchen", window_seconds=3_600.0))
    visit = Visit(tab, closed_stack)
    page = open_link(visit, "hour", "?window=7d")
    windows = page.get_by_role("group", name="Time window", exact=True).get_by_role("button")
    expect(windows.filter(visible=True)).to_have_text(["1 min", "5 min", "All"])
    expect(windows.filter(has_text="All")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press(",")
    expect(page.locator("#time-toggle-label")).to_have_text("Live")
    visit.wait_for_points(1)
    visit.close()


@pytest.mark.parametrize("transport", ["websocket", "sse"])
def test_page_says_when_its_link_ends(
    browser: Browser, closed_stack: Stack, transport: str
) -> None:
    secret = f"ending-{transport}"
    share = new_share(secret, "kitchen")
    carry_out(closed_stack, share)
    with new_visit(browser, closed_stack) as visit:
        if transport == "sse":
            visit.page.add_init_script(NO_WEBSOCKETS)
        page = open_link(visit, secret)
        visit.wait_for_state("live")
        carry_out(closed_stack, RevokeShare(share.share))
        notice = page.get_by_role("alert").filter(has_text="This link has ended.")
        expect(notice).to_be_visible()
        assert notice.get_by_role("link").count() == 0
        expect(page.locator("#state")).to_have_text("Ended")
        expect(page.locator("#offline")).to_be_hidden()
        visit.errors[:] = [error for error in visit.errors if "401" not in error]


def test_page_says_when_the_time_of_its_link_is_over(tab: Page, closed_stack: Stack) -> None:
    ends = round((time.time() + 3) * 1e6)
    carry_out(closed_stack, new_share("short", "kitchen", expires_at=ends))
    visit = Visit(tab, closed_stack)
    page = visit.open("s/short/")
    expect(page.get_by_role("alert").filter(has_text="This link has ended.")).to_be_visible()
    # Whatever the page did at that moment was refused.
    visit.errors[:] = [error for error in visit.errors if "401" not in error]
    visit.close()
