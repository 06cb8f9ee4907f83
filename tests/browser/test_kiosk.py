"""Kiosk view: charts and the status, without controls."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SERIES_BUTTON, Visit
from tests.browser.stacks import HOSTILE_NAMES
from tests.browser.views import put_view, rooms
from tests.support.stack import Stack

__all__ = ["rooms"]

SCREENS = [(800, 480), (1024, 600), (1280, 800), (1920, 1080)]
# Returns a sentence for each panel or row that is cut, and for each chart that has no height.
KIOSK_FAULTS = """() => {
  const faults = [];
  const inside = (inner, outer) =>
    inner.left >= outer.left - 1 && inner.right <= outer.right + 1 &&
    inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
  const screen = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
  for (const panel of document.querySelectorAll(".panel")) {
    const box = panel.getBoundingClientRect();
    const name = panel.querySelector(".panel-title").textContent;
    if (!inside(box, screen)) faults.push(`${name} is cut`);
    const chart = panel.querySelector("canvas").getBoundingClientRect();
    if (!inside(chart, box) || chart.height < 40) faults.push(`chart of ${name} is cut`);
    for (const row of panel.querySelectorAll(".legend li")) {
      const rowBox = row.getBoundingClientRect();
      if (!inside(rowBox, box)) faults.push(`${row.textContent} is cut`);
      const isBeside = rowBox.left >= chart.right - 1;
      if (!isBeside && rowBox.bottom > chart.top + 6) faults.push(`${row.textContent} covers`);
    }
  }
  return faults;
}"""

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]


def test_kiosk_view_has_no_controls_except_exit(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", "oven", kiosk="1")
    expect(page.locator("#state")).to_be_visible()
    expect(page.locator("#age")).to_be_visible()
    # The name of the button "Series" goes on with a number.
    for name in (SERIES_BUTTON, re.compile("^More$"), re.compile("^Pause$")):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    assert page.evaluate("() => document.documentElement.scrollHeight - innerHeight") <= 0
    page.mouse.move(300, 300)
    page.get_by_role("button", name="Leave kiosk view", exact=True).click()
    expect(page.get_by_role("button", name=SERIES_BUTTON)).to_be_visible()
    expect(page).not_to_have_url(re.compile("kiosk"))


def test_key_k_enters_and_leaves_kiosk_view(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", "oven")
    page.keyboard.press("k")
    expect(page.get_by_role("button", name=SERIES_BUTTON)).to_have_count(0)
    expect(page).to_have_url(re.compile("kiosk=1"))
    page.keyboard.press("k")
    expect(page.get_by_role("button", name=SERIES_BUTTON)).to_be_visible()


def test_kiosk_view_offers_no_edit_button(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", "cellar", kiosk="1")
    expect(page.locator(".legend-entry").first).to_be_visible()
    expect(page.locator(".legend-edit").first).to_be_hidden()
    assert page.get_by_role("button", name=re.compile("^Edit ")).count() == 0


@pytest.mark.usefixtures("rooms")
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: f"{screen[0]}x{screen[1]}")
def test_kiosk_view_of_ten_panels_shows_every_chart_and_row(
    shared_visit: Visit, shared_stack: Stack, screen: tuple[int, int]
) -> None:
    page = shared_visit.page
    page.set_viewport_size({"width": screen[0], "height": screen[1]})
    four = {"series": ["kitchen", "cellar", "attic", "hall"], "limits": ["18..24"]}
    number = {"type": "value", "series": ["kitchen"]}
    put_view(shared_stack, "rooms", {"panels": [four, number] * 3 + [four] * 4})
    shared_visit.open("v/rooms?kiosk=1&window=24h")
    expect(page.locator(".panel")).to_have_count(10)
    expect(page.locator(".legend li")).to_have_count(7 * 4 + 3)
    # The charts get their size after the columns.
    page.wait_for_function(f"() => ({KIOSK_FAULTS})().length === 0")


@pytest.mark.usefixtures("rooms")
def test_number_with_a_prefix_keeps_its_unit_in_kiosk_view(
    shared_visit: Visit, shared_stack: Stack
) -> None:
    page = shared_visit.page
    page.set_viewport_size({"width": 800, "height": 480})
    put_view(shared_stack, "rooms", {"panels": [{"series": ["oven"]}, *[{"series": ["hall"]}] * 9]})
    shared_visit.open("v/rooms?kiosk=1&window=24h")
    unit = page.locator('[data-series="oven"] .legend-unit')
    expect(unit).to_have_text("kW")
    expect(unit).to_be_visible()
    expect(page.locator(".panel:nth-child(2) .legend-unit")).to_be_hidden()


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: f"{screen[0]}x{screen[1]}")
def test_kiosk_view_shows_every_panel_and_row(shared_visit: Visit, screen: tuple[int, int]) -> None:
    page = shared_visit.page
    page.set_viewport_size({"width": screen[0], "height": screen[1]})
    few = ["kitchen", "cellar", "attic", "hall", "porch", "oven", *HOSTILE_NAMES[:3]]
    shared_visit.open_series(*few, window="24h", kiosk="1")
    expect(page.locator(".panel")).to_have_count(5)
    assert page.evaluate(KIOSK_FAULTS) == []
    many = [f"many.{i:03}" for i in range(16)]
    shared_visit.open_series(*many, window="7d", kiosk="1")
    expect(page.locator(".legend li")).to_have_count(16)
    assert page.evaluate(KIOSK_FAULTS) == []
