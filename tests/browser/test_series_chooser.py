"""The dialog in which series are searched and selected."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import SERIES_BUTTON, Visit

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]


def shown_names(page: Page) -> list[str | None]:
    """Return the names in the legends, in their order."""
    return [entry.get_attribute("data-series") for entry in page.locator("[data-series]").all()]


def open_chooser(page: Page) -> Locator:
    page.keyboard.press("/")
    dialog = page.get_by_role("dialog", name="Series", exact=True)
    expect(dialog).to_be_visible()
    return dialog


def test_searched_series_is_selected_and_shown(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen")
    page.get_by_role("button", name=SERIES_BUTTON).click()
    dialog = page.get_by_role("dialog", name="Series", exact=True)
    expect(dialog).to_be_visible()
    search = dialog.get_by_role("searchbox", name="Search series", exact=True)
    expect(search).to_be_focused()
    search.fill("MANY nowhere")
    expect(dialog.locator("#series-found")).to_contain_text("No series found")
    search.fill("many.01")
    expect(dialog.get_by_role("checkbox")).to_have_count(10)
    dialog.get_by_role("checkbox", name=re.compile(r"^many\.013")).check()
    expect(dialog.locator("#series-selected")).to_have_text("2 of at most 100 selected")
    dialog.get_by_role("button", name="Apply", exact=True).click()
    expect(dialog).to_be_hidden()
    expect(page.locator('[data-series="many.013"]')).to_contain_text("13")
    assert shown_names(page) == ["kitchen", "many.013"]
    expect(page).to_have_url(re.compile("series=kitchen&series=many.013"))


def test_list_of_many_series_shows_200_and_says_so(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen")
    dialog = open_chooser(page)
    expect(dialog.locator("#series-found")).to_contain_text("only the first 200 are listed")
    expect(dialog.get_by_role("checkbox")).to_have_count(200)
    expect(dialog.get_by_role("checkbox").first).to_be_checked()
    dialog.get_by_role("searchbox").fill("no series has this name")
    expect(dialog.locator("#series-found")).to_have_text(
        "No series found. Try another name, tag or unit."
    )
    dialog.get_by_role("button", name="Close", exact=True).click()
    expect(dialog).to_be_hidden()


def wait_for_list(dialog: Locator) -> None:
    """Wait for the list, which is fetched when the dialog opens."""
    expect(dialog.locator("#series-found")).to_contain_text(" of ")


def test_search_and_enter_show_the_found_series_alone(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", "cellar")
    dialog = open_chooser(page)
    dialog.get_by_role("searchbox").fill("many.013")
    expect(dialog.locator("#series-hint")).to_contain_text("Enter shows only")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator('[data-series="many.013"]')).to_be_visible()
    assert shown_names(page) == ["many.013"]


def test_enter_before_the_list_arrives_shows_the_series_once_it_has(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/series", hold)
    with page.expect_request("**/api/series"):
        dialog = open_chooser(page)
    dialog.get_by_role("searchbox").fill("many.013")
    page.keyboard.press("Enter")
    held[0].continue_()
    page.unroute("**/api/series")
    expect(dialog).to_be_hidden()
    expect(page.locator('[data-series="many.013"]')).to_be_visible()


def test_arrow_keys_choose_another_match(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen")
    dialog = open_chooser(page)
    wait_for_list(dialog)
    dialog.get_by_role("searchbox").fill("many.01")
    rows = dialog.locator("#series-list li")
    expect(rows).to_have_count(10)
    expect(rows.first).to_have_class("highlighted")
    for key in ("ArrowDown", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
    expect(rows.nth(1)).to_have_class("highlighted")
    page.keyboard.press("Enter")
    expect(page.locator('[data-series="many.011"]')).to_be_visible()
    assert shown_names(page) == ["many.011"]


def test_earlier_choices_stay_and_found_boxes_stay_enabled(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", "cellar")
    dialog = open_chooser(page)
    wait_for_list(dialog)
    dialog.get_by_role("searchbox").fill("many.01")
    expect(dialog.get_by_role("checkbox")).to_have_count(10)
    assert dialog.locator("input:disabled").count() == 0
    dialog.get_by_role("button", name="Select all found", exact=True).click()
    expect(dialog.locator("#series-selected")).to_have_text("12 of at most 100 selected")
    dialog.get_by_role("searchbox").fill("many.020")
    expect(dialog.locator("#series-hint")).to_contain_text("with many.020")
    page.keyboard.press("Enter")
    expect(page.locator("[data-series]")).to_have_count(13)
    assert shown_names(page)[:2] == ["kitchen", "cellar"]


def test_limit_is_said_before_it_is_reached(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen")
    dialog = open_chooser(page)
    wait_for_list(dialog)
    dialog.get_by_role("searchbox").fill("many")
    expect(dialog.get_by_role("checkbox")).to_have_count(200)
    # Together they are more than the page shows: nothing is cut without a word.
    found = dialog.get_by_role("button", name="Select all found", exact=True)
    expect(found).to_be_disabled()
    expect(found).to_have_attribute("title", re.compile("At most 100"))
    dialog.get_by_role("button", name="Select none", exact=True).click()
    dialog.get_by_role("searchbox").fill("many.0")
    found.click()
    dialog.get_by_role("searchbox").fill("many.150")
    dialog.get_by_role("checkbox", name=re.compile(r"^many\.150")).check()
    expect(dialog.locator("#series-selected")).to_have_text(
        "101 selected. At most 100 can be shown: clear 1."
    )
    expect(dialog.get_by_role("button", name="Apply", exact=True)).to_be_disabled()
    dialog.get_by_role("checkbox", name=re.compile(r"^many\.150")).uncheck()
    dialog.get_by_role("button", name="Apply", exact=True).click()
    expect(page.locator("[data-series]")).to_have_count(100)
    page.get_by_role("button", name=SERIES_BUTTON).click()
    dialog.get_by_role("button", name="Select none", exact=True).click()
    expect(dialog.get_by_role("button", name="Apply", exact=True)).to_be_disabled()


def test_automatic_selection_shows_recent_series(shared_visit: Visit) -> None:
    page = shared_visit.open_series("many.007", window="7d")
    dialog = open_chooser(page)
    dialog.get_by_role("button", name="Automatic", exact=True).click()
    expect(page.locator('[data-series="many.007"]')).to_have_count(0)
    expect(page.locator("[data-series]").first).to_be_visible()
    expect(page).not_to_have_url(re.compile("series="))
    # With more series than fit, those without a reading in the last day are left out.
    assert not [name for name in shown_names(page) if re.match("many", name or "")]
    total = len(shared_visit.stack.get("/api/series")["series"])
    expect(page.get_by_role("button", name=SERIES_BUTTON)).to_contain_text(f" of {total}")


def test_reload_without_a_choice_shows_the_same_series(shared_visit: Visit) -> None:
    page = shared_visit.open("?window=1h")
    shared_visit.wait_for_points(1)
    before = shown_names(page)
    units = [panel.get_attribute("data-unit") for panel in page.locator(".panel").all()]
    assert {"\u00b0C", "W"} < set(units)
    shared_visit.stack.post("/api/readings", [{"series": "porch", "value": 21, "unit": "\u00b0C"}])
    page.reload()
    shared_visit.wait_for_points(1)
    assert shown_names(page) == before
