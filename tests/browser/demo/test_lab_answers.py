"""Answers of the page to a user of the demo `lab`, compared with the demo's own definition."""

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
from tests.browser.demo.task_user import TaskUser, number, read_time
from tests.browser.test_fast_history import draw_rows
from tests.support.demo_stacks import DemoStack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

STRAIN = "strain.bridge"
AMPLITUDE = 120
# 2.5 for the noise, and half a step of a display of one decimal.
NOISE = 2.6
RATE_HERTZ = 200


@pytest.fixture
def visit(tab: Page, lab_demo: DemoStack) -> Iterator[PageVisit]:
    """Visit the page of the demo."""
    with demo_visit(tab, lab_demo) as own_visit:
        yield own_visit


def strain(at: float) -> float:
    """Return the strain at a time, without its noise."""
    return AMPLITUDE * math.sin(math.tau * 0.5 * (at % 3_600))


def last_stored(demo: DemoStack) -> float:
    """Return the time of the newest strain."""
    series = demo.get("/api/series")["series"]
    return float(next(one["last"] for one in series if one["name"] == STRAIN))


def test_history_of_a_minute_has_all_waves(lab_demo: DemoStack) -> None:
    now = time.time()
    query = urlencode({"series": STRAIN, "from": now - 60, "to": now, "points": 1_300})
    columns = lab_demo.get(f"/api/history?{query}")["series"][STRAIN]
    assert columns["bucket"] <= 0.1
    for t, value in zip(columns["t"][1:-1], columns["mean"][1:-1], strict=True):
        middle = t + columns["bucket"] / 2
        assert value == pytest.approx(strain(middle), abs=4 * NOISE)


def test_value_at_a_time_is_read_by_keyboard(visit: PageVisit) -> None:
    end = math.floor(time.time()) - 30
    query = urlencode({"series": STRAIN, "window": f"{end - 60}..{end}"})
    user = TaskUser(visit.open(f"?{query}"))
    visit.wait_for_points(10_000)
    for _ in range(5):
        user.press_key("+")
    expect(user.page.locator("#time-range")).to_be_visible()
    chart = user.panel(STRAIN).get_by_role("application")
    while not chart.evaluate("chart => chart === document.activeElement"):
        user.press_key("Tab")
    read_out = user.panel(STRAIN).locator("[aria-live=polite]")
    clock = user.panel(STRAIN).locator(".tooltip time")
    for key in ("Home", "PageDown", "PageDown", "PageDown", "ArrowRight"):
        user.press_key(key)
    expect(read_out).to_have_text(re.compile(r"Bridge strain -?\d+\.\d µm/m"))
    found = re.search(r"Bridge strain (-?\d+\.\d)", read_out.inner_text())
    assert found
    assert "." in clock.inner_text()
    assert number(found[1]) == pytest.approx(strain(read_time(clock)), abs=NOISE + 1)


def test_paused_chart_shows_the_value_of_its_end(visit: PageVisit, lab_demo: DemoStack) -> None:
    user = TaskUser(visit.open(f"?{urlencode({'series': STRAIN, 'window': '1m'})}"))
    visit.wait_for_points(10_000)
    user.press_button("Pause")
    assert user.actions == 1
    expect(user.page).to_have_url(re.compile(r"window=[\d.]+\.\.[\d.]+"))
    end = float(user.page.url.rpartition("..")[2].partition("&")[0])
    wait_until("later readings are stored", lambda: last_stored(lab_demo) > end + 1)
    # The address rounds the end to milliseconds, so a reading at the edge may be on either side.
    edge = 0.75 / RATE_HERTZ
    query = urlencode({"series": STRAIN, "from": end - 1, "to": end + edge, "points": 5_000})
    columns = lab_demo.get(f"/api/history?{query}")["series"][STRAIN]
    last = [f"{value:.1f}" for value in columns["value"]][-2:]
    # The legend follows for readings that were on their way when the window stopped.
    reading = user.legend(STRAIN).locator(".legend-value")
    expect(reading).to_have_text(re.compile("|".join(f"^{re.escape(text)}$" for text in last)))


def test_sine_stays_a_sine_across_the_seam_of_loaded_and_live(
    visit: PageVisit, lab_demo: DemoStack
) -> None:
    opened = time.time()
    page = visit.open(f"?{urlencode({'series': STRAIN, 'window': '1m'})}")
    visit.wait_for_points(10_000)
    # A third of the window is live then, and the rest was loaded.
    wait_until("live readings fill a third", lambda: last_stored(lab_demo) > opened + 20)
    TaskUser(page).press_button("Pause")
    expect(page).to_have_url(re.compile(r"window=[\d.]+\.\.[\d.]+"))
    rows = draw_rows(page)
    assert len(rows) > 1_000
    third = len(rows) // 3
    waves = [rows[:third], rows[third : 2 * third], rows[2 * third :]]
    heights = [max(wave) - min(wave) for wave in waves]
    assert max(heights) - min(heights) < 0.05, heights
    # The line has no jump at the seam, and no triangles: its slope is that of a sine everywhere.
    limit = 1.6 * math.pi * max(heights) / 2 * 60 / len(rows)
    for wave in waves:
        steps = sorted(abs(b - a) for a, b in pairwise(wave))
        assert steps[round(0.95 * len(steps))] < limit
