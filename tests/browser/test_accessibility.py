"""Accessibility: axe, keyboard, screen readers, colour schemes, small screens, reduced motion."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SERIES_BUTTON, Visit, new_visit
from tests.browser.stacks import HOSTILE_NAMES
from tests.support.paths import ROOT
from tests.support.stack import Stack

pytestmark = [pytest.mark.redis, pytest.mark.browser]

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
_AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"

OpenVisit = Callable[..., AbstractContextManager[Visit]]


@pytest.fixture
def open_visit(browser: Browser, shared_stack: Stack) -> OpenVisit:
    """Return a function that opens the shared stack in a browser context with options."""
    return partial(new_visit, browser, shared_stack)


@pytest.fixture(scope="session")
def axe() -> str:
    """Return the program of axe, which finds violations of accessibility rules."""
    if not _AXE.exists():
        pytest.skip("needs axe-core: `make lint` installs the page's packages")
    return _AXE.read_text(encoding="utf-8")


def violations(page: Page, axe: str) -> list[str]:
    """Run axe on a page; return each violation with its element and how to fix it."""
    page.evaluate(axe)
    report = page.evaluate("() => axe.run()")
    return [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in report["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("context", [{}, PHONE], ids=["desktop", "phone"])
def test_charts_have_no_axe_violations(
    open_visit: OpenVisit, axe: str, scheme: str, context: dict[str, object]
) -> None:
    with open_visit(color_scheme=scheme, **context) as visit:
        names = ["kitchen", "cellar", "attic", "oven", HOSTILE_NAMES[0]]
        page = visit.open_series(*names, hide="cellar")
        assert violations(page, axe) == []
        visit.open_series(*(f"many.{i:03}" for i in range(6)), window="7d")
        assert violations(page, axe) == []


@pytest.mark.long
@pytest.mark.parametrize("key", ["/", "?", "t"])
def test_dialog_has_no_axe_violations(shared_visit: Visit, axe: str, key: str) -> None:
    page = shared_visit.open_series("kitchen", "oven")
    page.keyboard.press(key)
    expect(page.get_by_role("dialog")).to_be_visible()
    page.wait_for_function("() => document.querySelector('dialog[open] :is(li, td, dd)')")
    assert violations(page, axe) == []


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_series_editor_has_no_axe_violations(open_visit: OpenVisit, axe: str, scheme: str) -> None:
    with open_visit(color_scheme=scheme, **PHONE) as visit:
        page = visit.open_series("kitchen", "oven")
        page.keyboard.press(" ")
        page.locator('[data-series="kitchen"]').focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="Edit series", exact=True)
        dialog.get_by_label("Kind").select_option("state")
        dialog.get_by_role("button", name="Add a value", exact=True).click()
        dialog.get_by_role("checkbox").check()
        dialog.get_by_label("To delete the series and all its readings").fill("kitchen")
        expect(dialog.get_by_role("button", name="Delete", exact=True)).to_be_enabled()
        assert violations(page, axe) == []


@pytest.mark.long
def test_guide_and_menu_have_no_axe_violations(visit: Visit, axe: str) -> None:
    visit.stack.start("web")
    page = visit.open()
    expect(page.locator("#guide")).to_be_visible()
    assert violations(page, axe) == []
    page.get_by_role("button", name="More", exact=True).click()
    expect(page.locator("#menu")).to_be_visible()
    assert violations(page, axe) == []


@pytest.mark.long
def test_keyboard_controls_the_time_window(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", window="5m", min_points=0)
    state = page.locator("#state")
    expect(state).not_to_have_text("Connecting")
    toggle = page.locator("#time-toggle-label")
    page.keyboard.press(" ")
    expect(toggle).to_have_text("Live")
    before = page.locator("#time-range").inner_text()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#time-range")).not_to_have_text(before)
    page.keyboard.press("l")
    expect(toggle).to_have_text("Pause")
    page.keyboard.press("-")
    expect(page.locator("#time-range")).to_have_text("last 7.5 min")
    page.keyboard.press("+")
    expect(page.get_by_role("button", name="5 min", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.keyboard.press("3")
    expect(page.get_by_role("button", name="1 h", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts", exact=True)).to_be_visible()
    # While a dialog is open, keys do not control the charts.
    page.keyboard.press("2")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="1 h", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


@pytest.mark.long
def test_focused_button_is_outlined_and_pressed_by_space(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", "cellar")
    button = page.locator('[data-series="cellar"]')
    for _ in range(40):
        page.keyboard.press("Tab")
        if button.evaluate("element => element === document.activeElement"):
            break
    expect(button).to_be_focused()
    assert button.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
    page.keyboard.press(" ")
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#time-toggle-label")).to_have_text("Pause")


@pytest.mark.long
def test_chart_has_a_description_and_a_table(shared_visit: Visit) -> None:
    page = shared_visit.open_series("oven", window="24h")
    chart = page.get_by_role("application", name="Line chart over time: oven", exact=True)
    expect(chart).to_have_accessible_description(
        "The last 1 d. oven: 300 readings from 1.00 kW to 1.30 kW, mean 1.15 kW."
    )
    shared_visit.open_series("attic")
    page.keyboard.press("t")
    dialog = page.get_by_role("dialog", name="Readings", exact=True)
    series, readings = dialog.get_by_role("table").all()
    expect(series.get_by_role("row").nth(1)).to_contain_text("attic")
    expect(readings.get_by_role("caption")).to_have_text("60 readings")
    expect(readings.get_by_role("row")).to_have_count(61)
    expect(readings.get_by_role("row").nth(1)).to_contain_text("59 °C")


@pytest.mark.long
def test_colour_scheme_follows_system_until_chosen(open_visit: OpenVisit) -> None:
    background = "() => getComputedStyle(document.querySelector('.panel')).backgroundColor"
    with open_visit(color_scheme="dark") as visit:
        page = visit.open_series("kitchen")
        assert page.evaluate(background) == "rgb(19, 26, 34)"
        page.emulate_media(color_scheme="light")
        assert page.evaluate(background) == "rgb(255, 255, 255)"
        page.get_by_role("button", name="More", exact=True).click()
        page.get_by_role("button", name="Dark", exact=True).click()
        assert page.evaluate(background) == "rgb(19, 26, 34)"
        # The lines change too, and the choice is saved for the next visit.
        page.wait_for_function(
            "() => getComputedStyle(document.querySelector('.legend-entry'))"
            ".getPropertyValue('--line') === '#3bc9db'"
        )
        page.reload()
        visit.wait_for_points(1)
        assert page.evaluate(background) == "rgb(19, 26, 34)"
        page.get_by_role("button", name="More", exact=True).click()
        expect(page.get_by_role("button", name="Dark", exact=True)).to_have_attribute(
            "aria-pressed", "true"
        )


@pytest.mark.parametrize(
    "width", [320, *(pytest.param(width, marks=pytest.mark.long) for width in (390, 768))]
)
def test_page_is_not_wider_than_the_screen(open_visit: OpenVisit, width: int) -> None:
    with open_visit(viewport={"width": width, "height": 700}, has_touch=True) as visit:
        page = visit.open_series("kitchen", "oven", HOSTILE_NAMES[4], window="24h")
        overflow = "() => document.documentElement.scrollWidth - innerWidth"
        assert page.evaluate(overflow) <= 0
        page.get_by_role("button", name=SERIES_BUTTON).click()
        expect(page.get_by_role("dialog")).to_be_in_viewport(ratio=1)
        assert page.evaluate(overflow) <= 0


@pytest.mark.long
def test_reduced_motion_draws_at_most_once_a_second(open_visit: OpenVisit) -> None:
    count = """() => new Promise((resolve) => {
      let draws = 0;
      const { clearRect } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.clearRect = function (...rest) {
        draws++;
        return clearRect.apply(this, rest);
      };
      setTimeout(() => resolve(draws), 3000);
    })"""
    with open_visit(reduced_motion="reduce") as visit:
        page = visit.open_series("kitchen", window="5m", min_points=0)
        assert page.evaluate(count) <= 6
        assert (
            page.locator(".status-lamp").evaluate("e => getComputedStyle(e).animationName")
            == "none"
        )
