"""Comparing charts with an earlier time: the ghost line, its difference, and the address."""

import re
import time

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.browser.conftest import Visit, new_visit
from tests.browser.test_accessibility import axe, violations
from tests.support.stack import Stack
from tests.support.waiting import wait_until

__all__ = ["axe"]

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

_DAY_SECONDS = 86_400
# Counts the coloured pixels in a third of the first chart, by default the upper one; the grid is
# grey.
_COUNT = """(third = 0) => {
  const canvas = document.querySelector('canvas');
  if (!canvas) return 0;
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const context = copy.getContext('2d', { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  const height = Math.floor(canvas.height / 3);
  const { data } = context.getImageData(0, third * height, canvas.width, height);
  let count = 0;
  for (let i = 0; i < data.length; i += 4) {
    const [red, green, blue, alpha] = data.slice(i, i + 4);
    if (alpha > 60 && Math.max(red, green, blue) - Math.min(red, green, blue) > 60) count++;
  }
  return count;
}"""
MIN_GHOST_PIXELS = 300


@pytest.fixture
def room_visit(visit: Visit, stack: Stack) -> Visit:
    """Visit a page of a room that has had 21.4 °C for an hour, and a day ago 30.6 °C."""
    stack.start("writer")
    stack.start("web")
    now = time.time()
    readings = [
        {"series": "room", "value": value, "unit": "°C", "ts": now - ago - i * 10}
        for value, ago in ((21.4, 0), (30.6, _DAY_SECONDS))
        for i in range(360)
    ]
    stack.post("/api/readings", readings)
    wait_until(
        "the readings are stored", lambda: stack.rows("SELECT count(*) FROM readings") == [(720,)]
    )
    return visit


def choose(page: Page, name: str) -> None:
    """Choose what to compare with in the menu of the header."""
    page.locator("#open-compare").click()
    page.locator("#compare-menu").get_by_role("button", name=name, exact=True).click()
    expect(page.locator("#compare-menu")).to_be_hidden()


def wait_for_ghost(page: Page) -> None:
    """Wait until the line of the day before is drawn, above the present one."""
    page.wait_for_function(f"min => ({_COUNT})() >= min", arg=MIN_GHOST_PIXELS)


def value_at_end(page: Page) -> Locator:
    """Move the crosshair to the last reading by keys, and return what the readout says."""
    page.get_by_role("application", name=re.compile("room$")).focus()
    page.keyboard.press("End")
    return page.locator(".tooltip .tooltip-value")


def test_day_before_is_drawn_and_read_out_until_it_is_turned_off(room_visit: Visit) -> None:
    page = room_visit.open_series("room", min_points=360)
    button = page.locator("#open-compare")
    expect(button).to_have_text("Compare")
    choose(page, "Yesterday (1 day ago)")
    expect(button).to_have_text("Compare: 1 day ago")
    expect(page).to_have_url(re.compile(r"compare=1d"))
    wait_for_ghost(page)
    expected = re.compile(r"^21\.4 °C, -9\.2 vs 30\.6 °C 1 day ago$")
    expect(value_at_end(page)).to_have_text(expected)
    read_out = page.locator("[aria-live=polite]", has_text="room")
    expect(read_out).to_have_text(re.compile(r"room 21\.4 °C, -9\.2 vs 30\.6 °C 1 day ago$"))
    page.reload()
    expect(button).to_have_text("Compare: 1 day ago")
    wait_for_ghost(page)
    choose(page, "Off")
    expect(button).to_have_text("Compare")
    expect(page).not_to_have_url(re.compile("compare"))
    expect(value_at_end(page)).to_have_text("21.4 °C")
    page.keyboard.press("Escape")
    page.wait_for_function(f"() => ({_COUNT})() === 0")


def test_paused_window_is_compared_and_the_ghost_moves_with_it(room_visit: Visit) -> None:
    now = time.time()
    window = f"{now - 3_000:.0f}..{now - 600:.0f}"
    page = room_visit.open_series("room", window=window, min_points=200, compare="1d")
    wait_for_ghost(page)
    page.keyboard.press("ArrowRight")
    # The window shows half of the margin that was loaded.
    expect(page).not_to_have_url(re.compile(re.escape(window)))
    wait_for_ghost(page)
    with page.expect_response(re.compile("/api/history")):
        page.get_by_role("button", name="Back by a window", exact=True).click()


def test_comparison_is_a_step_of_the_browser(room_visit: Visit) -> None:
    page = room_visit.open_series("room", min_points=360)
    button = page.locator("#open-compare")
    choose(page, "Yesterday (1 day ago)")
    expect(page).to_have_url(re.compile("compare=1d"))
    choose(page, "7 days ago")
    expect(page).to_have_url(re.compile("compare=7d"))
    page.go_back()
    expect(button).to_have_text("Compare: 1 day ago")
    wait_for_ghost(page)
    page.go_back()
    expect(button).to_have_text("Compare")
    expect(page).not_to_have_url(re.compile("compare"))
    page.wait_for_function(f"() => ({_COUNT})() === 0")
    page.go_forward()
    expect(button).to_have_text("Compare: 1 day ago")
    wait_for_ghost(page)


def test_line_of_a_counter_leaves_room_for_the_day_before(visit: Visit, stack: Stack) -> None:
    stack.start("writer")
    stack.start("web")
    now = time.time()
    readings = [
        {"series": "meter", "value": start - i / 1_000, "unit": "kWh", "ts": now - ago - i * 10}
        for start, ago in ((327, 0), (320, _DAY_SECONDS))
        for i in range(360)
    ]
    stack.post("/api/readings", readings)
    address = f"http://127.0.0.1:{stack.port}/api/series/meter"
    assert visit.page.request.patch(address, data={"kind": "counter"}).ok
    page = visit.open_series("meter", window="1h", min_points=360)
    expect(page.locator("[data-type=line]")).to_have_count(1)
    choose(page, "Yesterday (1 day ago)")
    # The two lines are far from each other: one at the top of the chart and one at the bottom.
    for third, is_drawn in ((0, True), (1, False), (2, True)):
        page.wait_for_function(
            f"([third, isDrawn, min]) => isDrawn === (({_COUNT})(third) >= min)",
            arg=[third, is_drawn, MIN_GHOST_PIXELS],
        )


def test_another_time_is_typed_and_a_wrong_one_explained(room_visit: Visit) -> None:
    page = room_visit.open_series("room")
    page.locator("#open-compare").click()
    field = page.get_by_label("Another time ago")
    field.fill("soon")
    page.keyboard.press("Enter")
    expect(page.locator("#compare-error")).to_contain_text("such as 3 h or 2 weeks")
    field.fill("2 weeks")
    page.keyboard.press("Enter")
    expect(page.locator("#compare-menu")).to_be_hidden()
    expect(page).to_have_url(re.compile("compare=2w"))
    # Nothing was recorded then, and the header says so.
    expect(page.locator("#open-compare")).to_have_text("Compare: 2 weeks ago: no readings")
    page.locator("#open-compare").click()
    expect(field).to_have_value("2 weeks")


def test_history_that_does_not_come_is_reported(room_visit: Visit) -> None:
    page = room_visit.open_series("room", min_points=360)
    page.route("**/api/history*", lambda route: route.abort("connectionrefused"))
    choose(page, "7 days ago")
    expect(page.locator("#open-compare")).to_have_text("Compare: 7 days ago: not loaded")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_compare_menu_has_no_axe_violations(
    browser: Browser, shared_stack: Stack, axe: str, scheme: str
) -> None:
    size = ViewportSize(width=320, height=640)
    with new_visit(browser, shared_stack, color_scheme=scheme, viewport=size) as visit:
        page = visit.open_series("kitchen", "oven", compare="1d")
        page.locator("#open-compare").click()
        menu = page.locator("#compare-menu")
        expect(menu).to_be_visible()
        page.get_by_label("Another time ago").fill("soon")
        page.keyboard.press("Enter")
        expect(page.locator("#compare-error")).to_be_visible()
        box = menu.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size["width"]
        assert menu.evaluate("menu => menu.scrollWidth <= menu.clientWidth")
        assert violations(page, axe) == []
