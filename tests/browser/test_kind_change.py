"""A series whose kind somebody else changes while the page is open."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, show_tooltip
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

_READINGS = 20


@pytest.fixture
def valve_visit(visit: Visit, stack: Stack) -> Visit:
    """Visit a page with the readings of a valve and of a room in the last 20 minutes."""
    stack.start("writer")
    stack.start("web")
    now = time.time()
    readings = [
        {"series": name, "value": value, "unit": unit, "ts": now - 1200 + i * 60}
        for i in range(_READINGS)
        for name, value, unit in (("valve", i // 5 + 0.5, "steps"), ("room", 20 + i, "°C"))
    ]
    stack.post("/api/readings", readings)
    wait_until("the readings are stored", lambda: len(stack.stored("room")) == _READINGS)
    return visit


def set_kind(page: Page, stack: Stack, kind: str | None) -> None:
    """Change the kind of the valve, as another client does."""
    address = f"http://127.0.0.1:{stack.port}/api/series/valve"
    answer = page.request.patch(address, data={"kind": kind})
    assert answer.ok, answer.text()


def panels(page: Page) -> list[str | None]:
    """Return the types of the panels, in their order."""
    return [panel.get_attribute("data-type") for panel in page.locator(".panel").all()]


def wait_for_panels(page: Page, *types: str) -> None:
    wait_until(f"the panels are {types}", lambda: panels(page) == list(types))


def test_panels_follow_the_kind_without_a_reload_and_keep_the_readings(
    valve_visit: Visit, stack: Stack
) -> None:
    page = valve_visit.open_series("valve", "room", window="1h", min_points=2 * _READINGS)
    wait_for_panels(page, "line", "line")
    histories: list[str] = []
    page.on("request", lambda request: histories.append(request.url))
    page.evaluate("() => { window.isSamePage = true; }")
    set_kind(page, stack, "state")
    wait_for_panels(page, "line", "states")
    # Its four values are four bands, of readings that the page had already.
    page.wait_for_selector('[data-type="states"][data-points="4"]')
    expect(page.locator('[data-series="valve"] .legend-stats')).to_contain_text("changes 3")
    set_kind(page, stack, "counter")
    page.get_by_role("button", name="24 h", exact=True).click()
    wait_for_panels(page, "line", "bars")
    expect(page.locator('[data-type="bars"] .panel-figure')).to_contain_text("today")
    page.get_by_role("button", name="1 h", exact=True).click()
    set_kind(page, stack, None)
    wait_for_panels(page, "line", "line")
    valve_visit.wait_for_points(2 * _READINGS)
    # Live readings go on in the new panels.
    stack.post("/api/readings", {"series": "valve", "value": 4.5, "unit": "steps"})
    valve_visit.wait_for_points(2 * _READINGS + 1)
    assert page.evaluate("() => window.isSamePage")
    assert not [url for url in histories if "/api/history" in url and "from=-" in url]


def test_ghost_follows_the_kind_while_charts_are_compared(valve_visit: Visit, stack: Stack) -> None:
    yesterday = time.time() - 86_400
    half_open = [yesterday - 1200 + i * 60 for i in range(_READINGS)]
    readings = [{"series": "valve", "value": 1.5, "unit": "steps", "ts": ts} for ts in half_open]
    readings.append({"series": "valve", "value": 0.5, "unit": "steps", "ts": yesterday - 7200})
    stack.post("/api/readings", readings)
    wait_until("the readings are stored", lambda: len(stack.stored("valve")) == 2 * _READINGS + 1)
    words = {"0.5": "closed", "1.5": "half", "3.5": "open"}
    address = f"http://127.0.0.1:{stack.port}/api/series/valve"
    answer = valve_visit.page.request.patch(address, data={"states": words})
    assert answer.ok, answer.text()
    page = valve_visit.open_series("valve", min_points=_READINGS, compare="1d")
    expect(page.locator("#open-compare")).to_have_text("Compare: 1 day ago")
    value = page.locator(".tooltip .tooltip-value")
    as_measure = "3.5 steps, +2.0 vs 1.5 steps 1 day ago"
    wait_for_panels(page, "line")
    show_tooltip(page, 0.96, 0.5)
    expect(value).to_have_text(as_measure)
    page.evaluate("() => { window.isSamePage = true; }")
    set_kind(page, stack, "state")
    wait_for_panels(page, "states")
    show_tooltip(page, 0.96, 0.5)
    expect(value).to_have_text(re.compile("^open for .+, half 1 day ago$"))
    # The state from before the compared window is known, too.
    show_tooltip(page, 0.3, 0.5)
    expect(value).to_have_text(re.compile("^half for .+, closed 1 day ago$"))
    set_kind(page, stack, "measure")
    wait_for_panels(page, "line")
    show_tooltip(page, 0.96, 0.5)
    expect(value).to_have_text(as_measure)
    assert page.evaluate("() => window.isSamePage")
