"""Types of panels that a view can have: rates, big numbers, and axes of lines."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

_VIEW = {
    "title": "Types",
    "window": "1h",
    "panels": [
        {"id": "number", "type": "value", "series": ["kitchen"]},
        {"id": "rate", "type": "rate", "series": ["oven"], "limits": ["3000..4000"]},
        {"id": "log", "series": ["cellar"], "axis": {"scale": "log"}},
        {"id": "zero", "series": ["kitchen"], "axis": {"zero": True}},
    ],
}


def test_view_shows_big_number_rate_and_axes(shared_visit: Visit) -> None:
    stack = shared_visit.stack
    status, answer = stack.request("PUT", "/api/views/types", json.dumps(_VIEW).encode())
    assert status == 200, answer
    page = shared_visit.open("v/types")
    for panel in ("number", "rate", "log", "zero"):
        page.wait_for_selector(f'[data-panel="{panel}"][data-points]:not([data-points="0"])')
    expect(page.locator('[data-panel="number"] .legend-stats')).to_contain_text("change +")
    # The oven gains 1 W in each second.
    rate = page.locator('[data-panel="rate"]')
    expect(rate.locator(".legend-reading")).to_have_text("3,600W/h")
    expect(rate.locator(".panel-title")).to_have_text("OvenW/h")
    expect(rate).to_have_attribute("data-unit", "W/h")
    shared_visit.leave()
    status, answer = stack.request("DELETE", "/api/views/types")
    assert status == 200, answer
