"""Tasks of a user who moves in the time of the demo `home`."""

import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PageVisit
from tests.browser.demo.conftest import demo_visit
from tests.browser.demo.demo_answers import DAY_SECONDS, nearest, readings
from tests.browser.demo.task_user import number, open_home, read_time
from tests.browser.test_gestures import window
from tests.support.demo_stacks import DemoStack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

_POWER = "house.power"


@pytest.fixture
def visit(tab: Page, home_demo: DemoStack) -> Iterator[PageVisit]:
    """Visit the page of the demo."""
    with demo_visit(tab, home_demo) as own_visit:
        yield own_visit


def test_date_is_chosen_with_the_picker(visit: PageVisit, home_demo: DemoStack) -> None:
    user = open_home(visit)
    day = datetime.now().astimezone() - timedelta(days=25)
    start = day.replace(hour=0, minute=0, second=0, microsecond=0)
    end = start + timedelta(days=1)
    user.press_button("Date and time")
    dialog = user.page.get_by_role("dialog", name="Date and time")
    user.fill(dialog.get_by_label("From"), f"{start:%Y-%m-%d}T00:00:00")
    user.fill(dialog.get_by_label("To", exact=True), f"{end:%Y-%m-%d}T00:00:00")
    user.press_button("Show", dialog)
    assert user.actions <= 4
    expect(dialog).to_be_hidden()
    expect(user.page.locator("#time-range")).to_contain_text(f"{start:%a, %b} {start.day}")
    noon = start.timestamp() + DAY_SECONDS / 2
    user.point_at("outdoor.temperature", noon)
    shown = number(user.readout_row("outdoor.temperature").inner_text().rpartition("\n")[2])
    assert shown == pytest.approx(nearest(home_demo, "outdoor.temperature", noon), abs=0.4)


def test_drag_zooms_in_and_back_and_double_click_zoom_out(visit: PageVisit) -> None:
    user = open_home(visit)
    user.press_button("24 h")
    now = time.time()
    user.drag(_POWER, now - 40_000, now - 30_000)
    user.press_button("Zoom")
    assert user.actions <= 3
    start, end = window(user.page)
    assert start == pytest.approx(now - 40_000, abs=300)
    assert end == pytest.approx(now - 30_000, abs=300)
    day_button = user.page.get_by_role("button", name="24 h", exact=True)
    user.page.go_back()
    expect(day_button).to_have_attribute("aria-pressed", "true")
    expect(user.page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    user.page.go_forward()
    assert window(user.page) == (start, end)
    user.panel(_POWER).locator("canvas").dblclick()
    expect(user.page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    expect(day_button).to_have_attribute("aria-pressed", "true")


def test_day_around_a_past_moment_keeps_its_centre(visit: PageVisit) -> None:
    user = open_home(visit)
    user.press_button("7 d")
    centre = time.time() - 3 * DAY_SECONDS
    user.drag(_POWER, centre - 7_200, centre + 7_200)
    user.press_key("Enter")
    start, end = window(user.page)
    assert (start + end) / 2 == pytest.approx(centre, abs=1_800)
    user.press_button("24 h")
    assert user.actions <= 4
    wait_until("the window is another one", lambda: window(user.page)[0] < start - 1)
    wide_start, wide_end = window(user.page)
    assert wide_end - wide_start == pytest.approx(DAY_SECONDS, abs=1)
    assert (wide_start + wide_end) / 2 == pytest.approx((start + end) / 2, abs=1)


def test_selection_bar_has_minimum_mean_and_maximum(visit: PageVisit, home_demo: DemoStack) -> None:
    user = open_home(visit)
    user.press_button("24 h")
    now = time.time()
    user.drag("outdoor.temperature", now - 50_000, now - 20_000)
    assert user.actions <= 2
    user.page.wait_for_selector("#selection[data-statistics=exact]")
    bar = user.page.get_by_role("region", name="Selected range")
    titles = bar.get_by_role("columnheader").all_inner_texts()
    row = bar.get_by_role("row", name=re.compile("^Outdoor temperature"))
    texts = dict(zip(titles[1:], row.get_by_role("cell").all_inner_texts(), strict=True))
    values = [
        value
        for _time, value in readings(home_demo, "outdoor.temperature", now - 50_000, now - 20_000)
    ]
    assert number(texts["Min"]) == pytest.approx(min(values), abs=0.11)
    assert number(texts["Max"]) == pytest.approx(max(values), abs=0.11)
    assert number(texts["Mean"]) == pytest.approx(sum(values) / len(values), abs=0.06)
    assert number(texts["Readings"]) == pytest.approx(len(values), abs=4)


def test_values_are_read_by_keyboard_alone(visit: PageVisit, home_demo: DemoStack) -> None:
    user = open_home(visit)
    chart = user.panel("outdoor.pressure").get_by_role("application")
    read_out = user.panel("outdoor.pressure").locator("[aria-live=polite]")
    while not chart.evaluate("chart => chart === document.activeElement"):
        user.press_key("Tab")
    # Page Up goes back by a tenth of the window.
    for key in ("End", "PageUp", "ArrowLeft"):
        user.press_key(key)
    expect(read_out).to_have_text(re.compile(r"Air pressure [\d,]+\.\d hPa"))
    readout = user.panel("outdoor.pressure").locator(".tooltip")
    at = read_time(readout.locator("time"))
    found = re.search(r"Air pressure ([\d,]+\.\d) hPa", read_out.inner_text())
    assert found
    assert number(found[1]) == nearest(home_demo, "outdoor.pressure", at)
    shown = user.page.locator(".tooltip:not([hidden]) time")
    # Each panel moves its crosshair in its next frame.
    wait_until(
        "all panels show this time",
        lambda: {read_time(element) for element in shown.all()} == {at},
    )
