"""Tasks of a user with the demo `lab`: three channels at 200 Hz, and slow ones beside them."""

import math
import re
import time
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PageVisit
from tests.browser.demo.conftest import demo_visit
from tests.browser.demo.task_user import TaskUser, number, open_home
from tests.support.demo_stacks import DemoStack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

STRAIN = "strain.bridge"
AMPLITUDE = 120


@pytest.fixture
def visit(tab: Page, lab_demo: DemoStack) -> Iterator[PageVisit]:
    """Visit the page of the demo."""
    with demo_visit(tab, lab_demo) as own_visit:
        yield own_visit


def open_strain(visit: PageVisit, start: float, end: float) -> TaskUser:
    """Open the chart of the strain from one time to another."""
    query = urlencode({"series": STRAIN, "window": f"{start:.0f}..{end:.0f}"})
    page = visit.open(f"?{query}")
    page.wait_for_selector('[data-points]:not([data-points="0"])')
    return TaskUser(page)


def test_first_page_moves_and_shows_fast_channels(visit: PageVisit) -> None:
    user = open_home(visit)
    for series in ("accelerometer.x", STRAIN, "shaker.running"):
        expect(user.legend(series)).to_be_visible()
    reading = user.legend(STRAIN).locator(".legend-reading")
    before = reading.inner_text()
    wait_until("the value moves", lambda: reading.inner_text() != before)
    expect(user.legend("shaker.running")).to_contain_text(re.compile("running|stopped"))


def test_two_seconds_are_seen_and_one_value_is_read(visit: PageVisit) -> None:
    end = math.floor(time.time()) - 30
    user = open_strain(visit, end - 60, end)
    # The readout shows whole seconds: the sine is zero at each of them, and 120 between.
    user.drag(STRAIN, end - 31, end - 29)
    user.press_key("Enter")
    expect(user.page).to_have_url(re.compile(r"window=\d"))
    assert user.actions == 2
    chart = user.panel(STRAIN).locator("canvas")
    chart.focus()
    user.press_key("Home")
    values = []
    for _ in range(40):
        user.press_key("ArrowRight")
        values.append(number(user.readout_row(STRAIN).inner_text().rpartition("\n")[2]))
    # A step of the cursor is small against a wave of two seconds.
    steps = [abs(b - a) for a, b in pairwise(values)]
    assert max(steps) < AMPLITUDE
    assert max(values) - min(values) > 20


def test_drag_selects_shift_drag_pans_and_back_zooms_out(visit: PageVisit) -> None:
    end = math.floor(time.time()) - 20
    user = open_strain(visit, end - 120, end)
    first = user.page.url
    user.drag(STRAIN, end - 80, end - 40)
    user.press_button("Zoom")
    expect(user.page).not_to_have_url(first)
    zoomed = user.page.url
    assert read_window(zoomed)[0] == pytest.approx(end - 80, abs=2)
    user.page.keyboard.down("Shift")
    user.drag(STRAIN, end - 60, end - 50)
    user.page.keyboard.up("Shift")
    expect(user.page).not_to_have_url(zoomed)
    assert read_window(user.page.url)[0] == pytest.approx(end - 90, abs=3)
    for _ in range(2):
        user.page.go_back()
    expect(user.page).to_have_url(first)


def test_clock_that_is_ahead_is_named(visit: PageVisit, lab_demo: DemoStack) -> None:
    name = "late.clock"
    ahead = time.time() + 300
    lab_demo.post(
        "/api/readings", [{"series": name, "value": i, "ts": ahead - 10 + i} for i in range(10)]
    )
    page = visit.open(f"?series={name}&window=1h")
    expect(page.locator("#age")).to_have_text(re.compile("^Last data [45] min ahead$"))
    status, answer = lab_demo.request("DELETE", f"/api/series/{name}")
    assert status == 202, answer


def read_window(url: str) -> tuple[float, float]:
    """Return the range of time in an address, in seconds."""
    found = re.search(r"window=([\d.]+)\.\.([\d.]+)", url)
    assert found, url
    return float(found[1].rstrip(".")), float(found[2])
