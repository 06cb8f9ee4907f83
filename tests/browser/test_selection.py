"""The bar with statistics of the selected range, by mouse, finger and keyboard."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.conftest import Visit, new_visit
from tests.browser.test_accessibility import axe, violations
from tests.browser.test_gestures import canvas_box, drag_plainly, window
from tests.support.stack import Stack
from tests.support.waiting import wait_until

__all__ = ["axe"]

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]


_SHORT_COLUMNS = ["Series", "Min", "Mean", "Max"]


def selection_bar(page: Page) -> Locator:
    return page.get_by_role("region", name="Selected range", exact=True)


def exact_rows(page: Page) -> dict[str, dict[str, str]]:
    """Wait for the server's statistics; return the texts by series and column."""
    page.wait_for_selector("#selection[data-statistics=exact]")
    head, *rows = page.locator("#selection-table tr:not(.selection-rest)").all()
    titles = head.locator("th").all_inner_texts()[1:]
    return {
        row.locator("th").inner_text(): dict(
            zip(titles, row.locator("td").all_inner_texts(), strict=True)
        )
        for row in rows
    }


def record(stack: Stack, name: str, unit: str | None, values: list[tuple[float, float]]) -> None:
    readings = [{"series": name, "unit": unit, "ts": ts, "value": value} for ts, value in values]
    stack.post("/api/readings", readings)
    wait_until("the readings are stored", lambda: len(stack.stored(name)) == len(values))


def test_selection_shows_energy_of_power(shared_visit: Visit) -> None:
    now = time.time()
    record(shared_visit.stack, "heater", "W", [(now - 600 + i, 1_800) for i in range(600)])
    page = shared_visit.open_series("heater", window="10m", min_points=500)
    drag_plainly(page, 0.3, 0.8)
    bar = selection_bar(page)
    expect(bar).to_contain_text("min")
    row = exact_rows(page)["heater"]
    assert row["Min"] == row["Max"] == row["Mean"] == "1.80 kW"
    # 1,800 W for about 5 minutes.
    energy, unit = row["Energy"].split()
    assert unit == "Wh"
    assert 110 < float(energy) < 200
    assert 220 < int(row["Readings"]) < 400


def test_selection_of_a_door_has_the_time_that_it_was_open(shared_visit: Visit) -> None:
    now = time.time()
    record(
        shared_visit.stack,
        "door.garage",
        None,
        [(now - 3_000, 0), (now - 1_500, 1), (now - 1_490, 0), (now - 500, 1)],
    )
    page = shared_visit.open_series("door.garage", window="1h", min_points=1)
    drag_plainly(page, 0.3, 0.8)
    (row,) = exact_rows(page).values()
    assert "10 s" in row["States"]
    assert "Mean" not in row


def test_keyboard_selects_and_zooms(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", window="5m", min_points=0)
    for _ in range(10):
        page.keyboard.press("Shift+ArrowRight")
    bar = selection_bar(page)
    expect(bar).to_be_visible()
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    for _ in range(10):
        page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Enter")
    start, end = window(page)
    assert end - start == pytest.approx(60, abs=2)
    expect(bar).to_be_hidden()


def test_selection_is_saved_with_every_reading(shared_visit: Visit, tmp_path: Path) -> None:
    now = time.time()
    values = [(now - 300 + i / 50, float(i % 7)) for i in range(15_000)]
    stack = shared_visit.stack
    for first in range(0, len(values), 5_000):
        part = values[first : first + 5_000]
        stack.post("/api/readings", [{"series": "motor", "ts": t, "value": v} for t, v in part])
    wait_until("the readings are stored", lambda: len(stack.stored("motor")) == len(values))
    page = shared_visit.open_series("motor", window="10m", min_points=10_000)
    drag_plainly(page, 0.1, 0.97)
    page.wait_for_selector("#selection[data-statistics=exact]")
    with page.expect_download() as download:
        selection_bar(page).get_by_role("button", name="CSV", exact=True).click()
    path = tmp_path / "range.csv"
    download.value.save_as(path)
    _head, *lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) > 13_000
    assert len(set(lines)) == len(lines)
    assert all(line.endswith(",,,,") for line in lines)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_selection_bar_has_no_axe_violations(
    browser: Browser, shared_stack: Stack, axe: str, scheme: str
) -> None:
    with new_visit(browser, shared_stack, color_scheme=scheme) as visit:
        page = visit.open_series("kitchen", "oven", window="3h")
        drag_plainly(page, 0.3, 0.99)
        exact_rows(page)
        assert violations(page, axe) == []


@pytest.mark.parametrize(("width", "height"), [(320, 568), (768, 600), (1280, 600)])
def test_bar_fits_and_leaves_half_of_the_chart(
    browser: Browser, shared_stack: Stack, width: int, height: int
) -> None:
    size = {"width": width, "height": height}
    with new_visit(browser, shared_stack, viewport=size) as visit:
        page = visit.open_series("kitchen", "oven", window="3h")
        drag_plainly(page, 0.3, 0.99)
        exact_rows(page)
        bar = selection_bar(page)
        close = bar.get_by_role("button", name="Close", exact=True)
        more = bar.get_by_role("button", name="More", exact=True)
        if width < 900:
            expect(bar.get_by_role("columnheader")).to_have_text(_SHORT_COLUMNS)
            more.click()
            expect(bar.get_by_text(re.compile(r"Readings \d"))).to_be_visible()
        else:
            expect(more).to_be_hidden()
        assert page.locator(".selection-scroll").evaluate("part => part.scrollWidth") <= width - 20
        box_of_bar, box_of_close, chart = bar.bounding_box(), close.bounding_box(), canvas_box(page)
        assert box_of_bar
        assert box_of_close
        assert box_of_close["x"] + box_of_close["width"] < box_of_bar["x"] + box_of_bar["width"]
        assert box_of_bar["height"] < height / 3
        assert box_of_bar["y"] > chart["y"] + chart["height"] / 2


def test_restart_of_a_counter_is_not_estimated(shared_visit: Visit) -> None:
    now = time.time()
    values = [(now - 200 + i, float(i % 60)) for i in range(190)]
    record(shared_visit.stack, "pulses", None, values)
    shared_visit.stack.request("PATCH", "/api/series/pulses", b'{"kind": "counter"}')
    page = shared_visit.open_series("pulses", window="5m")
    requests: list[Route] = []
    page.route("**/api/statistics*", lambda route: requests.append(route))  # noqa: PLW0108
    drag_plainly(page, 0.3, 0.95)
    column = selection_bar(page).get_by_role("columnheader", name="Difference", exact=True)
    expect(column).to_be_visible()
    expect(selection_bar(page).get_by_role("cell").get_by_text("…").first).to_be_visible()
    wait_until("the page asks", lambda: page.evaluate("() => true") and len(requests) > 0)
    page.unroute("**/api/statistics*")
    for request in requests:
        request.continue_()
    assert exact_rows(page)["pulses"]["Difference"].startswith("+1")


@pytest.fixture
def phone(browser: Browser, shared_stack: Stack) -> Iterator[Visit]:
    """Return a visit of the shared stack on a small touch screen."""
    size = {"width": 320, "height": 568}
    with new_visit(browser, shared_stack, has_touch=True, viewport=size) as touch_visit:
        yield touch_visit


def test_finger_selects_after_a_long_press(phone: Visit) -> None:
    page = phone.open_series("kitchen", window="5m", min_points=0)
    box = canvas_box(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + 60
    session = page.context.new_cdp_session(page)

    def send(kind: str, *xs: float) -> None:
        points = [{"x": one, "y": y, "id": 0} for one in xs]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", x)
    page.wait_for_function("() => document.querySelector('canvas').style.cursor === 'col-resize'")
    for step in range(0, 90, 10):
        send("touchMove", x + step)
    send("touchEnd")
    bar = selection_bar(page)
    expect(bar).to_be_visible()
    box_of_bar = bar.bounding_box()
    assert box_of_bar is not None
    assert box_of_bar["x"] >= 0
    assert box_of_bar["x"] + box_of_bar["width"] <= 320
    assert ".." not in page.url
