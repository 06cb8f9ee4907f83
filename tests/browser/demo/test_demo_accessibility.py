"""axe on the pages and dialogs of a demo, light and dark, and dialogs by keyboard alone."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PageVisit
from tests.browser.demo.conftest import demo_visit
from tests.browser.test_accessibility import axe, violations
from tests.support.demo_stacks import DemoStack

__all__ = ["axe"]

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

OpenDemo = Callable[[], AbstractContextManager[PageVisit]]

PAGES = {
    "charts": "?charts",
    "view": "v/home",
    "kiosk": "v/home?kiosk=1",
    "panel": "v/home?panel=p1",
    "compared": "v/home?compare=1d",
    "overview": "?overview",
    "no view": "v/nowhere",
    "API": "api/",
}


@pytest.fixture(params=["light", "dark"])
def open_demo(request: pytest.FixtureRequest, browser: Browser, home_demo: DemoStack) -> OpenDemo:
    """Return a context manager that visits the demo `home` in a tab of this colour scheme."""

    @contextmanager
    def open_tab() -> Iterator[PageVisit]:
        with (
            browser.new_context(color_scheme=request.param) as context,
            demo_visit(context.new_page(), home_demo) as visit,
        ):
            yield visit

    return open_tab


def open_charts(visit: PageVisit) -> Page:
    page = visit.open("?charts")
    page.wait_for_selector('[data-points]:not([data-points="0"])')
    return page


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())
def test_page_has_no_axe_violations(open_demo: OpenDemo, axe: str, path: str) -> None:
    with open_demo() as visit:
        page = visit.open(path)
        if path.startswith(("?charts", "v/home")):
            page.wait_for_selector('[data-points]:not([data-points="0"])')
        expect(page.locator("h1, .overview-card, .panel").first).to_be_visible()
        assert violations(page, axe) == []
        # Chromium logs the response 404 of a view that does not exist.
        visit.errors[:] = [text for text in visit.errors if "404" not in text]


@pytest.mark.parametrize("key", ["/", "?", "t", "g"])
def test_dialog_opens_and_closes_by_its_key(open_demo: OpenDemo, axe: str, key: str) -> None:
    with open_demo() as visit:
        page = open_charts(visit)
        page.keyboard.press(key)
        expect(page.get_by_role("dialog")).to_be_visible()
        assert violations(page, axe) == []
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize(
    "name", [re.compile("^More$"), re.compile("^Compare"), re.compile("^Menu of ")]
)
def test_menu_has_no_axe_violations_and_returns_the_focus(
    open_demo: OpenDemo, axe: str, name: re.Pattern[str]
) -> None:
    with open_demo() as visit:
        page = open_charts(visit)
        button = page.get_by_role("button", name=name).first
        button.focus()
        page.keyboard.press("Enter")
        expect(page.locator(":popover-open")).to_have_count(1)
        assert violations(page, axe) == []
        page.keyboard.press("Escape")
        expect(page.locator(":popover-open")).to_have_count(0)
        expect(button).to_be_focused()


def test_dialog_to_save_a_view_has_no_axe_violations(open_demo: OpenDemo, axe: str) -> None:
    with open_demo() as visit:
        page = open_charts(visit)
        page.get_by_role("button", name="More", exact=True).focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Save as view", exact=True).focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        assert violations(page, axe) == []
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
