"""The page when there is nothing to draw, and the page on a wall."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Visit

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]


def test_a_range_without_readings_says_so_and_leads_back(guest: Visit) -> None:
    page = guest.page
    guest.open("?series=kitchen&window=1000000000..1000003600")
    note = page.locator(".empty-state")
    expect(note).to_contain_text("No readings in this range")
    expect(page.locator("#time-range")).to_contain_text("2001")
    note.get_by_role("button", name="Go on live").click()
    guest.wait_for_points(1)
    expect(note).to_be_hidden()


def test_a_window_that_readings_have_left_can_be_widened(guest: Visit) -> None:
    page = guest.page
    guest.open("?series=attic&window=1m")
    note = page.locator(".empty-state")
    expect(note).to_contain_text("No readings in this range")
    # What was read last is known all the same.
    expect(page.locator('[data-series="attic"]')).to_contain_text("59")
    note.get_by_role("button", name="Show all").click()
    guest.wait_for_points(60)
    expect(page.get_by_role("button", name="All", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


def test_history_that_does_not_come_is_said(guest: Visit) -> None:
    page = guest.page

    def fail(route: Route) -> None:
        if "to=" in route.request.url:
            route.abort("connectionrefused")
        else:
            route.continue_()

    page.route("**/api/history?*", fail)
    guest.open("?series=attic&window=1h")
    note = page.locator(".empty-state")
    expect(note).to_contain_text("History can't be loaded")
    page.unroute("**/api/history?*")
    guest.wait_for_points(60)
    expect(note).to_be_hidden()


def test_a_kiosk_has_nothing_to_press_but_a_way_out(guest: Visit) -> None:
    page = guest.look("kitchen", "oven", kiosk="1")
    expect(page.locator("#state")).to_be_visible()
    expect(page.locator("#age")).to_be_visible()
    for name in ("Series", "More", "Pause"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    assert page.evaluate("() => document.documentElement.scrollHeight - innerHeight") <= 0
    page.mouse.move(300, 300)
    page.get_by_role("button", name="Leave kiosk view").click()
    expect(page.get_by_role("button", name="Series")).to_be_visible()
    expect(page).not_to_have_url(re.compile("kiosk"))
    page.keyboard.press("k")
    expect(page.get_by_role("button", name="Series")).to_have_count(0)
    expect(page).to_have_url(re.compile("kiosk=1"))
    page.keyboard.press("k")
    expect(page.get_by_role("button", name="Series")).to_be_visible()


def test_the_icon_and_the_manifest_are_there(guest: Visit) -> None:
    page = guest.look("kitchen")
    address = page.locator("link[rel=manifest]").get_attribute("href")
    assert address
    manifest = page.request.get(f"http://127.0.0.1:{guest.stack.port}{address}")
    assert manifest.ok
    assert manifest.headers["content-type"] == "application/manifest+json"
    assert manifest.json()["name"] == "Stripchart"
    icon = page.locator("link[rel=icon]").get_attribute("href")
    assert page.request.get(f"http://127.0.0.1:{guest.stack.port}{icon}").ok
