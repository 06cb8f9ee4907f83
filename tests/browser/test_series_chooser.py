"""The dialog in which series are searched and selected."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]


def shown_names(page: Page) -> list[str | None]:
    """Return the names in the legends, in their order."""
    return [entry.get_attribute("data-series") for entry in page.locator("[data-series]").all()]


def open_chooser(page: Page) -> Locator:
    page.keyboard.press("/")
    dialog = page.get_by_role("dialog", name="Series")
    expect(dialog).to_be_visible()
    return dialog


def test_searched_series_is_selected_and_shown(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen")
    page.get_by_role("button", name="Series").click()
    dialog = page.get_by_role("dialog", name="Series")
    expect(dialog).to_be_visible()
    search = dialog.get_by_role("searchbox", name="Search series")
    expect(search).to_be_focused()
    search.fill("MANY nowhere")
    expect(dialog.locator("#series-found")).to_contain_text("No series found")
    search.fill("many.01")
    expect(dialog.get_by_role("checkbox")).to_have_count(10)
    dialog.get_by_role("checkbox", name="many.013").check()
    expect(dialog.locator("#series-selected")).to_have_text("2 of at most 20 selected")
    dialog.get_by_role("button", name="Apply").click()
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
        "No series found. Try another name or unit."
    )
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


def test_selection_stops_at_20_series(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen")
    dialog = open_chooser(page)
    dialog.get_by_role("searchbox").fill("many")
    # The list is fetched when the dialog opens: before that, nothing can be selected.
    expect(dialog.locator("input[type=checkbox]")).to_have_count(200)
    dialog.get_by_role("button", name="Select all found").click()
    expect(dialog.locator("#series-selected")).to_have_text("20 of at most 20 selected")
    expect(dialog.locator("input:disabled")).to_have_count(180)
    dialog.get_by_role("button", name="Select none").click()
    expect(dialog.get_by_role("button", name="Apply")).to_be_disabled()


def test_automatic_selection_shows_newest_series(shared_visit: Visit) -> None:
    page = shared_visit.open_series("many.007", window="7d")
    dialog = open_chooser(page)
    dialog.get_by_role("button", name="Automatic").click()
    expect(page.locator('[data-series="kitchen"]')).to_be_visible()
    expect(page).not_to_have_url(re.compile("series="))
    # With more series than fit, those without a reading in the last day are left out.
    assert not [name for name in shown_names(page) if re.match("many", name or "")]
    total = len(shared_visit.stack.get("/api/series")["series"])
    expect(page.get_by_role("button", name="Series")).to_contain_text(f" of {total}")
