"""The bar at the top: no item covers another, at any width of the window."""

import re
from itertools import combinations
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Visit, new_visit
from tests.support.stack import Stack

pytestmark = [pytest.mark.redis, pytest.mark.browser]

HEIGHT = 700
# Both sides of each width at which the style changes, and common widths of screens.
WIDTHS = (
    *(320, 390, 460, 461, 480, 600, 700, 701, 751, 768, 801, 820, 900, 901, 951, 1000, 1001),
    *(1080, 1100, 1279, 1280, 1366, 1440, 1499, 1500, 1600, 1659, 1660, 1920, 2560),
)
# From this width on the bar has one row, as long as the status is a usual one.
MIN_ONE_ROW_WIDTH = 1280
REFUSED = {"ok": False, "answers": True, "error": "used memory is above maxmemory"}
# The longest texts of the status, of what a reconnection says, of the age, of the lag, and of what
# is compared.
LONGEST = {
    "state": "Database unavailable",
    "event": "123,456 readings recovered",
    "age": "Last data 89 min ago",
    "delay": "Delay 120 ms",
    "compare-label": "Compare: 90 minutes ago: no readings",
}
# Sets texts and measures in one step, since the page sets its own texts again each second.
_MEASURE = """(texts) => {
  for (const [id, text] of Object.entries(texts)) document.getElementById(id).textContent = text;
  const items = document.querySelectorAll(`
    .topbar-brand > *, .status-pill, .status-facts > *, .time-steps button, .time-windows button,
    .time-toggle, .compare-open, .topbar-tools > button`);
  return [...items].map((item) => {
    const { left, top, right, bottom } = item.getBoundingClientRect();
    const isCut = item.scrollWidth > item.clientWidth && item.clientWidth > 1;
    return [item.textContent.trim() || item.id || item.tagName, left, top, right, bottom, isCut];
  });
}"""


class Box(NamedTuple):
    """An item of the bar: its text, its edges in pixels, and true if its text overflows."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    is_cut: bool

    def overlaps(self, other: "Box") -> bool:
        """Return True if this item and another have an area in common."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def row_count(page: Page, width: int) -> int:
    """Return the number of rows of the bar, with a usual age and delay in its status."""
    page.set_viewport_size({"width": width, "height": HEIGHT})
    texts = {"state": "Paused", "event": "", "age": "Last data 12 s ago", "delay": "Delay 120 ms"}
    boxes = [Box(*measured) for measured in page.evaluate(_MEASURE, texts)]
    rows: list[Box] = []
    for box in sorted((box for box in boxes if box.right - box.left > 1), key=lambda box: box.top):
        # The age and the delay may stand in two lines of one row.
        if not rows or box.top >= max(other.bottom for other in rows):
            rows.append(box)
        elif box.bottom > rows[-1].bottom:
            rows[-1] = box
    return len(rows)


def faults(page: Page, width: int, **texts: str) -> list[str]:
    """Return a sentence for each item that is covered, cut or outside a window of this width."""
    page.set_viewport_size({"width": width, "height": HEIGHT})
    boxes = [Box(*measured) for measured in page.evaluate(_MEASURE, texts)]
    # Items for screen readers only have a width of one pixel.
    shown = [box for box in boxes if box.right - box.left > 1]
    assert len(shown) >= 12
    found = [f"{a.text} overlaps {b.text}" for a, b in combinations(shown, 2) if a.overlaps(b)]
    found += [f"{box.text} is cut" for box in shown if box.is_cut]
    found += [f"{box.text} is outside" for box in shown if box.left < 0 or box.right > width]
    return [f"at {width} px {sentence}" for sentence in found]


@pytest.mark.long
def test_refused_writes_leave_all_items_of_the_bar_visible(
    browser: Browser, shared_stack: Stack
) -> None:
    with new_visit(browser, shared_stack) as visit:
        page = visit.page
        body = shared_stack.get("/api/status") | {"redis": REFUSED}
        page.route("**/api/status", lambda route: route.fulfill(json=body))
        page.clock.install()
        visit.open_series("kitchen", "oven")
        # The page shows a fault that is in two answers, 4 seconds apart.
        for _ in range(2):
            with page.expect_response("**/api/status"):
                page.clock.fast_forward(4_000)
        state = page.locator("#state")
        expect(state).to_have_text("Not accepted")
        assert [fault for width in WIDTHS for fault in faults(page, width)] == []
        page.keyboard.press(" ")
        expect(page.locator("#time-range")).not_to_be_empty()
        assert [fault for width in WIDTHS for fault in faults(page, width)] == []
        assert state.inner_text() == "Not accepted"


@pytest.mark.long
@pytest.mark.parametrize("paused", [False, True], ids=["live", "paused"])
def test_longest_texts_leave_all_items_of_the_bar_visible(
    shared_visit: Visit, paused: bool
) -> None:
    page = shared_visit.open_series("kitchen", "oven")
    if paused:
        page.keyboard.press(" ")
        expect(page.locator("#time-range")).not_to_be_empty()
    assert [fault for width in WIDTHS for fault in faults(page, width, **LONGEST)] == []


@pytest.mark.long
@pytest.mark.parametrize("paused", [False, True], ids=["live", "paused"])
def test_wide_window_has_one_row_beside_the_count_of_all_series(
    shared_visit: Visit, paused: bool
) -> None:
    page = shared_visit.open_series("kitchen", "oven", window="24h")
    expect(page.locator("#open-series")).to_have_text(re.compile(r"^\s*Series 2 of \d+\s*$"))
    if paused:
        page.keyboard.press(" ")
        expect(page.locator("#time-range")).not_to_be_empty()
    widths = [width for width in WIDTHS if width >= MIN_ONE_ROW_WIDTH]
    assert {width: row_count(page, width) for width in widths} == dict.fromkeys(widths, 1)
