"""Tasks of a user who changes axes, hangs up a tablet, and uses keys with the demo `servers`."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.axis import Axis, read_axis, record_axes
from tests.browser.conftest import PageVisit
from tests.browser.demo.conftest import demo_visit
from tests.browser.demo.task_user import TaskUser
from tests.browser.test_kiosk import KIOSK_FAULTS
from tests.support.demo_stacks import DemoStack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

WEB_LOAD = "system,datacenter=basel,host=web-01 load1"
WEB_CORE_3 = "cpu,cpu=cpu3,datacenter=basel,host=web-01 usage_user"
OCTETS = "switch.octets"
FIT_SECONDS = 10.0
SCREENS = [(800, 480), (1024, 600), (1280, 800), (480, 800), (1920, 1080)]
_COLORS = """() => [...document.querySelectorAll('.legend-entry')].map((entry) =>
  [entry.dataset.series, entry.style.getPropertyValue('--line'), entry.dataset.dash])"""
_HUES = """() => Object.fromEntries([...document.querySelectorAll('.legend-entry')].map((entry) => {
  const hex = entry.style.getPropertyValue('--line').trim();
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  const [max, min] = [Math.max(r, g, b), Math.min(r, g, b)];
  const part = max === r ? (g - b) / (max - min)
    : max === g ? 2 + (b - r) / (max - min) : 4 + (r - g) / (max - min);
  return [entry.dataset.series, (part * 60 + 360) % 360];
}))"""


@pytest.fixture
def visit(tab: Page, servers_demo: DemoStack) -> Iterator[PageVisit]:
    """Visit the page of the demo."""
    with demo_visit(tab, servers_demo) as own_visit:
        yield own_visit


@pytest.fixture
def load_view(visit: PageVisit, servers_demo: DemoStack) -> Iterator[str]:
    """Return the name of a view with the load of a server, which is deleted afterwards."""
    view = {"title": "Load", "panels": [{"id": "p1", "title": "Load", "series": [WEB_LOAD]}]}
    body = json.dumps(view).encode()
    assert servers_demo.request("PUT", "/api/views/my-load", body)[0] == 200
    yield "my-load"
    visit.leave()
    servers_demo.request("DELETE", "/api/views/my-load")


@pytest.fixture
def octets(servers_demo: DemoStack) -> Iterator[str]:
    """Return a counter of 14 digits without a unit, which is deleted afterwards."""
    now = time.time()
    readings = [
        {"series": OCTETS, "value": 14_526_912_345_600 + i, "ts": now - 600 + 10 * i}
        for i in range(60)
    ]
    servers_demo.post("/api/readings", readings)
    yield OCTETS
    servers_demo.request("DELETE", f"/api/series/{OCTETS}")


def edit_axis(user: TaskUser, axis: dict[str, Any]) -> None:
    """Change the axis of the panel by its menu, and save the view."""
    panel = user.panel(WEB_LOAD)
    user.press_button("Menu of Load", panel)
    user.press_button("Edit panel", panel)
    dialog = user.page.get_by_role("dialog")
    for end, label in (("min", "From"), ("max", "To")):
        if end in axis:
            user.fill(dialog.get_by_label(label, exact=True), str(axis[end]))
    if "scale" in axis:
        user.actions += 1
        dialog.get_by_label("Scale").select_option(axis["scale"])
    if "zero" in axis:
        user.click(dialog.get_by_label("Include 0", exact=True))
    user.press_button("Apply", dialog)
    bar = user.page.get_by_role("region", name="Edit view")
    user.press_button("Save", bar)
    expect(bar).to_be_hidden()


def assert_axis(axis: Axis, automatic: Axis, expected: dict[str, Any]) -> None:
    """Assert that labels and ends of an axis are as expected, and those of a load."""
    assert axis.is_even(log="scale" in expected), axis
    if "scale" in expected:
        # Labels at powers of ten, and between them if there are few: 1, 2, 5, 10, ...
        digits = {f"{value:e}"[0] for value in axis.values}
        assert "1" in digits <= set("125"), axis
        assert not axis.is_even()
        return
    low, high = axis.ends
    step = axis.values[1] - axis.values[0]
    assert axis.values[0] == 0
    assert low == pytest.approx(0, abs=step / 20)
    if "max" in expected:
        assert high == pytest.approx(expected["max"], abs=step / 20)
        assert axis.values[-1] > expected["max"] - step
    else:
        # It ends above the highest load, as the automatic axis does, but that begins higher.
        assert high == pytest.approx(automatic.ends[1], rel=0.25)


@pytest.mark.parametrize(
    "expected",
    [{"scale": "log"}, {"zero": True}, {"min": 0, "max": 24}],
    ids=["log", "zero", "fixed"],
)
def test_axis_is_set_by_the_menu_of_a_panel(
    visit: PageVisit, servers_demo: DemoStack, load_view: str, expected: dict[str, Any]
) -> None:
    page = visit.open(f"v/{load_view}?window=24h")
    visit.wait_for_points(100)
    user = TaskUser(page)
    chart = user.panel(WEB_LOAD).locator("canvas")
    record_axes(page)
    automatic = read_axis(page, chart)
    edit_axis(user, expected)
    assert user.actions <= 7
    axis = servers_demo.get(f"/api/views/{load_view}")["panels"][0]["axis"]
    assert axis == {"scale": "linear", "zero": False, "min": None, "max": None} | expected
    assert_axis(read_axis(page, chart), automatic, expected)
    # The axis is the same for somebody who opens the view later.
    page.reload()
    visit.wait_for_points(100)
    record_axes(page)
    assert_axis(read_axis(page, chart), automatic, expected)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: f"{screen[0]}x{screen[1]}")
def test_wall_tablet_shows_all_panels_of_a_view(visit: PageVisit, screen: tuple[int, int]) -> None:
    visit.page.set_viewport_size({"width": screen[0], "height": screen[1]})
    page = visit.open("v/racks")
    page.wait_for_selector("[data-points]")
    user = TaskUser(page)
    user.press_key("k")
    assert user.actions == 1
    expect(page.locator("#open-menu")).to_be_hidden()
    expect(page.locator(".panel")).to_have_count(10)
    # Text in its own place and size does not say when it has moved there.
    last: list[str] = []

    def is_whole() -> bool:
        last[:] = page.evaluate(KIOSK_FAULTS)
        return not last

    try:
        wait_until("nothing is cut", is_whole, FIT_SECONDS)
    except AssertionError:
        assert last == []
    for measure, size in zip(("scrollWidth", "scrollHeight"), screen, strict=True):
        assert page.evaluate(f"() => document.documentElement.{measure}") <= size


def test_overview_is_used_by_keyboard_only(visit: PageVisit) -> None:
    page = visit.open()
    expect(page.locator(".overview-card").first).to_be_visible()
    user = TaskUser(page)
    user.press_key("/")
    user.actions += 1
    page.keyboard.type("web-01 cpu1")
    found = page.locator("#overview-found")
    expect(found).to_contain_text(re.compile(r"^3 of \d+ series\. Enter opens cpu1\."))
    user.press_key("ArrowDown")
    expect(found).to_contain_text("Enter opens cpu10.")
    user.press_key("Enter")
    expect(user.legend(WEB_CORE_3.replace("cpu3", "cpu10"))).to_be_visible()
    assert user.actions == 4
    user.press_key("o")
    expect(page.get_by_role("region", name="Overview", exact=True)).to_be_visible()
    # Tab reaches the box and the link of a card, with a focus that can be seen.
    user.press_key("/")
    card = page.locator(".overview-card").first
    for target in (card.locator("input"), card.locator("a")):
        _press_tab_until_focused(user, target)
        assert target.evaluate("element => element.matches(':focus-visible')")
        assert target.evaluate("element => getComputedStyle(element).outlineStyle") != "none"
    user.press_key("Enter")
    expect(page.locator(".legend-entry")).to_have_count(1)


def _press_tab_until_focused(user: TaskUser, target: Locator) -> None:
    for _ in range(20):
        user.press_key("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError("Tab does not reach the element")


def test_colours_have_the_same_hue_in_the_dark_and_after_a_reload(
    browser: Browser, servers_demo: DemoStack
) -> None:
    with (
        browser.new_context(color_scheme="light") as context,
        demo_visit(context.new_page(), servers_demo) as visit,
    ):
        page = visit.open("v/racks")
        expect(TaskUser(page).legend(WEB_CORE_3)).to_be_visible()
        light, hues = page.evaluate(_COLORS), page.evaluate(_HUES)
        page.emulate_media(color_scheme="dark")
        wait_until("the colours are dark", lambda: page.evaluate(_COLORS) != light)
        dark, dark_hues = page.evaluate(_COLORS), page.evaluate(_HUES)
        for series, hue in hues.items():
            distance = abs(dark_hues[series] - hue)
            assert min(distance, 360 - distance) < 25, series
        page.reload()
        expect(TaskUser(page).legend(WEB_CORE_3)).to_be_visible()
        wait_until("the colours are the same", lambda: page.evaluate(_COLORS) == dark)
        page.emulate_media(color_scheme="light")
        wait_until("the colours are back", lambda: page.evaluate(_COLORS) == light)


def test_readout_is_never_over_the_selection(visit: PageVisit) -> None:
    page = visit.open("v/racks?window=1h")
    user = TaskUser(page)
    expect(user.legend(WEB_CORE_3)).to_be_visible()
    user.press_button("Pause")
    now = time.time()
    user.drag(WEB_CORE_3, now - 2_400, now - 1_800)
    expect(page.get_by_role("region", name="Selected range", exact=True)).to_be_visible()
    ends = []
    for age in (2_400, 1_800, 2_100):
        user.point_at(WEB_CORE_3, now - age)
        ends.append(user.mouse_x)
    left, right = ends[:2]
    assert right - left > 50
    box = user.panel(WEB_CORE_3).locator(".tooltip:not([hidden])").bounding_box()
    chart = user.panel(WEB_CORE_3).locator("canvas").bounding_box()
    assert box
    assert chart
    is_beside = box["x"] >= right - 3 or box["x"] + box["width"] <= left + 3
    is_above = box["y"] + box["height"] <= chart["y"] + 3
    assert is_beside or is_above, (box, left, right, chart)


@pytest.mark.parametrize("width", [320, 390, 470, 520, 701, 1280])
def test_long_value_leaves_room_for_its_label(visit: PageVisit, octets: str, width: int) -> None:
    visit.page.set_viewport_size({"width": width, "height": 700})
    page = visit.open(f"?overview&find={octets}")
    card = page.locator(".overview-card")
    expect(card.locator(".overview-value")).to_have_text(re.compile(r"^14,526,912,345,6\d\d$"))
    label = card.locator(".overview-label")
    box = label.bounding_box()
    assert box
    assert box["width"] >= (64 if width == 320 else 99)
    assert label.get_attribute("title") == octets
    for part in (".overview-value", ".overview-age"):
        fits = card.locator(part).evaluate("part => part.scrollWidth <= part.clientWidth")
        assert fits, part
