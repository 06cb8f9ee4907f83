"""A real browser on a real Stripchart, shut off from every other host."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from tests.conftest import program
from tests.servers import PATIENCE, ROOT
from tests.system.conftest import Stack, stack

__all__ = ["stack"]

PATIENCE_MS = PATIENCE * 1000
_BUNDLE = ROOT / "services" / "web" / "static" / "dist" / "app.js"
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Visit:
    """A page of a Stripchart, and what the browser complained about on it."""

    def __init__(self, browser: Browser, stack: Stack, **context: object) -> None:
        self.stack = stack
        self.foreign: list[str] = []
        self.complaints: list[str] = []
        self._context = browser.new_context(**context)  # type: ignore[arg-type]
        self._context.set_default_timeout(PATIENCE_MS)
        self._context.route("**/*", self._stay)
        self.page: Page = self._context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self._note(message.type, message.text))

    def _stay(self, route: Route) -> None:
        if urlsplit(route.request.url).port == self.stack.port:
            route.continue_()
        else:
            self.foreign.append(route.request.url)
            route.abort()

    def _note(self, kind: str, text: str) -> None:
        # The browser logs each connection that the server refuses; it may, while it is down.
        if kind in {"error", "warning"} and "ERR_CONNECTION" not in text:
            self.complaints.append(text)

    def open(self, query: str = "") -> Page:
        self.page.goto(f"http://127.0.0.1:{self.stack.port}/{query}")
        return self.page

    def wait_for_state(self, state: str) -> None:
        self.page.wait_for_selector(f"html[data-state={state}]")

    def points(self) -> int:
        """How many readings all charts hold."""
        return sum(
            int(chart.get_attribute("data-points") or 0)
            for chart in self.page.query_selector_all("[data-points]")
        )

    def wait_for_points(self, least: int) -> None:
        self.page.wait_for_function(
            "least => [...document.querySelectorAll('[data-points]')]"
            ".reduce((sum, chart) => sum + Number(chart.dataset.points), 0) >= least",
            arg=least,
        )

    def close(self) -> None:
        self._context.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    if not _BUNDLE.exists():
        pytest.fail("the page is not built: run `make setup`")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=program("browser"), args=_ARGUMENTS)
        yield made
        made.close()


@pytest.fixture
def visit(browser: Browser, stack: Stack) -> Iterator[Visit]:
    """A visit that fails the test if the page asked another host, or anything complained."""
    made = Visit(browser, stack)
    yield made
    made.close()
    assert made.foreign == []
    assert made.complaints == []
