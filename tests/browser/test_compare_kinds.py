"""Comparing doors, counters and rates with an earlier time."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, show_tooltip
from tests.browser.test_compare import choose
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

# Returns how many rows of a column of the first chart are coloured.
_COLOURED_ROWS = """share => {
  const canvas = document.querySelector('canvas');
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const context = copy.getContext('2d', { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  const x = Math.round(canvas.width * share);
  const { data } = context.getImageData(x, 0, 1, canvas.height);
  let count = 0;
  for (let i = 0; i < data.length; i += 4) {
    const [red, green, blue, alpha] = data.slice(i, i + 4);
    if (alpha > 60 && Math.max(red, green, blue) - Math.min(red, green, blue) > 40) count++;
  }
  return count;
}"""
# Rows of the band of the present, and of the thin one of the earlier time.
MIN_BAND_ROWS = 12
MAX_THIN_ROWS = 9


@pytest.fixture
def home_visit(visit: Visit, stack: Stack) -> Visit:
    """Visit a page with a meter and a door.

    The meter counted 0.3 kWh in each hour until a day ago, and 0.5 kWh since then. The door opened
    30 minutes ago; at the same time a day ago it closed.
    """
    stack.start("writer")
    stack.start("web")
    hour = time.time() // 3600 * 3600
    energy = [(i, 0.3 * i if i <= 48 else 14.4 + 0.5 * (i - 48)) for i in range(73)]
    readings: list[dict[str, object]] = [
        {"series": "energy", "value": value, "unit": "kWh", "ts": hour - (72 - i) * 3600}
        for i, value in energy
    ]
    now = time.time()
    for ago, value in ((50, 0), (26, 1), (24.5, 0), (0.5, 1)):
        readings.append({"series": "door", "value": value, "ts": now - ago * 3600})
    stack.post("/api/readings", readings)
    wait_until(
        "the readings are stored", lambda: stack.rows("SELECT count(*) FROM readings") == [(77,)]
    )
    for name, kind in (("energy", "counter"), ("door", "state")):
        answer = visit.page.request.patch(
            f"http://127.0.0.1:{stack.port}/api/series/{name}", data={"kind": kind}
        )
        assert answer.ok, answer.text()
    return visit


def test_bars_stand_beside_those_of_the_day_before(home_visit: Visit) -> None:
    page = home_visit.open_series("energy", window="24h", min_points=24)
    choose(page, "Yesterday (1 day ago)")
    expect(page.locator("#open-compare")).to_have_text("Compare: 1 day ago")
    value = page.locator(".tooltip .tooltip-value")
    show_tooltip(page, 0.5, 0.5)
    expect(value).to_contain_text(re.compile(r"^0\.5 kWh, .+, \+0\.2 vs 0\.3 kWh 1 day ago$"))
    expect(page.locator(".panel-figure")).to_contain_text(
        re.compile(r"^[\d.]+ kWh today, .+ vs [\d.]+ kWh 1 day ago$")
    )
    # Any other time is compared as well.
    page.locator("#open-compare").click()
    page.get_by_label("Another time ago").fill("47 h")
    page.keyboard.press("Enter")
    show_tooltip(page, 0.5, 0.5)
    expect(value).to_contain_text("+0.2 vs 0.3 kWh 47 hours ago")
    choose(page, "Off")
    show_tooltip(page, 0.5, 0.5)
    expect(value).not_to_contain_text("ago")
    expect(page.locator(".panel-figure")).to_have_text(re.compile(r"^[\d.]+ kWh today$"))


def test_bars_without_an_earlier_time_say_so(home_visit: Visit) -> None:
    page = home_visit.open("?series=energy&window=24h&compare=30d")
    expect(page.locator("#open-compare")).to_have_text("Compare: 30 days ago: no readings")
    page.route("**/api/increase*", lambda route: route.abort("connectionrefused"))
    choose(page, "7 days ago")
    expect(page.locator("#open-compare")).to_have_text("Compare: 7 days ago: not loaded")


def test_door_has_a_lane_and_a_word_of_the_day_before(home_visit: Visit) -> None:
    page = home_visit.open_series("door", window="1h")
    choose(page, "Yesterday (1 day ago)")
    expect(page.locator("#open-compare")).to_have_text("Compare: 1 day ago")
    value = page.locator(".tooltip .tooltip-value")
    show_tooltip(page, 0.2, 0.5)
    expect(value).to_have_text(re.compile(r"^closed for .+, open 1 day ago$"))
    show_tooltip(page, 0.9, 0.5)
    expect(value).to_have_text(re.compile(r"^open for .+, closed 1 day ago$"))
    page.keyboard.press("Escape")
    page.mouse.move(0, 0)
    # At a fifth of the window only the door of the day before is open, at nine tenths only today's.
    page.wait_for_function(
        f"max => {{ const n = ({_COLOURED_ROWS})(0.2); return n > 2 && n <= max; }}",
        arg=MAX_THIN_ROWS,
    )
    page.wait_for_function(f"min => ({_COLOURED_ROWS})(0.9) >= min", arg=MIN_BAND_ROWS)
    choose(page, "Off")
    page.wait_for_function(f"() => ({_COLOURED_ROWS})(0.2) === 0")


def test_rate_has_a_line_of_the_day_before(home_visit: Visit, stack: Stack) -> None:
    panel = {"id": "rate", "type": "rate", "series": ["energy"]}
    answer = home_visit.page.request.put(
        f"http://127.0.0.1:{stack.port}/api/views/rates",
        data={"title": "Rates", "window": "24h", "panels": [panel]},
    )
    assert answer.ok, answer.text()
    page = home_visit.open("v/rates?compare=1d")
    home_visit.wait_for_points(20)
    value = page.locator(".tooltip .tooltip-value")
    show_tooltip(page, 0.5, 0.5)
    expect(value).to_have_text("0.500 kW, +0.200 vs 0.300 kW 1 day ago")
