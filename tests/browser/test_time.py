"""Moving in time: the picker, steps by a window, lengths around a past moment, and Back."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Visit, new_visit
from tests.support.stack import Stack

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

PAST = "1763790000..1763793600"
_RANGE = """() => {
  const window = new URL(location).searchParams.get("window") ?? "";
  return window.includes("..") ? window.split("..").map(Number) : null;
}"""


def wait_for_range(page: Page, start: float, end: float) -> None:
    """Wait until the address has this fixed range."""
    page.wait_for_function(
        f"ends => {{ const range = ({_RANGE})();"
        " return range && ends.every((end, i) => Math.abs(end - range[i]) < 0.01); }",
        arg=[start, end],
    )


def open_picker(page: Page) -> Locator:
    page.keyboard.press("g")
    dialog = page.get_by_role("dialog", name="Date and time", exact=True)
    expect(dialog).to_be_visible()
    return dialog


def test_date_and_time_are_chosen_by_keyboard(shared_visit: Visit) -> None:
    page = shared_visit.open("?series=kitchen&window=1h")
    dialog = open_picker(page)
    expect(dialog.get_by_label("From")).to_be_focused()
    dialog.get_by_label("From").fill("2025-11-03T00:00:00")
    dialog.get_by_label("To", exact=True).fill("2025-11-04T00:00:00")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator("#time-range")).to_contain_text("Nov 3, 2025")
    start = page.evaluate("() => new Date('2025-11-03T00:00:00').getTime() / 1000")
    wait_for_range(page, start, start + 86_400)


def test_unusable_dates_are_explained(shared_visit: Visit) -> None:
    page = shared_visit.open(f"?series=kitchen&window={PAST}")
    dialog = open_picker(page)
    error = dialog.get_by_role("alert")
    dialog.get_by_label("To", exact=True).fill("2020-01-01T00:00:00")
    page.keyboard.press("Enter")
    expect(error).to_have_text("From must be before To.")
    dialog.get_by_label("From").fill("")
    page.keyboard.press("Enter")
    expect(error).to_have_text("Enter a date and a time after From.")
    # Without an end, the window keeps its length.
    dialog.get_by_label("To", exact=True).fill("")
    dialog.get_by_label("From").fill("2025-11-03T00:00:00")
    page.keyboard.press("Enter")
    start = page.evaluate("() => new Date('2025-11-03T00:00:00').getTime() / 1000")
    wait_for_range(page, start, start + 3_600)


def test_quick_windows_are_live_and_days_are_fixed(shared_visit: Visit) -> None:
    page = shared_visit.open(f"?series=kitchen&window={PAST}")
    open_picker(page).get_by_role("button", name="6 h", exact=True).click()
    expect(page.locator("#time-range")).to_have_text("last 6 h")
    expect(page).to_have_url(re.compile("window=21600s"))
    open_picker(page).get_by_role("button", name="Yesterday", exact=True).click()
    # A day has 23 or 25 hours where the clocks are changed.
    start, end = page.evaluate(
        """() => [1, 0].map((days) => {
          const now = new Date();
          return new Date(now.getFullYear(), now.getMonth(), now.getDate() - days) / 1000;
        })"""
    )
    wait_for_range(page, start, end)


def test_buttons_and_keys_step_by_a_window(shared_visit: Visit) -> None:
    page = shared_visit.open(f"?series=kitchen&window={PAST}")
    page.get_by_role("button", name="Back by a window", exact=True).click()
    wait_for_range(page, 1763786400, 1763790000)
    page.keyboard.press(",")
    wait_for_range(page, 1763782800, 1763786400)
    page.keyboard.press(".")
    page.get_by_role("button", name="Forward by a window", exact=True).click()
    wait_for_range(page, 1763790000, 1763793600)
    page.keyboard.press("l")
    expect(page.get_by_role("button", name="Forward by a window", exact=True)).to_be_disabled()


def test_another_length_in_the_past_keeps_the_moment(shared_visit: Visit) -> None:
    page = shared_visit.open(f"?series=kitchen&window={PAST}")
    page.get_by_role("button", name="24 h", exact=True).click()
    wait_for_range(page, 1763791800 - 43_200, 1763791800 + 43_200)
    expect(page.get_by_role("button", name="24 h", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


def test_back_and_forward_go_through_the_steps(shared_visit: Visit) -> None:
    page = shared_visit.open("?series=kitchen&window=5m")
    page.get_by_role("button", name="1 h", exact=True).click()
    expect(page).to_have_url(re.compile("window=1h"))
    dialog = open_picker(page)
    dialog.get_by_label("From").fill("2025-11-03T00:00:00")
    dialog.get_by_label("To", exact=True).fill("2025-11-04T00:00:00")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"window=\d+\.\."))
    picked = page.url
    page.keyboard.press("-")
    expect(page).not_to_have_url(picked)
    page.go_back()
    page.go_back()
    expect(page.get_by_role("button", name="1 h", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("button", name="5 min", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.go_forward()
    expect(page.get_by_role("button", name="1 h", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.go_forward()
    expect(page.locator("#time-range")).to_contain_text("Nov 3, 2025")


def test_back_returns_to_the_series_from_before(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen")
    page.keyboard.press("/")
    dialog = page.get_by_role("dialog", name="Series", exact=True)
    dialog.get_by_role("searchbox").fill("oven")
    with page.expect_websocket():
        page.keyboard.press("Enter")
    shared_visit.wait_for_state("live")
    expect(page.locator('[data-series="oven"]')).to_be_visible()
    page.go_back()
    expect(page.locator('[data-series="kitchen"]')).to_be_visible()
    expect(page.locator('[data-series="oven"]')).to_have_count(0)


@pytest.fixture
def new_tab_visit(browser: Browser, shared_stack: Stack) -> Iterator[Visit]:
    """Return a visit in a tab of its own, since `history.length` never grows above 50."""
    with new_visit(browser, shared_stack) as fresh_visit:
        yield fresh_visit


def test_drag_is_one_step_back(new_tab_visit: Visit) -> None:
    page = new_tab_visit.open_series("kitchen", window="5m", min_points=0)
    box = page.locator("canvas").first.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    length = page.evaluate("() => history.length")
    page.mouse.move(x, y)
    page.keyboard.down("Shift")
    page.mouse.down()
    page.mouse.move(x + 20, y)
    page.mouse.move(x + 60, y)
    # A drag that rests for longer than the page waits is still one step.
    page.wait_for_function("() => new Promise((done) => setTimeout(() => done(true), 450))")
    page.mouse.move(x + 120, y)
    page.mouse.up()
    page.keyboard.up("Shift")
    expect(page).to_have_url(re.compile(r"window=[\d.]+\.\."))
    assert page.evaluate("() => history.length") == length + 1
    page.go_back()
    expect(page.get_by_role("button", name="5 min", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


def test_live_returns_to_the_window_from_before(shared_visit: Visit) -> None:
    page = shared_visit.open("?series=kitchen&window=5m")
    page.keyboard.press(" ")
    page.keyboard.press("-")
    page.keyboard.press("-")
    page.get_by_role("button", name="Live", exact=True).click()
    expect(page.get_by_role("button", name="5 min", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(page).to_have_url(re.compile("window=5m"))
