"""Charts are drawn only while they are visible and something has moved."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

# Each drawing of a chart begins with clearRect.
_COUNT_DRAWINGS = """() => {
  window.drawings = new Map();
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function (...area) {
    window.drawings.set(this.canvas, (window.drawings.get(this.canvas) ?? 0) + 1);
    return clear.apply(this, area);
  };
}"""
_DRAWINGS = "() => [...document.querySelectorAll('canvas')].map(c => window.drawings.get(c) ?? 0)"
_AFTER_FRAMES = """count => new Promise((resolve) => {
  const frame = () => (count-- ? requestAnimationFrame(frame) : resolve());
  frame();
})"""


def count_drawings(page: Page, frames: int) -> list[int]:
    """Return how often each chart is drawn during a number of frames of the display."""
    page.evaluate("() => window.drawings.clear()")
    page.evaluate(_AFTER_FRAMES, frames)
    counts: list[int] = page.evaluate(_DRAWINGS)
    return counts


def test_chart_scrolled_out_of_view_is_not_drawn(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", "oven", "many.000", window="1m", min_points=0)
    page.set_viewport_size({"width": 900, "height": 320})
    page.evaluate(_COUNT_DRAWINGS)

    def is_only_one_drawn(chart: int) -> bool:
        counts = count_drawings(page, 60)
        return counts[chart] > 10 and counts[-1 - chart] == 0

    # Late history is drawn once, also in a chart out of view.
    wait_until("only the first chart is drawn", lambda: is_only_one_drawn(0))
    page.evaluate("() => window.scrollTo(0, document.body.scrollHeight)")
    wait_until("only the last chart is drawn", lambda: is_only_one_drawn(-1))


def test_image_export_draws_charts_out_of_view(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", "oven", "many.000", window="1m", min_points=0)
    page.set_viewport_size({"width": 900, "height": 320})
    page.evaluate(_COUNT_DRAWINGS)
    wait_until("the last chart is seldom drawn", lambda: count_drawings(page, 30)[-1] == 0)
    page.get_by_role("button", name="More", exact=True).click()
    drawn = page.evaluate(_DRAWINGS)[-1]
    with page.expect_download():
        page.get_by_role("button", name="Save as image", exact=True).click()
    assert page.evaluate(_DRAWINGS)[-1] > drawn


def test_paused_window_is_not_redrawn(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", window="5m", min_points=0)
    page.evaluate(_COUNT_DRAWINGS)
    page.get_by_role("button", name="Pause", exact=True).click()
    page.mouse.move(1, 1)
    # History that was requested before the pause is still drawn.
    wait_until("drawing has stopped", lambda: count_drawings(page, 60) == [0])


def test_long_window_is_drawn_only_when_it_moves_a_pixel(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", window="24h")
    page.evaluate(_COUNT_DRAWINGS)
    # Half a pixel of a day is more than half a minute. History that still loads is drawn first.
    wait_until("it is rarely drawn", lambda: sum(count_drawings(page, 60)) <= 8)
