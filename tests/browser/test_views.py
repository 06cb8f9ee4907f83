"""Named views on the page: their panels, title and window, and changes that others make."""

import json
import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visit
from tests.browser.views import ROOMS, open_view, put_view, rooms, titles
from tests.support.stack import Stack

__all__ = ["rooms"]

pytestmark = [
    pytest.mark.redis,
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.usefixtures("rooms"),
]


def test_view_shows_its_panels_title_and_window(shared_visit: Visit) -> None:
    page = open_view(shared_visit)
    expect(page).to_have_title("Rooms \u2013 Stripchart")
    expect(page.locator("#view-title")).to_have_text("Rooms")
    assert titles(page) == ["Warm", "Oven", "Voltages"]
    expect(page.locator('[data-panel="p3"] [data-series]')).to_have_count(10)
    expect(page.get_by_role("button", name="5 min", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(page.locator("#open-series")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("link", name="All charts", exact=True).click()
    expect(page).to_have_url(re.compile(r"/$"))


def test_window_of_view_is_no_preference(shared_visit: Visit) -> None:
    page = open_view(shared_visit)
    page.get_by_role("button", name="1 h", exact=True).click()
    expect(page).to_have_url(re.compile("window=1h"))
    page.reload()
    expect(page.get_by_role("button", name="1 h", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    assert page.evaluate("localStorage.getItem('stripchart.window')") is None


def test_new_series_joins(shared_visit: Visit, shared_stack: Stack) -> None:
    put_view(shared_stack, "rooms", {"panels": [{"series": ["joining.*", "kitchen"]}]})
    page = open_view(shared_visit)
    expect(page.locator("[data-series]")).to_have_count(1)
    shared_stack.post("/api/readings", [{"series": "joining.1", "value": 1, "unit": "°C"}])
    expect(page.locator('[data-series="joining.1"]')).to_be_visible()
    shared_stack.request("DELETE", "/api/series?series=joining.1")


def test_change_appears_on_open_pages(shared_visit: Visit, shared_stack: Stack) -> None:
    page = open_view(shared_visit)
    shared_visit.wait_for_state("live")
    changed = ROOMS | {"title": "House", "panels": ROOMS["panels"][:1], "revision": None}
    stored = shared_stack.get("/api/views/rooms")
    body = json.dumps(changed | {"revision": stored["revision"]}).encode()
    assert shared_stack.request("PUT", "/api/views/rooms", body)[0] == 200
    expect(page.locator("#view-title")).to_have_text("House")
    expect(page.locator(".panel")).to_have_count(1)
    assert shared_stack.request("DELETE", "/api/views/rooms")[0] == 200
    expect(page.locator("#view-deleted")).to_be_visible()


def test_view_opens_with_a_fixed_range_or_a_name_of_the_calendar(
    shared_visit: Visit, shared_stack: Stack
) -> None:
    put_view(shared_stack, "rooms", ROOMS | {"window": "1763790000..1763793600"})
    page = open_view(shared_visit)
    expect(page.locator("#time-range")).to_contain_text("2025")
    expect(page.locator("#time-toggle")).to_have_text("Live")
    expect(page).to_have_url(re.compile("v/rooms$"))
    put_view(shared_stack, "rooms", ROOMS | {"window": "yesterday"})
    page = open_view(shared_visit)
    expect(page.locator("#time-toggle")).to_have_text("Live")
    range_text = page.locator("#time-range").inner_text()
    page.get_by_role("button", name="Back by a window", exact=True).click()
    expect(page.locator("#time-range")).not_to_have_text(range_text)


def test_view_of_today_is_live(shared_visit: Visit, shared_stack: Stack) -> None:
    put_view(shared_stack, "rooms", ROOMS | {"window": "today"})
    page = open_view(shared_visit)
    expect(page.locator("#time-range")).to_have_text("today")
    expect(page.locator("#time-toggle")).to_have_text("Pause")
    expect(page).to_have_url(re.compile("v/rooms$"))
    page.keyboard.press(" ")
    expect(page.locator("#time-toggle")).to_have_text("Live")
    page.keyboard.press("l")
    expect(page.locator("#time-range")).to_have_text("today")
    expect(page).to_have_url(re.compile("v/rooms$"))


def test_panel_without_series_says_so(shared_visit: Visit, shared_stack: Stack) -> None:
    panels = [{"series": ["kitchen"]}, {"series": ["nowhere.*"], "title": "Nowhere"}]
    put_view(shared_stack, "rooms", {"panels": panels})
    page = open_view(shared_visit)
    expect(page.locator('[data-panel="p2"]')).to_contain_text("No series match")
    put_view(shared_stack, "rooms", {"panels": panels[1:]})
    expect(page.locator("[data-series]")).to_have_count(0)
    expect(page.locator('[data-panel="p1"]')).to_contain_text("No series match")


def test_more_series_than_fit_are_counted(shared_visit: Visit, shared_stack: Stack) -> None:
    put_view(shared_stack, "rooms", {"panels": [{"series": ["many.*"]}, {"series": ["oven"]}]})
    page = open_view(shared_visit)
    expect(page.locator("#view-omitted")).to_contain_text("201 more series match.")
    expect(page.locator('[data-series="oven"]')).to_be_visible()


def test_kiosk_shows_the_view_without_controls(shared_visit: Visit) -> None:
    page = open_view(shared_visit, "?kiosk")
    assert titles(page) == ["Warm", "Oven", "Voltages"]
    expect(page.locator("#view-title")).to_be_visible()
    expect(page.get_by_role("button", name="More", exact=True)).to_be_hidden()


def test_unknown_view_leads_home(browser: Browser, shared_stack: Stack) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        answer = page.goto(f"http://127.0.0.1:{shared_stack.port}/v/nowhere")
        assert answer
        assert answer.status == 404
        expect(page.get_by_role("heading", name=re.compile("^There is no view"))).to_be_visible()
        page.get_by_role("link", name="Go to all charts", exact=True).click()
        expect(page).to_have_url(re.compile(r"/$"))
