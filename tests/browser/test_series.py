"""Many series: one chart for each unit, what the legend tells, and how series are chosen."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import HOSTILE, Visit, point

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]


def legend(page: Page) -> list[str | None]:
    """The names that have an entry, in their order."""
    return [entry.get_attribute("data-series") for entry in page.locator("[data-series]").all()]


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query, keep_blank_values=True)


def entry(page: Page, name: str) -> Locator:
    return page.locator(f'[data-series="{name}"]')


def test_there_is_one_chart_for_each_unit(guest: Visit) -> None:
    page = guest.look("kitchen", "cellar", "oven")
    units = [panel.get_attribute("data-unit") for panel in page.locator(".panel").all()]
    assert units == ["°C", "W"]
    assert legend(page) == ["kitchen", "cellar", "oven"]


def test_the_legend_tells_the_newest_least_mean_and_most(guest: Visit) -> None:
    page = guest.look("cellar", "oven")
    expect(entry(page, "oven")).to_contain_text("1.30kW")
    stats = entry(page, "oven").locator(".legend-stat")
    expect(stats).to_have_text(["min 1 kW", "mean 1.15 kW", "max 1.30 kW"])
    expect(entry(page, "cellar").locator(".legend-stat").first).to_have_text("min 9.01 °C")


def test_a_line_is_switched_off_and_on(guest: Visit) -> None:
    page = guest.look("kitchen", "cellar")
    guest.wait_for_points(600)
    button = page.get_by_role("button", name="kitchen").first
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    page.wait_for_selector('[data-points="300"]')
    expect(page).to_have_url(re.compile("hide=kitchen"))
    page.reload()
    page.wait_for_selector('[data-points="300"]')
    page.get_by_role("button", name="kitchen").first.click()
    guest.wait_for_points(600)
    expect(page).not_to_have_url(re.compile("hide"))


def test_one_line_is_shown_alone(guest: Visit) -> None:
    page = guest.look("kitchen", "cellar", "attic", "oven")
    only = page.get_by_role("button", name="Only cellar")
    only.click()
    expect(only).to_have_attribute("aria-pressed", "true")
    expect(entry(page, "kitchen")).to_have_attribute("aria-pressed", "false")
    expect(entry(page, "attic")).to_have_attribute("aria-pressed", "false")
    # Another unit has a chart of its own, and stays.
    expect(entry(page, "oven")).to_have_attribute("aria-pressed", "true")
    only.click()
    expect(entry(page, "kitchen")).to_have_attribute("aria-pressed", "true")


def test_what_is_switched_off_can_be_brought_back_from_the_chart(guest: Visit) -> None:
    page = guest.look("oven")
    entry(page, "oven").click()
    note = page.locator(".empty-state")
    expect(note).to_contain_text("All lines are switched off")
    note.get_by_role("button", name="Show all").click()
    expect(note).to_be_hidden()


def test_series_are_searched_for_and_chosen(guest: Visit) -> None:
    page = guest.look("kitchen")
    page.get_by_role("button", name="Series").click()
    dialog = page.get_by_role("dialog", name="Series")
    expect(dialog).to_be_visible()
    search = dialog.get_by_role("searchbox", name="Search series")
    expect(search).to_be_focused()
    search.fill("MANY nowhere")
    expect(dialog.locator("#series-found")).to_contain_text("No series")
    search.fill("many.01")
    expect(dialog.get_by_role("checkbox")).to_have_count(10)
    dialog.get_by_role("checkbox", name="many.013").check()
    expect(dialog.locator("#series-selected")).to_contain_text("2 chosen")
    dialog.get_by_role("button", name="Show").click()
    expect(dialog).to_be_hidden()
    expect(entry(page, "many.013")).to_contain_text("13")
    assert legend(page) == ["kitchen", "many.013"]
    expect(page).to_have_url(re.compile("series=kitchen&series=many.013"))


def test_a_list_of_many_is_capped_and_says_so(guest: Visit) -> None:
    page = guest.look("kitchen")
    page.keyboard.press("/")
    dialog = page.get_by_role("dialog", name="Series")
    expect(dialog.locator("#series-found")).to_contain_text("the first 200 are listed")
    expect(dialog.get_by_role("checkbox")).to_have_count(200)
    expect(dialog.get_by_role("checkbox").first).to_be_checked()
    dialog.get_by_role("searchbox").fill("nothing is called so")
    expect(dialog.locator("#series-found")).to_have_text("No series has such a name.")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


def test_no_more_series_are_chosen_than_are_drawn(guest: Visit) -> None:
    page = guest.look("kitchen")
    page.keyboard.press("/")
    dialog = page.get_by_role("dialog", name="Series")
    dialog.get_by_role("searchbox").fill("many")
    # The list is fetched when the dialog opens: there is nothing to choose before.
    expect(dialog.locator("input[type=checkbox]")).to_have_count(200)
    dialog.get_by_role("button", name="Choose these").click()
    expect(dialog.locator("#series-selected")).to_have_text("20 chosen, 20 at most")
    expect(dialog.locator("input:disabled")).to_have_count(180)
    dialog.get_by_role("button", name="Choose none").click()
    expect(dialog.get_by_role("button", name="Show")).to_be_disabled()


def test_the_newest_series_come_back(guest: Visit) -> None:
    page = guest.look("many.007", window="7d")
    page.keyboard.press("/")
    page.get_by_role("button", name="The newest").click()
    expect(entry(page, "kitchen")).to_be_visible()
    expect(page).not_to_have_url(re.compile("series="))
    # Of more than are drawn, those that have not come for a day are left out.
    assert not [name for name in legend(page) if re.match("many", name or "")]
    total = len(guest.stack.get("/api/series")["series"])
    expect(page.get_by_role("button", name="Series")).to_contain_text(f" of {total}")


def test_a_link_shows_the_same_again(guest: Visit) -> None:
    page = guest.look("cellar", "oven", window="24h", hide="cellar", limit="W:1200")
    again = guest.open(f"?{urlsplit(page.url).query}")
    expect(again.get_by_role("button", name="24 h")).to_have_attribute("aria-pressed", "true")
    expect(entry(again, "cellar")).to_have_attribute("aria-pressed", "false")
    assert query(again) == query(page)
    assert query(again)["limit"] == ["W:1200"]


def test_a_series_that_is_not_there_yet_has_its_place(guest: Visit) -> None:
    guest.open("?series=tomorrow&window=1m")
    page = guest.page
    expect(entry(page, "tomorrow")).to_contain_text("\u2013")
    expect(page.locator(".empty-state")).to_contain_text("No readings in this range")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_text_wherever_they_are_shown(guest: Visit, name: str) -> None:
    page = guest.look(name, window="24h", limit=f"{name[:50]}:0..1")
    assert legend(page) == [name]
    expect(page.locator("figure .series-name").first).to_have_text(name)
    point(page, 0.92, 0.5)
    expect(page.locator(".tooltip .series-name")).to_have_text(name)
    page.keyboard.press("t")
    expect(page.get_by_role("dialog", name="Readings").locator("tbody th").first).to_have_text(name)
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#series-list .series-name").first).to_have_text(name)
    page.keyboard.press("Escape")
    assert page.locator("img[src=x], b").count() == 0
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
