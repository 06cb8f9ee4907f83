"""The tooltip: time and values at the crosshair, and where it is placed."""

import re
import time
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from tests.browser.conftest import Visit, new_visit, show_tooltip
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser]


def oven_window(visit: Visit) -> str:
    """Return the range from the first to the last reading of the oven."""
    times = visit.stack.get("/api/history?series=oven&from=-2h")["series"]["oven"]["t"]
    return f"{times[0]}..{times[-1]}"


def test_tooltip_shows_series_and_time(visit: Visit) -> None:
    stack = visit.stack
    stack.start("writer")
    stack.start("web")
    now = time.time()
    stack.post(
        "/api/readings",
        [{"series": "kitchen", "value": 20 + i / 10, "ts": now - 40 + i} for i in range(40)],
    )
    page = visit.open()
    visit.wait_for_points(40)
    show_tooltip(page, 0.5, 0.5)
    tooltip = page.locator(".tooltip").first
    expect(tooltip).to_contain_text("kitchen")
    expect(tooltip.locator("time")).to_contain_text(str(datetime.now(UTC).year))


@pytest.mark.long
def test_crosshair_shows_a_tooltip_in_every_chart(shared_visit: Visit) -> None:
    window = oven_window(shared_visit)
    page = shared_visit.open_series("kitchen", "cellar", "oven", window=window)
    shared_visit.wait_for_points(900)
    show_tooltip(page, 0.5, 0.5)
    tooltips = page.locator(".tooltip")
    expect(tooltips).to_have_count(2)
    temperature, power = tooltips.nth(0), tooltips.nth(1)
    expect(temperature.locator(".series-name")).to_have_text(["kitchen", "cellar"])
    expect(temperature.locator(".tooltip-value").first).to_contain_text("°C")
    expect(power).to_contain_text("kW")
    assert temperature.locator("time").inner_text() == power.locator("time").inner_text()
    page.mouse.move(5, 5)
    expect(temperature).to_be_hidden()
    expect(power).to_be_hidden()


@pytest.mark.long
def test_tooltip_beyond_the_readings_says_why_there_is_no_value(shared_visit: Visit) -> None:
    now = time.time()
    shared_visit.stack.post(
        "/api/readings",
        [{"series": "loft", "value": 20, "unit": "°C", "ts": now - 10}]
        + [{"series": "annex", "value": i, "unit": "°C", "ts": now - 2_400 + i} for i in range(60)],
    )
    wait_until("they are stored", lambda: len(shared_visit.stack.stored("annex")) == 60)
    page = shared_visit.open_series("loft", "annex", window="1h", min_points=61)
    show_tooltip(page, 0.7, 0.5)
    values = page.locator(".tooltip .tooltip-value")
    expect(values).to_have_text(["no data", re.compile(r"^silent since .*\d:\d\d:\d\d")])


@pytest.mark.long
def test_tooltip_does_not_cover_the_line(shared_visit: Visit) -> None:
    # The line of the oven rises from the lower left to the upper right.
    page = shared_visit.open_series("oven", window=oven_window(shared_visit))
    tooltip = page.locator(".tooltip")
    for across, down in ((0.35, 0.9), (0.8, 0.1)):
        show_tooltip(page, across, down)
        expect(tooltip).to_be_visible()
        box = tooltip.bounding_box()
        canvas = page.locator("canvas").bounding_box()
        assert box
        assert canvas
        left = (box["x"] - canvas["x"]) / canvas["width"]
        right = left + box["width"] / canvas["width"]
        top = (box["y"] - canvas["y"]) / canvas["height"]
        bottom = top + box["height"] / canvas["height"]
        # On the line, the shares from the left and from the top add up to about 1.
        assert left + top > 1.0 or right + bottom < 1.1, (left, right, top, bottom)


@pytest.mark.long
@pytest.mark.parametrize("width", [320, 340])
def test_wide_tooltip_stays_on_a_narrow_screen(browser: Browser, stack: Stack, width: int) -> None:
    stack.start("writer")
    stack.start("web")
    now = time.time()
    names = [f"building.{'north' * 6}.floor.{i}.temperature" for i in range(12)]
    readings = [
        {"series": name, "value": -123456.789012 + i, "unit": "m³/h", "ts": now - 600 + i * 50}
        for name in names
        for i in range(12)
    ]
    stack.post("/api/readings", readings)
    size = ViewportSize(width=width, height=800)
    with new_visit(browser, stack, viewport=size) as visit:
        page = visit.open_series(*names, window="1h", min_points=12 * 12, compare="1h")
        page.locator("canvas").first.scroll_into_view_if_needed()
        # A day has buckets, whose values have ranges.
        for window in ("1 h", "30 d"):
            page.get_by_role("button", name=window, exact=True).click()
            for across in (0.5, 0.95):
                show_tooltip(page, across, 0.4)
                boxes = page.locator(".tooltip, .tooltip p, .tooltip-value, .tooltip time")
                for box in boxes.evaluate_all(
                    "all => all.map(one => one.getBoundingClientRect().toJSON())"
                ):
                    assert box["left"] >= 0, box
                    assert box["right"] <= width, box
                cut = "all => all.filter(one => one.scrollWidth > one.clientWidth).length"
                assert page.locator(".tooltip, .tooltip-value").evaluate_all(cut) == 0


@pytest.mark.long
def test_tooltip_after_the_last_reading_shows_since_when(shared_visit: Visit) -> None:
    page = shared_visit.open_series("attic", window="1h")
    shared_visit.wait_for_points(60)
    show_tooltip(page, 0.8, 0.5)
    expect(page.locator(".tooltip").first).to_contain_text("silent since")


@pytest.mark.long
def test_tooltip_of_a_chart_that_is_partly_below_the_head_is_visible(shared_visit: Visit) -> None:
    page = shared_visit.page
    page.set_viewport_size({"width": 390, "height": 500})
    shared_visit.open_series("kitchen", "cellar", "oven", window="1h")
    canvas = page.locator("canvas").first
    # The head covers the upper third of the chart.
    page.evaluate(
        """canvas => {
          const { top, height } = canvas.getBoundingClientRect();
          const head = document.querySelector("header").getBoundingClientRect().bottom;
          scrollBy(0, top + height / 3 - head);
        }""",
        canvas.element_handle(),
    )
    show_tooltip(page, 0.5, 0.6)
    tooltip = page.locator(".tooltip").first.bounding_box()
    head = page.locator("header").bounding_box()
    assert tooltip
    assert head
    assert tooltip["y"] >= head["y"] + head["height"]
    assert tooltip["y"] + tooltip["height"] <= 500
