"""What a person does with time: pan, select, zoom, pinch, and go back to live."""

import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, FloatRect, Page, Route, expect

from tests.browser.conftest import Visit, point
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

_STANDING = "() => new URL(location).searchParams.get('window').includes('..')"


def canvas(page: Page) -> FloatRect:
    box = page.locator("canvas").first.bounding_box()
    assert box is not None
    return box


def window(page: Page) -> tuple[float, float]:
    """From when to when a paused page shows, as its address says."""
    page.wait_for_function(_STANDING)
    (text,) = parse_qs(urlsplit(page.url).query)["window"]
    begin, end = text.split("..")
    return float(begin), float(end)


def drag(page: Page, begin: float, end: float) -> None:
    """Drag over the first chart, from one share of its width to another one."""
    box = canvas(page)
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + begin * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + (begin + end) / 2 * box["width"], middle)
    page.mouse.move(box["x"] + end * box["width"], middle)
    page.mouse.up()


def is_live(page: Page) -> bool:
    return ".." not in page.url


def test_drag_pans_and_pauses_and_nothing_that_comes_moves_it(guest: Visit) -> None:
    page = guest.look("kitchen", window="5m", least=0)
    before = time.time()
    drag(page, 0.3, 0.7)
    wait_until("it has moved", lambda: 80 < before - window(page)[1] < 160)
    begin, end = window(page)
    assert end - begin == pytest.approx(300, abs=0.01)
    guest.stack.post("/api/readings", {"series": "kitchen", "value": 23.5})
    expect(page.locator('[data-series="kitchen"]')).to_contain_text("23.5")
    assert window(page) == (begin, end)
    expect(page.get_by_role("button", name="Live", exact=True)).to_be_visible()


def test_a_double_click_goes_on_live(guest: Visit) -> None:
    page = guest.look("kitchen", window="5m", least=0)
    drag(page, 0.3, 0.7)
    window(page)
    page.locator("canvas").first.dblclick()
    page.wait_for_function(f"() => !({_STANDING})()")
    expect(page.get_by_role("button", name="5 min")).to_have_attribute("aria-pressed", "true")


def test_shift_and_drag_zoom_to_what_is_selected(guest: Visit) -> None:
    page = guest.look("kitchen", window="5m", least=0)
    page.keyboard.down("Shift")
    drag(page, 0.25, 0.5)
    page.keyboard.up("Shift")
    begin, end = window(page)
    assert 60 < end - begin < 90
    # A click with shift selects nothing.
    page.locator("canvas").first.click(modifiers=["Shift"])
    assert window(page) == (begin, end)


def test_the_wheel_zooms_with_ctrl_and_scrolls_without(guest: Visit) -> None:
    page = guest.look("kitchen", "oven", window="5m", least=0)
    page.set_viewport_size({"width": 800, "height": 400})
    box = canvas(page)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    page.mouse.wheel(0, 100)
    page.wait_for_function("() => window.scrollY > 50")
    assert is_live(page)
    page.mouse.wheel(0, -500)
    page.wait_for_function("() => window.scrollY === 0")
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    begin, end = window(page)
    assert end - begin < 290
    assert page.evaluate("() => window.scrollY") == 0


@pytest.fixture
def phone(browser: Browser, house: Stack) -> Iterator[Visit]:
    """A visit of the house by somebody who has fingers."""
    made = Visit(browser, house, has_touch=True, viewport={"width": 400, "height": 500})
    yield made
    made.close()


def touch(page: Page, *steps: list[tuple[float, float]]) -> None:
    """Put fingers on the page, move them, and lift them."""
    tools = page.context.new_cdp_session(page)
    for kind, fingers in zip(["touchStart", *["touchMove"] * (len(steps) - 1)], steps, strict=True):
        points = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(fingers)]
        tools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    tools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_finger_scrolls_the_page_up_and_down(phone: Visit) -> None:
    page = phone.look("kitchen", "oven", window="5m", least=0)
    box = canvas(page)
    x, y = box["x"] + box["width"] / 2, min(box["y"] + 150, 450.0)
    touch(page, *([(x, y - step)] for step in range(0, 130, 10)))
    page.wait_for_function("() => window.scrollY > 50")
    assert is_live(page)


def test_a_finger_pans_to_the_side_and_two_pinch(phone: Visit) -> None:
    page = phone.look("kitchen", window="5m", least=0)
    box = canvas(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + 60
    touch(page, *([(x + step, y)] for step in range(0, 110, 10)))
    wait_until("it has moved", lambda: time.time() - window(page)[1] > 60)
    begin, end = window(page)
    assert end - begin == pytest.approx(300, abs=0.01)
    touch(page, *([(x - 40 - step, y), (x + 40 + step, y)] for step in range(0, 60, 10)))
    wait_until("it is closer", lambda: window(page)[1] - window(page)[0] < 200)
    closer = window(page)
    assert begin - 60 < closer[0] < closer[1] < end + 60


def test_zooming_out_loads_history_while_the_old_drawing_stays(guest: Visit) -> None:
    now = time.time()
    fresh = [{"series": "pantry", "value": i, "ts": now - 300 + i} for i in range(300)]
    guest.stack.post("/api/readings", fresh)
    wait_until("they are stored", lambda: len(guest.stack.stored("pantry")) == 300)
    page = guest.look("attic", "pantry", window="10m", least=300)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    def asked() -> bool:
        page.wait_for_timeout(20)
        return bool(held)

    page.route("**/api/history?*", hold)
    page.get_by_role("button", name="1 h").click()
    wait_until("it is asked for", asked)
    assert guest.points() >= 300
    assert all("points=" in route.request.url for route in held)
    for route in held:
        route.fallback()
    guest.wait_for_points(360)


def test_in_a_gap_the_readout_says_no_data(guest: Visit) -> None:
    page = guest.look("attic", window="1h")
    guest.wait_for_points(60)
    point(page, 0.8, 0.5)
    expect(page.locator(".tooltip").first).to_contain_text("no data")


def test_a_spike_of_one_reading_can_be_seen_in_a_month(visit: Visit) -> None:
    stack = visit.stack
    stack.start("writer")
    stack.start("web")
    now = time.time()
    times = [now - 30 * 86_400 + i * 120 for i in range(21_600)]
    readings = [
        {"series": "kitchen", "value": 900 if i == 12_345 else i % 7, "ts": ts}
        for i, ts in enumerate(times)
    ]
    for begin in range(0, len(readings), 1_000):
        stack.post("/api/readings", readings[begin : begin + 1_000])
    page = visit.open("?window=30d")
    visit.wait_for_points(21_500)
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
