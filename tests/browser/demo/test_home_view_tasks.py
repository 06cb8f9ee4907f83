"""Tasks of a user who keeps, exports and prints the charts of the demo `home`."""

import csv
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PageVisit
from tests.browser.demo.conftest import demo_visit
from tests.browser.demo.demo_answers import DAY_SECONDS, readings
from tests.browser.demo.task_user import TaskUser, open_home
from tests.browser.test_print import WATCH
from tests.support.demo_stacks import DemoStack
from tests.support.waiting import time_limit

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

SHARE_SECONDS = 60.0
_PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
_COLORS = """() => Object.fromEntries(
  [...document.querySelectorAll('.legend-entry')].map((entry) =>
    [entry.dataset.series, getComputedStyle(entry).getPropertyValue('--line')]))"""
# Finds what is cut at the right edge of the screen, or reaches over it.
_TOO_WIDE = """() => [...document.querySelectorAll('body *')].filter((element) => {
  const { right, width, height } = element.getBoundingClientRect();
  return element.checkVisibility() && width > 1 && height > 1 && right > innerWidth + 1
    && !element.closest('svg, .visually-hidden, .time-windows');
}).map((element) => element.outerHTML.slice(0, 120))"""


@pytest.fixture
def visit(tab: Page, home_demo: DemoStack) -> Iterator[PageVisit]:
    """Visit the page of the demo."""
    with demo_visit(tab, home_demo) as own_visit:
        yield own_visit


@pytest.fixture
def free_name(visit: PageVisit, home_demo: DemoStack) -> Iterator[str]:
    """Return the name of a view that does not exist before and after the test."""
    yield "my-rooms"
    visit.leave()
    home_demo.request("DELETE", "/api/views/my-rooms")


def save_view(user: TaskUser, title: str) -> None:
    """Save the shown charts as a view."""
    user.press_button("More")
    user.click(user.page.locator("#menu").get_by_role("button", name="Save as view", exact=True))
    dialog = user.page.get_by_role("dialog", name="Save as view")
    user.fill(dialog.get_by_label("Title"), title)
    user.press_button("Save view", dialog)
    expect(dialog).to_be_hidden()


def shown_series(page: Page) -> list[str | None]:
    """Return the names of the shown series, panel by panel."""
    page.wait_for_selector("[data-points]")
    page.wait_for_selector(".legend-entry")
    return [entry.get_attribute("data-series") for entry in page.locator(".legend-entry").all()]


def test_charts_are_kept_under_a_name_and_shared_within_a_minute(
    visit: PageVisit, browser: Browser, free_name: str
) -> None:
    with time_limit("a view is made and shared", SHARE_SECONDS):
        user = open_home(visit)
        user.press_key("/")
        dialog = user.page.get_by_role("dialog", name="Series")
        user.fill(dialog.get_by_role("searchbox"), "co2")
        user.press_button("Select none", dialog)
        user.press_button("Select all found", dialog)
        user.press_button("Apply", dialog)
        save_view(user, "My rooms")
        expect(user.page).to_have_url(re.compile(f"/v/{free_name}$"))
        address = user.page.url
        with browser.new_context() as context:
            other = context.new_page()
            other.goto(address)
            assert shown_series(other) == ["bedroom.co2", "living-room.co2"]
            expect(other.locator("#view-title")).to_have_text("My rooms")
            assert other.locator(".panel").count() == user.page.locator(".panel").count() == 1
    assert user.actions <= 9


def test_limits_are_set_with_a_form(visit: PageVisit, home_demo: DemoStack, free_name: str) -> None:
    user = open_home(visit)
    save_view(user, "My rooms")
    expect(user.page).to_have_url(re.compile(f"/v/{free_name}$"))
    panel = user.panel("bedroom.temperature")
    user.click(panel.get_by_role("button", name="Menu of Temperature", exact=True))
    user.press_button("Edit panel", panel)
    dialog = user.page.get_by_role("dialog")
    user.fill(dialog.get_by_label("Limits"), "18..24")
    user.press_button("Apply", dialog)
    user.press_button("Save", user.page.get_by_role("region", name="Edit view"))
    expect(user.page.get_by_role("region", name="Edit view")).to_be_hidden()
    assert user.actions <= 10
    limits = [one["limits"] for one in home_demo.get(f"/api/views/{free_name}")["panels"]]
    assert [one for one in limits if one] == [["18..24"]]
    description = panel.get_by_role("application")
    expect(description).to_be_visible()


def test_week_is_saved_as_csv_with_every_reading(visit: PageVisit, home_demo: DemoStack) -> None:
    user = open_home(visit)
    user.press_key("/")
    dialog = user.page.get_by_role("dialog", name="Series")
    user.fill(dialog.get_by_role("searchbox"), "air pressure")
    user.press_key("Enter")
    user.press_button("7 d")
    visit.wait_for_points(1)
    user.press_button("More")
    with user.page.expect_download() as download:
        user.click(user.page.locator("#menu").get_by_role("button", name="Save as CSV", exact=True))
    assert user.actions <= 6
    with download.value.path().open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["series"] == "outdoor.pressure"]
    now = time.time()
    days = [
        readings(home_demo, "outdoor.pressure", now - (i + 1) * DAY_SECONDS, now - i * DAY_SECONDS)
        for i in range(7)
    ]
    count = sum(len(day) for day in days)
    assert sum(int(row["count"] or 1) for row in rows) == pytest.approx(count, abs=8)
    values = [value for day in days for _time, value in day]
    lowest = min(float(row["min"] or row["value"]) for row in rows)
    assert lowest == pytest.approx(min(values), abs=0.05)


def test_units_have_panels_of_their_own(visit: PageVisit) -> None:
    user = open_home(visit)
    panels = {
        title: user.panel(series).get_attribute("data-panel")
        for title, series in (
            ("Temperature°C", "kitchen.temperature"),
            ("Humidity%", "kitchen.humidity"),
            ("PowerW", "house.power"),
        )
    }
    assert len(set(panels.values())) == 3
    for title, name in panels.items():
        panel = user.page.locator(f'[data-panel="{name}"]')
        expect(panel.get_by_role("heading")).to_have_text(title)
        assert panel.locator(".legend-entry").count() >= 1


def test_printed_charts_are_drawn(visit: PageVisit) -> None:
    user = open_home(visit)
    user.press_button("24 h")
    user.page.evaluate(WATCH)
    user.page.pdf(format="A4")
    printed = user.page.evaluate("() => window.printed")
    assert len(printed) == 7
    for chart in printed:
        assert chart["drawn"], printed
        assert not chart["isCut"], printed
        assert chart["width"] <= chart["paper"], printed


def test_names_differ_and_fit_on_a_phone(browser: Browser, home_demo: DemoStack) -> None:
    with browser.new_context(**_PHONE) as context, demo_visit(context.new_page(), home_demo) as own:
        user = open_home(own)
        assert user.page.evaluate(_TOO_WIDE) == []
        assert user.page.evaluate("() => document.documentElement.scrollWidth") <= 390
        names = user.page.locator(".legend-entry .series-name")
        expect(names).to_have_count(20)
        # The title of a panel says what its names leave out: "Humidity", "Bathroom".
        for panel in user.page.locator(".panel").all():
            texts = panel.locator(".legend-entry .series-name").all_inner_texts()
            assert len(texts) == len(set(texts))
        for name in names.all():
            assert name.evaluate("name => name.scrollWidth <= name.clientWidth + 1")


def test_colours_stay_on_a_reload(visit: PageVisit) -> None:
    user = open_home(visit)
    before = user.page.evaluate(_COLORS)
    assert len(before) == 20
    assert all(before.values())
    user.press_button("24 h")
    user.page.reload()
    user.page.wait_for_function(f"() => Object.keys(({_COLORS})()).length === 20")
    assert user.page.evaluate(_COLORS) == before
