"""Nothing is drawn where nobody sees it, or where nothing has moved."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

# Each drawing of a chart begins with a clean canvas.
_COUNT = """() => {
  window.drawn = new Map();
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function (...area) {
    window.drawn.set(this.canvas, (window.drawn.get(this.canvas) ?? 0) + 1);
    return clear.apply(this, area);
  };
}"""
_DRAWN = "() => [...document.querySelectorAll('canvas')].map(c => window.drawn.get(c) ?? 0)"
_AFTER_FRAMES = """count => new Promise((resolve) => {
  const frame = () => (count-- ? requestAnimationFrame(frame) : resolve());
  frame();
})"""


def drawn(page: Page, frames: int) -> list[int]:
    """How often each chart is drawn meanwhile."""
    page.evaluate("() => window.drawn.clear()")
    page.evaluate(_AFTER_FRAMES, frames)
    counts: list[int] = page.evaluate(_DRAWN)
    return counts


def test_a_chart_that_is_scrolled_away_is_not_drawn(guest: Visit) -> None:
    page = guest.look("kitchen", "oven", "many.000", window="1m", least=0)
    page.set_viewport_size({"width": 900, "height": 320})
    page.evaluate(_COUNT)

    def in_sight(chart: int) -> bool:
        counts = drawn(page, 60)
        return counts[chart] > 10 and counts[-1 - chart] == 0

    # What comes late is drawn once, wherever it is.
    wait_until("only the first is drawn", lambda: in_sight(0))
    page.evaluate("() => window.scrollTo(0, document.body.scrollHeight)")
    wait_until("only the last is drawn", lambda: in_sight(-1))


def test_a_picture_has_what_is_scrolled_away_as_it_is_now(guest: Visit) -> None:
    page = guest.look("kitchen", "oven", "many.000", window="1m", least=0)
    page.set_viewport_size({"width": 900, "height": 320})
    page.evaluate(_COUNT)
    wait_until("the last is not drawn any more", lambda: drawn(page, 30)[-1] == 0)
    page.get_by_role("button", name="More").click()
    with page.expect_download():
        page.get_by_role("button", name="Save as picture").click()
    assert page.evaluate(_DRAWN)[-1] == 1


def test_a_window_that_stands_is_drawn_once(guest: Visit) -> None:
    page = guest.look("kitchen", window="5m", least=0)
    page.evaluate(_COUNT)
    page.get_by_role("button", name="Pause").click()
    page.mouse.move(1, 1)
    # What was asked for before may still come, and is drawn.
    wait_until("it stands still", lambda: drawn(page, 60) == [0])


def test_a_long_window_is_drawn_no_more_often_than_it_moves(guest: Visit) -> None:
    page = guest.look("kitchen", window="24h")
    page.evaluate(_COUNT)
    # Half a pixel of a day is more than half a minute. At first history comes, and is drawn.
    wait_until("it is hardly drawn", lambda: sum(drawn(page, 60)) <= 8)
