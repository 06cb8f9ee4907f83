"""Questions of a user to the demo `home`, and the answers of the page."""

import re
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PageVisit
from tests.browser.demo.conftest import demo_visit
from tests.browser.demo.demo_answers import (
    DAY_SECONDS,
    increase,
    longest_opening,
    midnight,
    nearest,
    readings,
)
from tests.browser.demo.task_user import number, open_home, read_time
from tests.support.demo_stacks import DemoStack
from tests.support.waiting import time_limit, wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

ENERGY_SECONDS = 5.0
COMPARE_SECONDS = 5.0
# The errors of a readout that shows the nearest reading, at a distance of up to two minutes.
_ERRORS = {"kitchen.temperature": 0.2, "bedroom.co2": 60, "outdoor.pressure": 0.2}


@pytest.fixture
def visit(tab: Page, home_demo: DemoStack) -> Iterator[PageVisit]:
    """Visit the page of the demo."""
    with demo_visit(tab, home_demo) as own_visit:
        yield own_visit


def test_energy_of_today_is_read_within_five_seconds(
    visit: PageVisit, home_demo: DemoStack
) -> None:
    with time_limit("the energy of today is read", ENERGY_SECONDS):
        user = open_home(visit)
        user.press_button("24 h")
        figure = user.panel("house.energy").get_by_text("kWh today")
        expect(figure.first).to_be_visible()
    assert user.actions <= 1

    def agrees() -> bool:
        expected = increase(home_demo, "house.energy", midnight(), time.time())
        return number(figure.first.inner_text()) == pytest.approx(expected, rel=0.01, abs=0.011)

    wait_until("the page shows the energy of today", agrees)


def test_opening_of_a_door_is_seen_at_a_glance_and_read(
    visit: PageVisit, home_demo: DemoStack
) -> None:
    user = open_home(visit)
    user.press_button("24 h")
    name, start, end = longest_opening(home_demo)
    assert end - start > 360
    user.point_at(name, (start + end) / 2)
    assert user.actions <= 2
    row = user.readout_row(name)
    since = datetime.fromtimestamp(start).astimezone().strftime("%I:%M:%S %p")
    expect(row).to_contain_text("open for")
    assert since in re.sub(r"\s", " ", row.inner_text())


def test_door_is_open_five_minutes_after_it_was_opened(
    visit: PageVisit, home_demo: DemoStack
) -> None:
    user = open_home(visit)
    user.press_button("24 h")
    name, start, _end = longest_opening(home_demo)
    # A closer look makes five minutes wider than a pixel.
    user.drag(name, start - 1_800, start + 1_800)
    user.press_key("Enter")
    user.point_at(name, start + 300)
    assert user.actions <= 4
    row = user.readout_row(name)
    expect(row).to_contain_text(re.compile(r"open for (4\.[89]|5|5\.[012]) min"))


def test_today_is_compared_with_yesterday_within_five_seconds(
    visit: PageVisit, home_demo: DemoStack
) -> None:
    with time_limit("today is compared with yesterday", COMPARE_SECONDS):
        user = open_home(visit)
        user.press_button("Compare")
        user.press_button("Yesterday (1 day ago)")
        expect(user.page.locator("#open-compare")).to_have_text("Compare: 1 day ago")
        readout = user.point_at("living-room.temperature", time.time() - 1_200)
        row = user.readout_row("living-room.temperature")
        expect(row).to_contain_text(re.compile("vs .* 1 day ago"))
    assert user.actions <= 3
    at = read_time(readout.locator("time"))
    value, difference, earlier = (
        float(text) for text in re.findall(r"[-+]?\d+\.\d", row.inner_text())[:3]
    )
    shown = nearest(home_demo, "living-room.temperature", at)
    before = nearest(home_demo, "living-room.temperature", at - DAY_SECONDS)
    assert value == pytest.approx(shown, abs=0.15)
    assert earlier == pytest.approx(before, abs=0.15)
    assert difference == pytest.approx(value - earlier, abs=0.11)


def test_values_of_one_time_are_read_on_all_panels(visit: PageVisit, home_demo: DemoStack) -> None:
    visit.page.set_viewport_size({"width": 1280, "height": 2400})
    user = open_home(visit)
    user.press_button("24 h")
    at = time.time() - 20_000
    user.point_at("house.power", at)
    assert user.actions <= 2
    readouts = user.page.locator(".tooltip:not([hidden])")
    expect(readouts).to_have_count(7)
    times = {read_time(element) for element in readouts.locator("time").all()}
    # The window moves on between two frames, but by less than a pixel.
    assert max(times) - min(times) < 60
    assert max(times) == pytest.approx(at, abs=120)
    for series, error in _ERRORS.items():
        row = user.readout_row(series)
        shown = number(row.inner_text().rpartition("\n")[2])
        assert shown == pytest.approx(nearest(home_demo, series, max(times)), abs=error), series


def test_crosshairs_of_lines_lanes_and_bars_line_up(visit: PageVisit) -> None:
    user = open_home(visit)
    user.press_button("24 h")
    at = time.time() - 30_000
    positions = []
    for series in ("house.power", "door.front", "house.energy"):
        user.point_at(series, at)
        positions.append(user.mouse_x)
    assert max(positions) - min(positions) <= 2, positions


def test_reason_of_a_missing_line_is_shown(visit: PageVisit, home_demo: DemoStack) -> None:
    user = open_home(visit)
    now = time.time()
    # At a glance: the sensor of the bathroom is silent.
    expect(user.legend("bathroom.humidity")).to_contain_text(re.compile("Last data [34] h ago"))
    user.press_button("24 h")
    user.point_at("bathroom.humidity", now - 3_600)
    assert user.actions <= 2
    last, _value = readings(home_demo, "bathroom.humidity", now - DAY_SECONDS, now)[-1]
    since = datetime.fromtimestamp(last).astimezone().strftime("%I:%M:%S %p")
    row = re.sub(r"\s", " ", user.readout_row("bathroom.humidity").inner_text())
    assert f"silent since {since}" in row


def test_time_without_readings_is_named(visit: PageVisit, home_demo: DemoStack) -> None:
    now = time.time()
    times = [
        at
        for start in (now - 40 * 3_600, now - 28 * 3_600)
        for at, _value in readings(home_demo, "outdoor.pressure", start, start + 12 * 3_600)
    ]
    first, last = max(pairwise(times), key=lambda pair: pair[1] - pair[0])
    assert last - first > 4 * 3_600
    user = open_home(visit)
    user.press_button("7 d")
    user.point_at("outdoor.pressure", (first + last) / 2)
    assert user.actions <= 2
    expect(user.readout_row("outdoor.pressure")).to_contain_text(
        f"silent since {datetime.fromtimestamp(first).astimezone():%b} "
    )
