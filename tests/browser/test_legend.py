"""The legend: newest values, statistics, hiding series and showing one alone."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

_FONT_SIZE = "element => parseFloat(getComputedStyle(element).fontSize)"


def entry(page: Page, name: str) -> Locator:
    return page.locator(f'[data-series="{name}"]')


def test_legend_shows_newest_value_min_mean_and_max(shared_visit: Visit) -> None:
    page = shared_visit.open_series("cellar", "oven")
    expect(entry(page, "oven")).to_contain_text("1.30kW")
    stats = entry(page, "oven").locator(".legend-stat")
    expect(stats).to_have_text(["min 1.00 kW", "mean 1.15 kW", "max 1.30 kW"])
    expect(entry(page, "cellar").locator(".legend-stat").first).to_have_text("min 9.01 °C")


def test_click_hides_series_and_shows_it_again(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", "cellar")
    shared_visit.wait_for_points(600)
    button = entry(page, "kitchen")
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    page.wait_for_selector('[data-points="300"]')
    expect(page).to_have_url(re.compile("hide=kitchen"))
    page.reload()
    page.wait_for_selector('[data-points="300"]')
    entry(page, "kitchen").click()
    shared_visit.wait_for_points(600)
    expect(page).not_to_have_url(re.compile("hide"))


def test_only_hides_other_series_of_the_same_unit(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", "cellar", "attic", "oven")
    only = page.get_by_role("button", name="Show only cellar", exact=True)
    only.click()
    expect(only).to_have_attribute("aria-pressed", "true")
    expect(entry(page, "kitchen")).to_have_attribute("aria-pressed", "false")
    expect(entry(page, "attic")).to_have_attribute("aria-pressed", "false")
    # The chart of another unit is not affected.
    expect(entry(page, "oven")).to_have_attribute("aria-pressed", "true")
    only.click()
    expect(entry(page, "kitchen")).to_have_attribute("aria-pressed", "true")


def test_few_series_have_large_numbers_and_many_have_rows(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", "oven")
    for value in page.locator(".legend-reading").all():
        assert value.evaluate(_FONT_SIZE) >= 28
    shared_visit.open_series(*(f"many.{i:03}" for i in range(5)), window="7d")
    assert page.locator(".legend-reading").first.evaluate(_FONT_SIZE) < 20
    assert page.locator(".panel.crowded").count() == 1


def test_buttons_of_a_legend_entry_are_high_enough_for_a_finger(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", "cellar", window="1h")
    page.locator(".legend li").first.hover()
    for name in ("Edit kitchen", "Show only kitchen"):
        box = page.get_by_role("button", name=name, exact=True).bounding_box()
        assert box
        assert box["height"] >= 24


def test_table_of_measures_has_no_column_of_states(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", "cellar", window="1h")
    page.keyboard.press("t")
    table = page.get_by_role("dialog").get_by_role("table").first
    titles = table.get_by_role("columnheader")
    expect(titles).to_have_text(["Series", "Last", "Min", "Mean", "Max", "Readings"])
    page.keyboard.press("Escape")
