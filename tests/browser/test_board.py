"""The board: titles and menus of its panels, a panel alone, and its columns."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.pixels import vertical_lines
from tests.browser.stacks import HOSTILE_NAMES
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

_PLOT_EDGES = """() => [...document.querySelectorAll('.panel-plot')].map((plot) => {
  const { left, right } = plot.getBoundingClientRect();
  return [Math.round(left), Math.round(right)];
})"""


def open_menu(page: Page, title: str) -> None:
    page.get_by_role("button", name=f"Menu of {title}", exact=True).click()


def shown_panels(page: Page) -> list[str | None]:
    return [
        panel.get_attribute("data-panel")
        for panel in page.locator(".panel").all()
        if panel.is_visible()
    ]


def test_panel_opened_in_full_screen_is_alone_until_escape(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", "oven")
    assert shown_panels(page) == ["line-°C", "line-W"]
    open_menu(page, "Power")
    page.get_by_role("button", name="Full screen", exact=True).click()
    expect(page).to_have_url(re.compile("panel=line-W"))
    assert shown_panels(page) == ["line-W"]
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("panel="))
    assert shown_panels(page) == ["line-°C", "line-W"]


def test_back_leaves_full_screen(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", "oven")
    open_menu(page, "Temperature")
    page.get_by_role("button", name="Full screen", exact=True).click()
    expect(page.locator('[data-panel="line-W"]')).to_be_hidden()
    page.go_back()
    expect(page.locator('[data-panel="line-W"]')).to_be_visible()


def test_address_of_panel_shows_it_alone_after_reload(shared_visit: Visit) -> None:
    page = shared_visit.open("?series=kitchen&series=oven&panel=line-W")
    expect(page.locator('[data-panel="line-W"]')).to_be_visible()
    assert shown_panels(page) == ["line-W"]
    page.get_by_role("button", name="All panels", exact=True).click()
    expect(page.locator('[data-panel="line-°C"]')).to_be_visible()
    expect(page).not_to_have_url(re.compile("panel="))


def test_address_of_unknown_panel_shows_all_panels(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", "oven", panel="line-hPa")
    assert shown_panels(page) == ["line-°C", "line-W"]


def test_many_panels_have_two_columns_on_very_wide_screen(shared_visit: Visit) -> None:
    page = shared_visit.page
    page.set_viewport_size({"width": 1700, "height": 900})
    shared_visit.open_series("kitchen", "oven")
    assert len({left for left, _ in page.evaluate(_PLOT_EDGES)}) == 1
    shared_visit.open_series(*HOSTILE_NAMES, "kitchen", "oven", window="24h")
    assert len({left for left, _ in page.evaluate(_PLOT_EDGES)}) == 2
    page.set_viewport_size({"width": 1300, "height": 900})
    page.wait_for_function(f"() => new Set(({_PLOT_EDGES})().map(([left]) => left)).size === 1")


def test_charts_with_and_without_many_series_have_same_edges(shared_visit: Visit) -> None:
    names = [f"many.{i:03}" for i in range(6)]
    page = shared_visit.open_series(*names, "kitchen", window="7d")
    assert page.locator(".panel.crowded").count() == 1
    left, other = page.evaluate(_PLOT_EDGES)
    assert left == other


def test_charts_have_their_crosshairs_below_each_other(shared_visit: Visit) -> None:
    now = time.time()
    # A line with wide labels, a line with narrow ones, and a lane.
    values = {"board.meter": (12_345_600, 12_345_700), "board.dew": (8, 9), "board.gate": (1, 0)}
    readings = [
        {"series": name, "value": pair[i % 2], "unit": unit, "ts": now - 3000 + i * 100}
        for (name, pair), unit in zip(values.items(), ("L", "°C", None), strict=True)
        for i in range(30)
    ]
    shared_visit.stack.post("/api/readings", readings)
    shared_visit.page.set_viewport_size({"width": 1280, "height": 1400})
    page = shared_visit.open_series(*values, min_points=60)
    assert {panel.get_attribute("data-type") for panel in page.locator(".panel").all()} == {
        "line",
        "states",
    }
    box = page.locator("canvas").first.bounding_box()
    assert box
    crosshairs: list[list[int]] = []

    def each_chart_has_one() -> bool:
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        crosshairs[:] = vertical_lines(page, "--muted")
        return [len(columns) for columns in crosshairs] == [1, 1, 1]

    wait_until("each chart has a crosshair", each_chart_has_one)
    assert crosshairs[0] == crosshairs[1] == crosshairs[2]
