"""The overview: all series in groups, search, selection, live values, thousands of rows."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Visit, new_visit
from tests.browser.test_accessibility import PHONE, axe, violations
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack
from tests.support.waiting import wait_until

__all__ = ["axe"]

pytestmark = [pytest.mark.redis, pytest.mark.browser]

HOSTS = 20
CORES = 25
THOUSANDS = 5_000


def open_overview(visit: Visit, query: str = "?overview") -> Page:
    page = visit.open(query)
    expect(page.get_by_role("region", name="Overview", exact=True)).to_be_visible()
    visit.wait_for_state("live")
    return page


def card(page: Page, label: str) -> Locator:
    """Return the link of a series."""
    return page.locator(".overview-card", has=page.get_by_label(f"Select {label}", exact=True))


def search(page: Page, text: str) -> None:
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search series", exact=True)).to_be_focused()
    page.keyboard.type(text)


def test_many_series_without_a_choice_open_the_overview_and_enter_opens_one(
    shared_visit: Visit,
) -> None:
    page = open_overview(shared_visit, "")
    search(page, "many 123")
    expect(page.locator("#overview-found")).to_contain_text("Enter opens many.123.")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"\?series=many\.123"))
    expect(page.get_by_role("region", name="Charts", exact=True)).to_contain_text("many.123")
    page.go_back()
    expect(page.get_by_role("searchbox", name="Search series", exact=True)).to_have_value(
        "many 123"
    )
    expect(card(page, "many.123")).to_be_visible()


@pytest.mark.long
@pytest.mark.parametrize("query", ["?charts", "?window=1h"])
def test_address_that_chooses_something_opens_charts(shared_visit: Visit, query: str) -> None:
    page = shared_visit.open(query)
    page.wait_for_selector("[data-points]")
    expect(page.get_by_role("region", name="Overview", exact=True)).to_be_hidden()
    page.keyboard.press("o")
    expect(page.get_by_role("region", name="Overview", exact=True)).to_be_visible()
    page.get_by_role("link", name="Charts", exact=True).click()
    page.wait_for_selector("[data-points]")


@pytest.mark.long
def test_arrow_keys_choose_another_match(shared_visit: Visit) -> None:
    page = open_overview(shared_visit)
    search(page, "many 12")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#overview-found")).to_contain_text("Enter opens many.112.")
    page.keyboard.press("Escape")
    expect(page.get_by_role("searchbox", name="Search series", exact=True)).to_have_value("")


def test_new_reading_appears_without_a_reload(shared_visit: Visit) -> None:
    reading = {"series": "lounge", "value": 20, "ts": time.time() - 2_400}
    shared_visit.stack.post("/api/readings", reading)
    page = open_overview(shared_visit)
    search(page, "lounge")
    expect(card(page, "lounge")).to_contain_text("20")
    shared_visit.stack.post("/api/readings", {"series": "lounge", "value": 23.5})
    expect(card(page, "lounge")).to_contain_text("23.5")
    expect(card(page, "lounge")).to_contain_text(re.compile("just now|s ago"))


@pytest.mark.long
def test_series_that_misses_readings_is_marked_as_late(shared_visit: Visit) -> None:
    page = open_overview(shared_visit, "?overview&find=attic")
    expect(card(page, "attic")).to_have_class(re.compile(r"\blate\b"))
    expect(card(page, "attic")).to_contain_text(re.compile(r"\d (min|h) ago"))


@pytest.mark.long
def test_selected_series_are_shown_together(shared_visit: Visit) -> None:
    page = open_overview(shared_visit, "?overview&find=kitchen")
    page.get_by_label("Select kitchen", exact=True).check()
    search(page, "oven")
    page.get_by_label("Select oven", exact=True).check()
    expect(page.get_by_text("2 selected.")).to_be_visible()
    page.get_by_role("link", name="Show selected", exact=True).click()
    page.wait_for_url(re.compile(r"series=kitchen&series=oven"))
    expect(page.locator("[data-points]")).to_have_count(2)


@pytest.mark.long
def test_group_opens_its_charts(shared_visit: Visit) -> None:
    page = open_overview(shared_visit, "?overview&group=unit")
    page.keyboard.press("End")
    page.get_by_role("link", name="Show charts of °C", exact=True).click()
    page.wait_for_url(re.compile(r"series=attic&.*series=cellar"))


@pytest.mark.long
def test_search_without_a_match_says_what_to_do(shared_visit: Visit) -> None:
    page = open_overview(shared_visit)
    search(page, "no such thing")
    expect(page.get_by_text("No series found. Try another name, tag or unit.")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Overview", exact=True)).to_be_visible()


@pytest.mark.long
@pytest.mark.parametrize("width", [320, 460, 701, 1001, 1440, 2560])
def test_overview_fits_into_the_window(shared_visit: Visit, width: int) -> None:
    shared_visit.page.set_viewport_size({"width": width, "height": 700})
    page = open_overview(shared_visit)
    expect(page.locator(".overview-card").first).to_be_visible()
    page.wait_for_function("() => document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("context", [{}, PHONE], ids=["desktop", "phone"])
def test_overview_has_no_axe_violations(
    browser: Browser, shared_stack: Stack, axe: str, scheme: str, context: dict[str, Any]
) -> None:
    with new_visit(browser, shared_stack, color_scheme=scheme, **context) as visit:
        page = open_overview(visit, "?overview&group=unit")
        page.locator(".overview-card input").first.check()
        assert violations(page, axe) == []
        search(page, "kitchen")
        expect(card(page, "kitchen")).to_be_visible()
        assert violations(page, axe) == []


@pytest.fixture(scope="module")
def large_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start a stack with thousands of series, of which some have tags."""
    folder = tmp_path_factory.mktemp("large")
    with (
        RedisServer.in_folder(folder / "redis") as redis_server,
        Stack(folder, redis_server) as made,
    ):
        made.start("writer")
        made.start("web")
        now = time.time()
        for start in range(0, THOUSANDS, 1_000):
            made.post(
                "/api/readings",
                [
                    {"series": f"rack{i // 100}.sensor{i}", "value": i % 97, "ts": now - 60}
                    for i in range(start, start + 1_000)
                ],
            )
        count = "SELECT count(*) FROM series"
        wait_until("all series are stored", lambda: made.rows(count) == [(THOUSANDS,)])
        yield made


@pytest.mark.long
def test_thousands_of_series_have_elements_only_where_the_screen_is(
    tab: Page, large_stack: Stack
) -> None:
    visit = Visit(tab, large_stack)
    page = open_overview(visit, "")
    cards = page.locator(".overview-card")
    expect(cards.first).to_be_visible()
    assert cards.count() < 200
    page.keyboard.press("End")
    expect(card(page, "sensor4999")).to_be_visible()
    assert cards.count() < 200
    # Sparklines and live values follow: a new reading of a row that came into view arrives.
    reading = {"series": "rack49.sensor4999", "value": 123.25, "ts": time.time()}

    def arrives() -> bool:
        large_stack.post("/api/readings", reading | {"ts": time.time()})
        return "123.25" in card(page, "sensor4999").inner_text()

    wait_until("the new value appears", arrives)
    visit.close()
