"""The length of the first window, which follows how often readings come."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]


def start(visit: Visit, *, interval: float, count: int, age: float = 0) -> None:
    """Start the stack with one sensor that has sent `count` readings."""
    visit.stack.start("writer")
    visit.stack.start("web")
    newest = time.time() - age
    times = [newest - interval * i for i in range(count)]
    readings = [{"series": "sensor", "value": 20, "unit": "\u00b0C", "ts": t} for t in times]
    visit.stack.post("/api/readings", readings)
    wait_until(
        "all readings are stored",
        lambda: visit.stack.rows("SELECT count(*) FROM readings") == [(count,)],
    )


def test_slow_sensor_gets_a_window_with_points(visit: Visit) -> None:
    start(visit, interval=120, count=400)
    page = visit.open()
    expect(page.locator("#time-range")).to_have_text("last 6 h")
    visit.wait_for_points(150)
    # It is no choice of the visitor: neither the link nor the next visit has it.
    assert "window" not in page.url
    page.get_by_role("button", name="24 h", exact=True).click()
    expect(page).to_have_url(re.compile("window=24h"))
    page.goto(f"http://127.0.0.1:{visit.port}/")
    expect(page.get_by_role("button", name="24 h", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


def test_fast_sensor_gets_a_minute(visit: Visit) -> None:
    start(visit, interval=1, count=200)
    page = visit.open()
    visit.wait_for_points(20)
    expect(page.get_by_role("button", name="1 min", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


def test_quiet_sensor_gets_a_window_that_reaches_its_readings(visit: Visit) -> None:
    start(visit, interval=60, count=20, age=3 * 86_400)
    page = visit.open()
    expect(page.get_by_role("button", name="7 d", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    visit.wait_for_points(20)
