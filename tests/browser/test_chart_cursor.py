"""The crosshair by keyboard: from reading to reading, and read out."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit, show_tooltip
from tests.browser.test_tooltip import oven_window

pytestmark = [pytest.mark.redis, pytest.mark.browser]


def focused_chart(page: Page, name: str) -> Locator:
    """Return the chart of a series, with the focus."""
    chart = page.get_by_role("application", name=re.compile(rf"\b{name}\b"))
    chart.focus()
    expect(chart).to_be_focused()
    return chart


def test_arrow_keys_move_the_crosshair_and_read_it_out(shared_visit: Visit) -> None:
    window = oven_window(shared_visit)
    page = shared_visit.open_series("kitchen", "cellar", "oven", window=window)
    shared_visit.wait_for_points(900)
    focused_chart(page, "oven")
    values = page.locator(".tooltip .tooltip-value")
    read_out = page.locator("[aria-live=polite]", has_text="oven")
    page.keyboard.press("End")
    # The last reading, also in the other chart.
    expect(values).to_have_text(["22.99 °C", "9.01 °C", re.compile(r"^1\.30 kW")])
    expect(read_out).to_have_text(re.compile(r"\d:\d\d.*: oven 1\.30 kW$"))
    last = read_out.inner_text()
    page.keyboard.press("ArrowLeft")
    expect(values.last).to_have_text(re.compile(r"^1\.\d\d kW"))
    expect(read_out).not_to_have_text(last)
    page.keyboard.press("Home")
    expect(values.last).to_have_text("1.00 kW")
    expect(read_out).to_have_text(re.compile(r"oven 1\.00 kW$"))
    page.keyboard.press("PageDown")
    expect(values.last).to_have_text("1.03 kW")
    # The window has not moved.
    expect(page).to_have_url(re.compile(re.escape(window)))


@pytest.mark.long
def test_escape_leaves_the_chart_and_arrows_move_the_window_again(shared_visit: Visit) -> None:
    page = shared_visit.open_series("oven", window=oven_window(shared_visit))
    shared_visit.wait_for_points(300)
    chart = focused_chart(page, "oven")
    page.keyboard.press("ArrowLeft")
    tooltip = page.locator(".tooltip")
    expect(tooltip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tooltip).to_be_hidden()
    expect(chart).not_to_be_focused()
    address = page.url
    page.keyboard.press("ArrowLeft")
    expect(page).not_to_have_url(address)
    expect(tooltip).to_be_hidden()


@pytest.mark.long
def test_pointer_takes_over_the_crosshair(shared_visit: Visit) -> None:
    page = shared_visit.open_series("oven", window=oven_window(shared_visit))
    shared_visit.wait_for_points(300)
    focused_chart(page, "oven")
    page.keyboard.press("Home")
    value = page.locator(".tooltip .tooltip-value")
    expect(value).to_have_text("1.00 kW")
    show_tooltip(page, 0.5, 0.5)
    expect(value).not_to_have_text("1.00 kW")


@pytest.mark.long
def test_cursor_in_a_gap_reads_out_why_there_is_no_value(shared_visit: Visit) -> None:
    page = shared_visit.open_series("attic", window="1h")
    shared_visit.wait_for_points(60)
    page.get_by_role("button", name="Pause", exact=True).click()
    focused_chart(page, "attic")
    page.keyboard.press("End")
    expect(page.locator("[aria-live=polite]", has_text="attic")).to_contain_text("silent since")
