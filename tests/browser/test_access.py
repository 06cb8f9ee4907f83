"""For everyone: by keyboard, by ear, in light and dark, on a phone, with less motion."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import HOSTILE, Visit
from tests.support.paths import ROOT
from tests.support.stack import Stack

pytestmark = [pytest.mark.redis, pytest.mark.browser]

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
_AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"

Opener = Callable[..., AbstractContextManager[Visit]]


@pytest.fixture
def opened(browser: Browser, house: Stack) -> Opener:
    """Visits of the house in a browser that is set up in a certain way."""

    @contextmanager
    def open_visit(**context: object) -> Iterator[Visit]:
        made = Visit(browser, house, **context)
        yield made
        made.close()

    return open_visit


@pytest.fixture(scope="session")
def axe() -> str:
    """The program that looks for what keeps people out."""
    if not _AXE.exists():
        pytest.skip("needs axe-core: `make lint` installs the page's packages")
    return _AXE.read_text(encoding="utf-8")


def violations(page: Page, axe: str) -> list[str]:
    page.evaluate(axe)
    found = page.evaluate("() => axe.run()")
    return [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("look", [{}, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing(opened: Opener, axe: str, scheme: str, look: dict[str, object]) -> None:
    with opened(color_scheme=scheme, **look) as visit:
        page = visit.look("kitchen", "cellar", "attic", "oven", HOSTILE[0], hide="cellar")
        assert violations(page, axe) == []
        visit.look(*(f"many.{i:03}" for i in range(6)), window="7d")
        assert violations(page, axe) == []


@pytest.mark.long
@pytest.mark.parametrize("key", ["/", "?", "t"])
def test_axe_finds_nothing_in_a_dialog(guest: Visit, axe: str, key: str) -> None:
    page = guest.look("kitchen", "oven")
    page.keyboard.press(key)
    expect(page.get_by_role("dialog")).to_be_visible()
    page.wait_for_function("() => document.querySelector('dialog[open] :is(li, td, dd)')")
    assert violations(page, axe) == []


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_a_series_is_corrected(
    opened: Opener, axe: str, scheme: str
) -> None:
    with opened(color_scheme=scheme, **PHONE) as visit:
        page = visit.look("kitchen", "oven")
        page.keyboard.press(" ")
        page.locator('[data-series="kitchen"]').focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="Correct a series")
        dialog.get_by_role("checkbox").check()
        dialog.get_by_label("Delete it with all its readings").fill("kitchen")
        expect(dialog.get_by_role("button", name="Delete")).to_be_enabled()
        assert violations(page, axe) == []


@pytest.mark.long
def test_axe_finds_nothing_on_an_empty_page_or_in_the_menu(visit: Visit, axe: str) -> None:
    visit.stack.start("web")
    page = visit.open()
    expect(page.locator("#guide")).to_be_visible()
    assert violations(page, axe) == []
    page.get_by_role("button", name="More").click()
    expect(page.locator("#menu")).to_be_visible()
    assert violations(page, axe) == []


def test_all_goes_by_keyboard(guest: Visit) -> None:
    page = guest.look("kitchen", window="5m", least=0)
    state = page.locator("#state")
    expect(state).not_to_have_text("Connecting")
    went = page.locator("#time-toggle-label")
    page.keyboard.press(" ")
    expect(went).to_have_text("Live")
    before = page.locator("#time-range").inner_text()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#time-range")).not_to_have_text(before)
    page.keyboard.press("l")
    expect(went).to_have_text("Pause")
    page.keyboard.press("-")
    expect(page.locator("#time-range")).to_have_text("last 7.5 min")
    page.keyboard.press("+")
    expect(page.get_by_role("button", name="5 min")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("3")
    expect(page.get_by_role("button", name="1 h")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    # Nothing behind a dialog is steered.
    page.keyboard.press("2")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="1 h")).to_have_attribute("aria-pressed", "true")


def test_a_button_in_focus_is_seen_and_pressed_by_space(guest: Visit) -> None:
    page = guest.look("kitchen", "cellar")
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


def test_the_chart_is_told_in_words_and_as_a_table(guest: Visit) -> None:
    page = guest.look("oven", window="24h")
    chart = page.get_by_role("img", name="Line chart over time: oven")
    expect(chart).to_have_accessible_description(
        "The last 1 d. oven: 300 readings from 1 kW to 1.30 kW, 1.15 kW in the mean."
    )
    guest.look("attic")
    page.keyboard.press("t")
    dialog = page.get_by_role("dialog", name="Readings")
    series, readings = dialog.get_by_role("table").all()
    expect(series.get_by_role("row").nth(1)).to_contain_text("attic")
    expect(readings.get_by_role("caption")).to_have_text("60 readings")
    expect(readings.get_by_role("row")).to_have_count(61)
    expect(readings.get_by_role("row").nth(1)).to_contain_text("59 °C")


def test_the_colours_follow_the_system_and_a_hand(opened: Opener) -> None:
    ground = "() => getComputedStyle(document.querySelector('.panel')).backgroundColor"
    with opened(color_scheme="dark") as visit:
        page = visit.look("kitchen")
        assert page.evaluate(ground) == "rgb(19, 26, 34)"
        page.emulate_media(color_scheme="light")
        assert page.evaluate(ground) == "rgb(255, 255, 255)"
        page.get_by_role("button", name="More").click()
        page.get_by_role("button", name="Dark").click()
        assert page.evaluate(ground) == "rgb(19, 26, 34)"
        # The canvas follows too, and the choice is still there at the next visit.
        page.wait_for_function(
            "() => getComputedStyle(document.querySelector('.legend-entry'))"
            ".getPropertyValue('--line') === '#3bc9db'"
        )
        page.reload()
        visit.wait_for_points(1)
        assert page.evaluate(ground) == "rgb(19, 26, 34)"
        page.get_by_role("button", name="More").click()
        expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize(
    "width", [320, *(pytest.param(width, marks=pytest.mark.long) for width in (390, 768))]
)
def test_nothing_is_wider_than_the_screen(opened: Opener, width: int) -> None:
    with opened(viewport={"width": width, "height": 700}, has_touch=True) as visit:
        page = visit.look("kitchen", "oven", HOSTILE[4], window="24h")
        overflow = "() => document.documentElement.scrollWidth - innerWidth"
        assert page.evaluate(overflow) <= 0
        page.get_by_role("button", name="Series").click()
        expect(page.get_by_role("dialog")).to_be_in_viewport(ratio=1)
        assert page.evaluate(overflow) <= 0


@pytest.mark.long
def test_who_asked_for_less_motion_gets_less(opened: Opener) -> None:
    count = """() => new Promise((resolve) => {
      let draws = 0;
      const { clearRect } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.clearRect = function (...rest) {
        draws++;
        return clearRect.apply(this, rest);
      };
      setTimeout(() => resolve(draws), 3000);
    })"""
    with opened(reduced_motion="reduce") as visit:
        page = visit.look("kitchen", window="5m", least=0)
        assert page.evaluate(count) <= 6
        assert (
            page.locator(".status-lamp").evaluate("e => getComputedStyle(e).animationName")
            == "none"
        )
