"""Gestures on a chart: pan, select, zoom, pinch and return to live; history loads for them."""

import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, FloatRect, Page, Position, Route, expect

from tests.browser.conftest import Visit, new_visit
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

_UPPER_LEFT = Position(x=150, y=40)
_IS_PAUSED = "() => new URL(location).searchParams.get('window').includes('..')"


def canvas_box(page: Page) -> FloatRect:
    box = page.locator("canvas").first.bounding_box()
    assert box is not None
    return box


def window(page: Page) -> tuple[float, float]:
    """Wait until the window is paused; return its start and end from the page's address."""
    page.wait_for_function(_IS_PAUSED)
    (text,) = parse_qs(urlsplit(page.url).query)["window"]
    start, end = text.split("..")
    return float(start), float(end)


def drag(page: Page, start: float, end: float) -> None:
    """Drag over the first chart with Shift; start and end are shares of its width."""
    page.keyboard.down("Shift")
    drag_plainly(page, start, end)
    page.keyboard.up("Shift")


def drag_plainly(page: Page, start: float, end: float) -> None:
    """Drag over the first chart; start and end are shares of its width."""
    box = canvas_box(page)
    # Above the message of an empty chart, which is in its middle.
    y = box["y"] + box["height"] / 5
    page.mouse.move(box["x"] + start * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + (start + end) / 2 * box["width"], y)
    page.mouse.move(box["x"] + end * box["width"], y)
    page.mouse.up()


def is_live(page: Page) -> bool:
    return ".." not in page.url


def test_shift_drag_pans_and_pauses_also_while_readings_arrive(shared_visit: Visit) -> None:
    stack = shared_visit.stack
    stack.post("/api/readings", {"series": "patio", "value": 20})
    page = shared_visit.open_series("patio", window="5m", min_points=0)
    before = time.time()
    drag(page, 0.3, 0.7)
    wait_until("the window has moved", lambda: 80 < before - window(page)[1] < 160)
    start, end = window(page)
    assert end - start == pytest.approx(300, abs=0.01)
    stack.post("/api/readings", {"series": "patio", "value": 23.5})
    expect(page.get_by_role("button", name="Live", exact=True)).to_be_visible()
    wait_until("it is stored", lambda: 23.5 in stack.stored("patio"))
    assert window(page) == (start, end)
    page.keyboard.press("l")
    expect(page.locator('[data-series="patio"]')).to_contain_text("23.5")


def test_double_click_returns_to_live(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", window="5m", min_points=0)
    drag(page, 0.3, 0.7)
    window(page)
    page.locator("canvas").first.dblclick(position=_UPPER_LEFT)
    page.wait_for_function(f"() => !({_IS_PAUSED})()")
    expect(page.get_by_role("button", name="5 min", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


def test_drag_selects_and_the_bar_zooms(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", window="5m", min_points=0)
    bar = page.get_by_role("region", name="Selected range", exact=True)
    drag_plainly(page, 0.25, 0.5)
    expect(bar).to_be_visible()
    assert is_live(page)
    # A click without a drag keeps the selection, a double click leaves it.
    page.locator("canvas").first.click(position=_UPPER_LEFT)
    expect(bar).to_be_visible()
    page.locator("canvas").first.dblclick(position=_UPPER_LEFT)
    expect(bar).to_be_hidden()
    drag_plainly(page, 0.25, 0.5)
    bar.get_by_role("button", name="Zoom", exact=True).click()
    start, end = window(page)
    assert 60 < end - start < 90
    expect(bar).to_be_hidden()


def test_wheel_zooms_with_ctrl_and_scrolls_without(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", "oven", window="5m", min_points=0)
    page.set_viewport_size({"width": 800, "height": 400})
    box = canvas_box(page)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    page.mouse.wheel(0, 100)
    page.wait_for_function("() => window.scrollY > 50")
    assert is_live(page)
    page.mouse.wheel(0, -500)
    page.wait_for_function("() => window.scrollY === 0")
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    start, end = window(page)
    assert end - start < 290
    assert page.evaluate("() => window.scrollY") == 0


@pytest.fixture
def phone(browser: Browser, shared_stack: Stack) -> Iterator[Visit]:
    """Return a visit of the shared stack on a touch screen."""
    size = {"width": 400, "height": 500}
    with new_visit(browser, shared_stack, has_touch=True, viewport=size) as touch_visit:
        yield touch_visit


def touch(page: Page, *steps: list[tuple[float, float]]) -> None:
    """Touch the page with fingers, move them from step to step, and lift them."""
    session = page.context.new_cdp_session(page)
    for kind, fingers in zip(["touchStart", *["touchMove"] * (len(steps) - 1)], steps, strict=True):
        points = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(fingers)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_vertical_swipe_scrolls_the_page(phone: Visit) -> None:
    page = phone.open_series("kitchen", "oven", window="5m", min_points=0)
    box = canvas_box(page)
    x, y = box["x"] + box["width"] / 2, min(box["y"] + 150, 450.0)
    touch(page, *([(x, y - step)] for step in range(0, 130, 10)))
    page.wait_for_function("() => window.scrollY > 50")
    assert is_live(page)


def test_horizontal_swipe_pans_and_pinch_zooms(phone: Visit) -> None:
    page = phone.open_series("kitchen", window="5m", min_points=0)
    box = canvas_box(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + 60
    touch(page, *([(x + step, y)] for step in range(0, 110, 10)))
    wait_until("the window has moved", lambda: time.time() - window(page)[1] > 60)
    start, end = window(page)
    assert end - start == pytest.approx(300, abs=0.01)
    touch(page, *([(x - 40 - step, y), (x + 40 + step, y)] for step in range(0, 60, 10)))
    wait_until("the window is shorter", lambda: window(page)[1] - window(page)[0] < 200)
    zoomed = window(page)
    assert start - 60 < zoomed[0] < zoomed[1] < end + 60


def test_zoom_out_keeps_the_line_while_history_loads(shared_visit: Visit) -> None:
    now = time.time()
    readings = [{"series": "pantry", "value": i, "ts": now - 300 + i} for i in range(300)]
    shared_visit.stack.post("/api/readings", readings)
    wait_until("the readings are stored", lambda: len(shared_visit.stack.stored("pantry")) == 300)
    page = shared_visit.open_series("attic", "pantry", window="10m", min_points=300)
    held_requests: list[Route] = []

    def hold(route: Route) -> None:
        held_requests.append(route)

    def is_requested() -> bool:
        page.wait_for_timeout(20)
        return bool(held_requests)

    page.route("**/api/history?*", hold)
    page.get_by_role("button", name="1 h", exact=True).click()
    wait_until("history is requested", is_requested)
    assert shared_visit.point_count() >= 300
    assert all("points=" in route.request.url for route in held_requests)
    for route in held_requests:
        route.fallback()
    shared_visit.wait_for_points(360)


def test_spike_of_one_reading_is_visible_in_a_month(visit: Visit) -> None:
    stack = visit.stack
    stack.start("writer")
    stack.start("web")
    now = time.time()
    times = [now - 30 * 86_400 + i * 120 for i in range(21_600)]
    readings = [
        {"series": "kitchen", "value": 900 if i == 12_345 else i % 7, "ts": ts}
        for i, ts in enumerate(times)
    ]
    for start in range(0, len(readings), 1_000):
        stack.post("/api/readings", readings[start : start + 1_000])
    page = visit.open("?window=30d")
    # A bucket that begins before the window does not count; it has up to 4 hours, 120 readings.
    visit.wait_for_points(21_450)
    expect(page.locator('[data-series="kitchen"] .legend-stat').last).to_have_text("max 900")
    top = page.evaluate(
        """() => {
          const canvas = document.querySelector('canvas');
          const { width, height } = canvas;
          const { data } = canvas.getContext('2d').getImageData(90, 0, width - 110, height);
          const row = width - 110;
          let colored = height;
          for (let i = data.length / 4 - 1; i >= 0; i--) {
            const [r, g, b, a] = data.subarray(i * 4, i * 4 + 4);
            if (a > 80 && Math.max(r, g, b) - Math.min(r, g, b) > 40) colored = Math.floor(i / row);
          }
          return colored / height;
        }"""
    )
    assert top < 0.4
