"""Panels with bars: the increase of a counter in each period, and today."""

import re
import time
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, show_tooltip
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

_HOUR_SECONDS = 3600
_MIDNIGHT = "() => new Date().setHours(0, 0, 0, 0) / 1000"
_ZONE = "() => Intl.DateTimeFormat().resolvedOptions().timeZone"


@pytest.fixture
def energy_visit(visit: Visit, stack: Stack) -> Visit:
    """Visit a page with a meter that counts 0.5 kWh in each hour since three days ago."""
    stack.start("writer")
    stack.start("web")
    now = time.time()
    readings = [
        {"series": "energy", "value": i / 2, "unit": "kWh", "ts": now - (72 - i) * _HOUR_SECONDS}
        for i in range(73)
    ]
    stack.post("/api/readings", readings)
    wait_until(
        "the readings are stored", lambda: stack.rows("SELECT count(*) FROM readings") == [(73,)]
    )
    answer = visit.page.request.patch(
        f"http://127.0.0.1:{stack.port}/api/series/energy", data={"kind": "counter"}
    )
    assert answer.ok, answer.text()
    return visit


def test_counter_has_a_bar_for_each_hour(energy_visit: Visit) -> None:
    page = energy_visit.open_series("energy", window="24h", min_points=24)
    expect(page.locator('[data-type="bars"]')).to_have_count(1)
    show_tooltip(page, 0.5, 0.5)
    expect(page.locator(".tooltip-value")).to_contain_text("0.5 kWh")


def test_long_window_has_a_bar_for_each_day(energy_visit: Visit) -> None:
    page = energy_visit.open("?series=energy&window=7d")
    page.wait_for_selector('[data-type="bars"][data-points="4"]')


def test_head_says_increase_of_today_and_grows(energy_visit: Visit, stack: Stack) -> None:
    page = energy_visit.open_series("energy", window="24h", min_points=24)
    figure = page.locator(".panel-figure")
    expect(figure).to_contain_text("kWh today")
    before = figure.text_content()
    stack.post("/api/readings", {"series": "energy", "value": 136, "unit": "kWh"})
    expect(figure).not_to_have_text(before or "")
    expect(figure).to_contain_text("kWh today")


def test_legend_says_increase_of_today_of_any_window(energy_visit: Visit, stack: Stack) -> None:
    page = energy_visit.open("?series=energy&window=7d")
    stats = page.locator(".legend-stats")
    # All of the meter is 36 kWh; one more is of today.
    stack.post("/api/readings", {"series": "energy", "value": 37, "unit": "kWh"})
    expect(stats).to_contain_text(re.compile(r"sum 37 ?kWh"))
    query = {"series": "energy", "per": "day", "zone": page.evaluate(_ZONE)}
    address = f"/api/increase?{urlencode(query)}&from={page.evaluate(_MIDNIGHT)}"
    shown = re.search(r"today ([\d.]+) ?kWh", stats.inner_text())
    assert shown
    total = stack.get(address)["series"]["energy"]["total"]
    assert 1 <= total <= 1 + 12.5
    assert float(shown[1]) == pytest.approx(total, abs=0.06)
    expect(page.locator(".panel-figure")).to_have_text(f"{shown[1]} kWh today")
    page.get_by_role("button", name="24 h", exact=True).click()
    expect(stats).to_contain_text("highest hour")
    expect(stats).to_contain_text(shown[0])


def test_short_window_shows_the_counter_as_a_line(energy_visit: Visit) -> None:
    page = energy_visit.open_series("energy", window="1h")
    expect(page.locator('[data-type="line"]')).to_have_count(1)
    page.get_by_role("button", name="24 h", exact=True).click()
    expect(page.locator('[data-type="bars"]')).to_have_count(1)


def test_counter_that_starts_again_has_no_negative_bar(energy_visit: Visit, stack: Stack) -> None:
    stack.post("/api/readings", {"series": "energy", "value": 0.25, "unit": "kWh"})
    page = energy_visit.open_series("energy", window="24h", min_points=24)
    expect(page.locator(".legend-stats")).to_contain_text("sum 12")
