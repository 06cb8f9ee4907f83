"""Kiosk view: charts and the status, without controls."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]


def test_kiosk_view_has_no_controls_except_exit(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", "oven", kiosk="1")
    expect(page.locator("#state")).to_be_visible()
    expect(page.locator("#age")).to_be_visible()
    for name in ("Series", "More", "Pause"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    assert page.evaluate("() => document.documentElement.scrollHeight - innerHeight") <= 0
    page.mouse.move(300, 300)
    page.get_by_role("button", name="Leave kiosk view").click()
    expect(page.get_by_role("button", name="Series")).to_be_visible()
    expect(page).not_to_have_url(re.compile("kiosk"))


def test_key_k_enters_and_leaves_kiosk_view(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", "oven")
    page.keyboard.press("k")
    expect(page.get_by_role("button", name="Series")).to_have_count(0)
    expect(page).to_have_url(re.compile("kiosk=1"))
    page.keyboard.press("k")
    expect(page.get_by_role("button", name="Series")).to_be_visible()


def test_kiosk_view_offers_no_edit_button(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", "cellar", kiosk="1")
    expect(page.locator(".legend-entry").first).to_be_visible()
    expect(page.locator(".legend-edit").first).to_be_hidden()
    assert page.get_by_role("button", name="Edit").count() == 0
