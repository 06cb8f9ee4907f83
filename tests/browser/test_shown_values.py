"""Values of one series: the same digits and words wherever the page shows them."""

import re
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SERIES_BUTTON, Visit, show_tooltip
from tests.support.stack import Stack
from tests.support.waiting import time_limit, wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

_MINUTES = 30
# For what a series does not have.
_NONE = "\u2013"


@pytest.fixture
def home_visit(visit: Visit, stack: Stack) -> Visit:
    """Visit a page with a measure, a counter and a door, of the last half hour."""
    stack.start("writer")
    stack.start("web")
    now = time.time()
    rows = []
    for i in range(_MINUTES + 1):
        ts = now - 60 * (_MINUTES - i)
        # The newest value has no decimals, the others have one.
        humidity = round(29 - (_MINUTES - i) / 10, 1)
        rows.append({"series": "bath.humidity", "unit": "%", "value": humidity, "ts": ts})
        rows.append({"series": "energy", "unit": "kWh", "value": 100 + i, "ts": ts})
    # Open for 6 of the last 60 minutes, although half of its readings say so.
    rows.append({"series": "door.front", "value": 0, "ts": now - 7200})
    rows.append({"series": "door.front", "value": 1, "ts": now - 1200})
    rows.append({"series": "door.front", "value": 0, "ts": now - 840})
    stack.post("/api/readings", rows)
    wait_until(
        "the readings are stored",
        lambda: stack.rows("SELECT count(*) FROM readings") == [(len(rows),)],
    )
    return visit


def open_home(visit: Visit) -> Page:
    return visit.open_series("bath.humidity", "energy", "door.front", min_points=_MINUTES)


def cells(dialog: Locator, series: str) -> list[str]:
    row = dialog.get_by_role("table").first.get_by_role("row").filter(has_text=series)
    return row.locator("td").all_inner_texts()


def test_value_has_the_same_digits_and_words_everywhere(home_visit: Visit) -> None:
    page = home_visit.open()
    page.goto(f"http://127.0.0.1:{home_visit.port}/?overview")
    cards = page.locator(".overview-card")
    expect(cards.filter(has_text="humidity").locator(".overview-value")).to_have_text("29.0 %")
    expect(cards.filter(has_text="front").locator(".overview-value")).to_have_text("closed")
    # The chooser lists series that the page does not show: their newest value is all it has.
    page = home_visit.open_series("energy")
    page.get_by_role("button", name=SERIES_BUTTON).click()
    rows = page.get_by_role("dialog").get_by_role("listitem")
    expect(rows.filter(has_text="humidity").locator("bdi").last).to_have_text("29.0 %")
    expect(rows.filter(has_text="front").locator("bdi").last).to_have_text("closed")
    page = open_home(home_visit)
    entry = page.locator('[data-series="bath.humidity"] .legend-reading')
    expect(entry).to_have_text(re.compile(r"29\.0\s*%"))
    page.keyboard.press("t")
    assert cells(page.get_by_role("dialog"), "humidity")[0] == "29.0 %"
    page.keyboard.press("Escape")
    show_tooltip(page, 0.9, 0.5)
    expect(page.locator(".tooltip-value").first).to_have_text(re.compile(r"2\d\.\d %"))


def test_table_has_no_mean_of_states_and_counters(home_visit: Visit) -> None:
    page = open_home(home_visit)
    expect(page.locator('[data-type="states"] .legend-stats')).to_contain_text("open 10%")
    page.keyboard.press("t")
    dialog = page.get_by_role("dialog")
    assert cells(dialog, "front") == ["closed", _NONE, _NONE, _NONE, "open 10%, changes 2", "2"]
    assert cells(dialog, "energy")[1:5] == ["100 kWh", _NONE, "130 kWh", _NONE]
    low, mean, high = cells(dialog, "humidity")[1:4]
    assert (low, mean, high) == ("26.0 %", "27.5 %", "29.0 %")
    readings = dialog.get_by_role("table").last
    words = readings.get_by_role("row").filter(has_text="front").locator("td:last-child")
    expect(words).to_have_text(["closed", "open"])


def test_description_follows_the_window_at_once(home_visit: Visit) -> None:
    page = open_home(home_visit)
    chart = page.get_by_role("application", name=re.compile("States over time"))
    expect(chart).to_have_accessible_description(re.compile("open 10%"))
    windows = {"2": "5 min", "4": "1 d", "3": "1 h", "5": "7 d"}
    with time_limit("the description follows four windows", 6.0):
        for key, length in windows.items():
            page.keyboard.press(key)
            expect(chart).to_have_accessible_description(re.compile(rf"^The last {length}\."))
