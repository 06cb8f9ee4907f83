"""Panels of states: lanes that hold the last value, in the chart, the legend and the readout."""

import re
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit, show_tooltip
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

_WORDS = """() => new Promise((resolve) => {
  const texts = [];
  const { fillText } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
    if (!/[0-9]/.test(text)) texts.push(text);
    return fillText.call(this, text, ...rest);
  };
  requestAnimationFrame(() => requestAnimationFrame(() => {
    CanvasRenderingContext2D.prototype.fillText = fillText;
    resolve([...new Set(texts)]);
  }));
  dispatchEvent(new Event('resize'));
})"""


@pytest.fixture
def door_visit(visit: Visit, stack: Stack) -> Visit:
    """Visit a page with a door that was opened 20 minutes ago, and closed 10 minutes ago."""
    stack.start("writer")
    stack.start("web")
    now = time.time()
    stack.post(
        "/api/readings",
        [
            {"series": "door.front", "value": 0, "ts": now - 7200},
            {"series": "door.front", "value": 1, "ts": now - 1200},
            {"series": "door.front", "value": 0, "ts": now - 600},
            {"series": "attic", "value": 20, "unit": "°C", "ts": now - 5},
        ],
    )
    wait_until(
        "the readings are stored", lambda: stack.rows("SELECT count(*) FROM readings") == [(4,)]
    )
    return visit


def wait_for_words(page: Page, *words: str) -> None:
    """Wait until a frame draws these words."""
    wait_until("the words are drawn", lambda: set(words) <= set(page.evaluate(_WORDS)))


def lanes(page: Page) -> Locator:
    return page.locator('[data-type="states"]')


def test_door_is_open_between_its_two_readings(door_visit: Visit) -> None:
    page = door_visit.open_series("door.front", window="1h")
    expect(lanes(page)).to_have_count(1)
    # 15 minutes ago is three quarters across the window of an hour.
    show_tooltip(page, 0.76, 0.5)
    tooltip = page.locator(".tooltip")
    expect(tooltip).to_contain_text("open for")
    show_tooltip(page, 0.95, 0.5)
    expect(tooltip).to_contain_text("closed for")
    show_tooltip(page, 0.3, 0.5)
    expect(tooltip).to_contain_text("closed for")


def test_window_without_reading_shows_the_value_from_before(door_visit: Visit) -> None:
    page = door_visit.open("?series=door.front&window=1m")
    door_visit.wait_for_points(1)
    expect(page.locator(".empty-state")).to_be_hidden()
    expect(lanes(page)).to_contain_text("closed")
    wait_for_words(page, "closed")


def test_quiet_door_is_normal(door_visit: Visit) -> None:
    page = door_visit.open_series("door.front", window="1h")
    expect(page.locator("#state")).to_have_text("Live")
    expect(page.locator(".legend-stale")).to_have_count(0)


def test_legend_says_value_since_when_share_and_changes(door_visit: Visit) -> None:
    page = door_visit.open_series("door.front", window="1h")
    entry = page.locator('[data-series="door.front"]')
    expect(entry.locator(".legend-value")).to_have_text("closed")
    expect(entry.locator(".legend-stats")).to_contain_text(re.compile(r"for 1\d min"))
    expect(entry.locator(".legend-stats")).to_contain_text("open 17%")
    expect(entry.locator(".legend-stats")).to_contain_text("changes 2")
    expect(page.locator("figure p[id^=description]")).to_contain_text(
        re.compile(r"door\.front: closed for 1\d")
    )


def test_new_reading_changes_lane_without_a_reload(door_visit: Visit, stack: Stack) -> None:
    page = door_visit.open_series("door.front", window="1m")
    expect(page.locator(".legend-value")).to_have_text("closed")
    stack.post("/api/readings", {"series": "door.front", "value": 1})
    expect(page.locator(".legend-value")).to_have_text("open")
    expect(page.locator(".legend-stats")).to_contain_text("changes 1")


def test_words_that_people_set_are_drawn(door_visit: Visit, stack: Stack) -> None:
    page = door_visit.open_series("door.front", window="1h")
    address = f"http://127.0.0.1:{stack.port}/api/series/door.front"
    answer = page.request.patch(address, data={"states": {"0": "shut", "1": "ajar"}})
    assert answer.ok, answer.text()
    expect(page.locator(".legend-value")).to_have_text("shut")
    wait_for_words(page, "shut", "ajar")
