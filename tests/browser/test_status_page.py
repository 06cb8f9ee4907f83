"""The status page: figures that refresh, also without JavaScript and on small screens."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visit, new_visit
from tests.browser.test_accessibility import PHONE, axe, violations
from tests.support.stack import Stack

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

__all__ = ["axe"]


@pytest.mark.parametrize(
    "options",
    [
        {"color_scheme": "light"},
        {"color_scheme": "dark"},
        PHONE,
        {"viewport": {"width": 320, "height": 640}},
    ],
    ids=["light", "dark", "phone", "narrow"],
)
def test_status_page_has_no_axe_violations_and_fits(
    browser: Browser, shared_stack: Stack, axe: str, options: dict[str, object]
) -> None:
    with new_visit(browser, shared_stack, **options) as visit:
        page = visit.open("status")
        expect(page.get_by_role("heading", name="Readings", exact=True)).to_be_visible()
        expect(page.get_by_role("rowheader", name="writer 1", exact=True)).to_be_visible()
        assert violations(page, axe) == []
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_figures_refresh_and_the_page_stays(browser: Browser, shared_stack: Stack) -> None:
    with new_visit(browser, shared_stack) as visit:
        page = visit.open("status")
        page.evaluate("() => { document.getElementById('status-title').dataset.kept = 'yes'; }")
        shown = page.locator("#status-time").text_content() or ""
        expect(page.locator("#status-time")).not_to_have_text(shown)
        expect(page.locator("#status-title")).to_have_attribute("data-kept", "yes")


def test_page_works_without_javascript(browser: Browser, shared_stack: Stack) -> None:
    with new_visit(browser, shared_stack, java_script_enabled=False) as visit:
        page = visit.open("status")
        expect(page.get_by_role("heading", name="Database and disk", exact=True)).to_be_visible()
        assert page.locator("meta[http-equiv=refresh]").get_attribute("content") == "30"


def test_menu_leads_to_the_status(shared_visit: Visit) -> None:
    page = shared_visit.open("?window=1h")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("link", name="Status", exact=True).click()
    expect(page.get_by_role("heading", name="Status", exact=True)).to_be_visible()
    page.get_by_role("link", name="Back to the charts", exact=True).click()
    expect(page.get_by_role("button", name="More", exact=True)).to_be_visible()
