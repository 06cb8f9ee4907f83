"""The panels: one chart for each unit, its limits and its axis."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.pixels import count_pixels, wait_for_pixels
from tests.support.stack import Stack

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

_DRAWN_TEXTS = """() => new Promise((resolve) => {
  const texts = new Set();
  const { fillText } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
    texts.add(text);
    return fillText.call(this, text, ...rest);
  };
  setTimeout(() => resolve([...texts]), 1500);
  dispatchEvent(new Event('resize'));
})"""


def test_each_unit_has_one_chart(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", "cellar", "oven")
    units = [panel.get_attribute("data-unit") for panel in page.locator(".panel").all()]
    assert units == ["°C", "W"]
    names = [entry.get_attribute("data-series") for entry in page.locator("[data-series]").all()]
    assert names == ["kitchen", "cellar", "oven"]


def test_title_is_the_quantity_and_labels_leave_it_out(
    shared_visit: Visit, shared_stack: Stack
) -> None:
    now = time.time()
    rooms = [
        {"series": f"{room}.temperature", "value": 20, "unit": "°C", "ts": now - 60}
        for room in ("bath", "garage")
    ]
    battery = {"series": "phone.battery", "value": 80, "unit": "%", "ts": now - 60}
    dust = {"series": "air.dust", "value": 3, "unit": "%", "ts": now - 60}
    shared_stack.post("/api/readings", [*rooms, battery, dust])
    names = ["bath.temperature", "garage.temperature", "phone.battery", "air.dust"]
    page = shared_visit.open_series(*names)
    # A panel whose series measure different things has only the unit.
    expect(page.locator(".panel-title")).to_have_text(["Temperature°C", "%"])
    labels = page.locator(".legend .series-name")
    expect(labels).to_have_text(["bath", "garage", "phone.battery", "air.dust"])
    entry = page.locator('[data-series="bath.temperature"]')
    expect(entry).to_have_attribute("title", "bath.temperature")
    # Names for screen readers do without the title.
    button = page.get_by_role("button", name="Edit bath.temperature", exact=True)
    expect(button).to_have_count(1)


def test_limit_of_link_is_drawn_in_chart_of_its_unit(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", window="1h")
    assert count_pixels(page, "--limit") == 0
    shared_visit.open_series("kitchen", window="1h", limit="°C:21..22")
    wait_for_pixels(page, "--limit", 301)
    shared_visit.open_series("kitchen", window="1h", limit="W:21..22")
    assert count_pixels(page, "--limit") == 0


def test_all_axis_labels_share_a_unit_prefix(shared_visit: Visit) -> None:
    page = shared_visit.open_series("oven")
    texts = page.evaluate(_DRAWN_TEXTS)
    # Times contain a colon; a label of 0 has no unit.
    labels = [text for text in texts if ":" not in text]
    assert any(text.endswith(" kW") for text in labels), texts
    assert not any(text.endswith(" W") for text in labels), texts
