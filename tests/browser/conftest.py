"""A real browser on a real Stripchart, shut off from every other host."""

import time
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from tests.support.paths import ROOT
from tests.support.programs import find_program
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS, wait_until
from tests.system.conftest import stack

__all__ = ["stack"]

PATIENCE_MS = TIMEOUT_SECONDS * 1000
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "\"'&<b>",
    "=HYPERLINK(1)",
    "\u202eevil\u2067",
    "x" * 200,
]
MANY = 300

# What the browser logs of connections that the server refuses or cuts.
_CUT = (
    "ERR_CONNECTION",
    "ERR_EMPTY_RESPONSE",
    "ERR_INCOMPLETE_CHUNKED_ENCODING",
    "closed before receiving a handshake response",
)
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
        # The server may, when it goes down.
        if kind in {"error", "warning"} and not any(sign in text for sign in _CUT):
            self.complaints.append(text)

    def open(self, query: str = "") -> Page:
        self.page.goto(f"http://127.0.0.1:{self.stack.port}/{query}")
        return self.page

    def look(self, *series: str, window: str = "1h", least: int = 1, **query: str) -> Page:
        """Open the page on some series, and wait until it has so many of their readings."""
        pairs = [("window", window), *(("series", name) for name in series), *query.items()]
        self.open(f"?{urlencode(pairs)}")
        self.page.wait_for_selector("[data-points]")
        self.wait_for_points(least)
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
        """End the visit; it must have asked no other host, and nothing complained."""
        self._context.close()
        assert self.foreign == []
        assert self.complaints == []


def point(page: Page, across: float, down: float, chart: int = 0) -> None:
    """Move the mouse to a place in a chart, in shares of its size, until there is a readout.

    Once would not do: what has just been loaded may still move, and the mouse does not.
    """
    readout = page.locator(".tooltip:not([hidden])")

    def told() -> bool:
        box = page.locator("canvas").nth(chart).bounding_box()
        assert box
        x, y = box["x"] + box["width"] * across, box["y"] + box["height"] * down
        page.mouse.move(x - 1, y)
        page.mouse.move(x, y)
        return readout.count() > 0

    wait_until("there is a readout", told)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    if not _BUNDLE.exists():
        pytest.fail("the page is not built: run `make setup`")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(
            executable_path=find_program("browser"), args=_ARGUMENTS, timeout=PATIENCE_MS
        )
        yield made
        made.close()


@pytest.fixture
def visit(browser: Browser, stack: Stack) -> Iterator[Visit]:
    """A visit of a Stripchart of this test's own, of which it starts what it needs."""
    made = Visit(browser, stack)
    yield made
    made.close()


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A Stripchart with readings in it, for all tests that only look."""
    folder = tmp_path_factory.mktemp("house")
    redis_server = RedisServer.in_folder(folder / "redis")
    redis_server.start()
    made = Stack(folder, redis_server)
    made.start("writer")
    made.start("web")
    readings = list(_furniture(time.time()))
    for begin in range(0, len(readings), 1000):
        made.post("/api/readings", readings[begin : begin + 1000])
    wait_until(
        "all is stored",
        lambda: made.rows("SELECT count(*) FROM readings") == [(len(readings),)],
    )
    yield made
    made.kill()
    redis_server.kill()


def _furniture(now: float) -> Iterator[dict[str, object]]:
    for i in range(300):
        ts = now - 300 + i
        yield {"series": "kitchen", "value": 20 + i / 100, "unit": "°C", "ts": ts}
        yield {"series": "cellar", "value": 12 - i / 100, "unit": "°C", "ts": ts}
        yield {"series": "oven", "value": 1000 + i, "unit": "W", "ts": ts}
    for i in range(60):
        yield {"series": "attic", "value": i, "unit": "°C", "ts": now - 2400 + i}
    # Tests write to these; the others stay as they are.
    for name in ("hall", "porch"):
        yield {"series": name, "value": 20, "unit": "°C", "ts": now - 2400}
    for i, name in enumerate(HOSTILE):
        yield {"series": name, "value": i, "unit": name[:50], "ts": now - 7200}
    for i in range(MANY):
        yield {"series": f"many.{i:03}", "value": i, "unit": "V", "ts": now - 172800 - i}


@pytest.fixture
def guest(browser: Browser, house: Stack) -> Iterator[Visit]:
    """A visit of the house."""
    made = Visit(browser, house)
    yield made
    made.close()
