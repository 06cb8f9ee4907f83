"""Names of series that contain markup, quotes or control characters are shown as text."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, show_tooltip
from tests.browser.stacks import HOSTILE_NAMES

pytestmark = [pytest.mark.redis, pytest.mark.browser]


def assert_no_markup_or_overflow(page: Page) -> None:
    assert page.locator("img[src=x], b").count() == 0
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.long
@pytest.mark.parametrize(
    "name", ["<img src=x onerror=alert(1)>", "\"'&<b>", "\u202eevil", "x" * 1_024]
)
def test_hostile_name_of_live_series_is_text(visit: Visit, name: str) -> None:
    stack = visit.stack
    stack.start("writer")
    stack.start("web")
    stack.post("/api/readings", {"series": name, "value": 1, "unit": name[:50]})
    page = visit.open()
    visit.wait_for_points(1)
    names = page.eval_on_selector_all(
        "[data-series]", "buttons => buttons.map(button => button.dataset.series)"
    )
    assert names == [name]
    assert_no_markup_or_overflow(page)


@pytest.mark.long
@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_hostile_name_is_text_in_legend_tooltip_and_dialogs(shared_visit: Visit, name: str) -> None:
    page = shared_visit.open_series(name, window="24h", limit=f"{name[:50]}:0..1")
    expect(page.locator("[data-series]")).to_have_count(1)
    assert page.locator("[data-series]").get_attribute("data-series") == name
    expect(page.locator("figure .series-name").first).to_have_text(name)
    show_tooltip(page, 0.92, 0.5)
    expect(page.locator(".tooltip .series-name")).to_have_text(name)
    page.keyboard.press("t")
    expect(
        page.get_by_role("dialog", name="Readings", exact=True).locator("tbody th").first
    ).to_have_text(name)
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#series-list .series-name").first).to_have_text(name)
    page.keyboard.press("Escape")
    assert_no_markup_or_overflow(page)
