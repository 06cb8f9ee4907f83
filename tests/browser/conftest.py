"""Chromium on a page of real processes, cut off from every other host."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Page,
    Route,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests.browser.stacks import closed_stack, shared_stack
from tests.support.paths import ROOT
from tests.support.programs import find_program
from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS, wait_until
from tests.system.conftest import stack

__all__ = ["closed_stack", "shared_stack", "stack"]

# The name of the button goes on with the numbers of shown and of all series.
SERIES_BUTTON = re.compile(r"^Series \d")

_TIMEOUT_MS = TIMEOUT_SECONDS * 1000
# Playwright's default.
_VIEWPORT = ViewportSize(width=1280, height=720)
# Chromium logs these when the server refuses or cuts a connection, and the last one when the page
# connects again before a connection is open.
_CONNECTION_ERRORS = (
    "ERR_CONNECTION",
    "ERR_EMPTY_RESPONSE",
    "ERR_INCOMPLETE_CHUNKED_ENCODING",
    "closed before receiving a handshake response",
    "closed before the connection is established",
)
_BUNDLE = ROOT / "services" / "web" / "static" / "dist" / "app.js"
_CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class PageVisit:
    """A visit of a page, with the errors that the browser logs.

    Args:
        tab: An empty tab of the browser.
        port: The port of the page.
    """

    def __init__(self, tab: Page, port: int) -> None:
        self.port = port
        self.foreign_requests: list[str] = []
        self.errors: list[str] = []
        self.page = tab
        self.page.set_default_timeout(_TIMEOUT_MS)
        self.page.route("**/*", self._block_foreign)
        self.page.on("pageerror", self._record_error)
        self.page.on("console", self._record_message)

    def _block_foreign(self, route: Route) -> None:
        if urlsplit(route.request.url).port == self.port:
            route.continue_()
        else:
            self.foreign_requests.append(route.request.url)
            route.abort()

    def _record_error(self, error: Error) -> None:
        self.errors.append(str(error))

    def _record_message(self, message: ConsoleMessage) -> None:
        # A server that stops causes connection errors; everything else is a fault of the page.
        is_expected = any(error in message.text for error in _CONNECTION_ERRORS)
        if message.type in {"error", "warning"} and not is_expected:
            path = urlsplit(message.location["url"]).path
            self.errors.append(f"{message.text} ({path})")

    def open(self, query: str = "") -> Page:
        """Open the page with a query string, and do not wait for readings."""
        self.page.goto(f"http://127.0.0.1:{self.port}/{query}")
        return self.page

    def open_series(
        self, *series: str, window: str = "1h", min_points: int = 1, **query: str
    ) -> Page:
        """Open the page with these series, and wait until it shows at least `min_points`."""
        pairs = [("window", window), *(("series", name) for name in series), *query.items()]
        self.open(f"?{urlencode(pairs)}")
        self.page.wait_for_selector("[data-points]")
        self.wait_for_points(min_points)
        return self.page

    def wait_for_state(self, state: str) -> None:
        """Wait until the page is `live`, `connecting` or `offline`."""
        self.page.wait_for_selector(f"html[data-state={state}]")

    def point_count(self) -> int:
        """Return the number of readings in the windows of all charts."""
        return sum(
            int(chart.get_attribute("data-points") or 0)
            for chart in self.page.query_selector_all("[data-points]")
        )

    def wait_for_points(self, min_points: int) -> None:
        """Wait until all charts together show at least this many readings."""
        self.page.wait_for_function(
            "min => [...document.querySelectorAll('[data-points]')]"
            ".reduce((sum, chart) => sum + Number(chart.dataset.points), 0) >= min",
            arg=min_points,
        )

    def leave(self) -> None:
        """Empty the tab, so that the page sends no more requests.

        A page may ask for its view at any time, so tests leave it before they delete the view.
        """
        self.page.goto("about:blank")

    def close(self) -> None:
        """Empty the tab, and assert that the page used no other host and logged no error."""
        self.leave()
        self.page.unroute_all()
        self.page.remove_listener("pageerror", self._record_error)
        self.page.remove_listener("console", self._record_message)
        assert self.foreign_requests == []
        assert self.errors == []


class Visit(PageVisit):
    """A visit of a stack's page.

    Args:
        tab: An empty tab of the browser.
        stack: The processes that serve the page.
        port: The port of a proxy in front of them.
    """

    def __init__(self, tab: Page, stack: Stack, port: int | None = None) -> None:
        super().__init__(tab, port or stack.port)
        self.stack = stack


def show_tooltip(page: Page, across: float, down: float, chart: int = 0) -> None:
    """Move the mouse over a chart until a tooltip appears; positions are shares of its size.

    One move is not enough: a chart that still loads may move below the mouse afterwards.
    """
    tooltip = page.locator(".tooltip:not([hidden])")

    def move_mouse() -> bool:
        box = page.locator("canvas").nth(chart).bounding_box()
        assert box
        x, y = box["x"] + box["width"] * across, box["y"] + box["height"] * down
        page.mouse.move(x - 1, y)
        page.mouse.move(x, y)
        return tooltip.count() > 0

    wait_until("a tooltip appears", move_mouse)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start one Chromium for all tests."""
    if not _BUNDLE.exists():
        pytest.fail("the page is not built: run `make setup`")
    expect.set_options(timeout=_TIMEOUT_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=find_program("browser"), args=_CHROMIUM_ARGUMENTS, timeout=_TIMEOUT_MS
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def reused_tab(browser: Browser) -> Iterator[Page]:
    """Open one tab for all tests, since Chromium needs two seconds of CPU for a new one.

    A test that changes a tab in a way that `tab` does not undo opens one with `new_visit`.
    """
    with browser.new_context() as context:
        yield context.new_page()


@pytest.fixture
def tab(reused_tab: Page) -> Iterator[Page]:
    """Return an empty tab with default options, in a browser that has stored nothing."""
    yield reused_tab
    context = reused_tab.context
    context.clear_permissions()
    devtools = context.new_cdp_session(reused_tab)
    devtools.send("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "all"})
    devtools.detach()
    reused_tab.set_viewport_size(_VIEWPORT)
    reused_tab.mouse.move(0, 0)
    assert context.pages == [reused_tab]


@contextmanager
def new_visit(browser: Browser, stack: Stack, **options: Any) -> Iterator[Visit]:
    """Visit a stack in a browser context with options of Playwright's `new_context`."""
    with browser.new_context(**options) as context:
        visit = Visit(context.new_page(), stack)
        yield visit
        visit.close()


@pytest.fixture
def visit(tab: Page, stack: Stack) -> Iterator[Visit]:
    """Return a visit of this test's own stack; the test starts the processes that it needs."""
    own_visit = Visit(tab, stack)
    yield own_visit
    own_visit.close()


@pytest.fixture
def closed_visit(tab: Page, closed_stack: Stack) -> Iterator[Visit]:
    """Return a visit of the stack that needs a login."""
    own_visit = Visit(tab, closed_stack)
    yield own_visit
    own_visit.close()


@pytest.fixture
def shared_visit(tab: Page, shared_stack: Stack) -> Iterator[Visit]:
    """Return a visit of the shared stack."""
    own_visit = Visit(tab, shared_stack)
    yield own_visit
    own_visit.close()
