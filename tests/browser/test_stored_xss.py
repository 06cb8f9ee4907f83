"""Stored texts never become markup or scripts: names, units, labels, words, titles, in all places.

A text that runs would set `window.pwned`, make an element, or break the policy for content, which
the browser logs.
"""

import json
import time
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Visit, new_visit, show_tooltip
from tests.browser.views import menu_entry, put_view
from tests.support.access import carry_out, new_share
from tests.support.stack import Stack

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

HOSTILE = [
    "<img src=x onerror=window.pwned=1>",
    '"><script>window.pwned=1</script><i class=pwned>',
    "'-window.pwned=1-'",
    "javascript:window.pwned=1//",
    "</title></textarea></template><svg onload=window.pwned=1>",
    "{{7*7}}${7*7}<b class=pwned>&lt;&quot;",
]

MARKUP = """() => [
  ...document.querySelectorAll(
    "img[src=x], .pwned, [onerror], [onload], script:not([src]), [href^='javascript:' i]"
  ),
].map((element) => element.outerHTML)"""


def assert_harmless(page: Page) -> None:
    assert page.evaluate("() => window.pwned ?? null") is None
    assert page.evaluate(MARKUP) == []
    assert "49" not in page.title()


def store(stack: Stack, text: str) -> None:
    """Store a text as name, unit, label, word of a state, tag, and as title of a view."""
    now = time.time()
    readings = [
        {"series": text, "value": i % 2, "unit": text[:50], "ts": now - 60 + i} for i in range(60)
    ]
    stack.post("/api/readings", readings)
    settings = {"label": f"{text} label", "kind": "state", "states": {"0": text[:50], "1": "on"}}
    path = f"/api/series?{urlencode({'series': text})}"
    status, answer = stack.request("PATCH", path, json.dumps(settings).encode())
    assert status in {200, 202}, answer
    panel = {"id": "p1", "title": f"{text} panel", "series": [text], "type": "states"}
    put_view(stack, "hostile", {"title": f"{text} view", "panels": [panel]})


@pytest.mark.parametrize("text", HOSTILE)
def test_stored_text_is_text_on_every_page(shared_visit: Visit, text: str) -> None:
    stack = shared_visit.stack
    store(stack, text)
    page = shared_visit.open_series(text, window="5m", limit=f"{text[:40]}:0..1")
    expect(page.locator("figure .series-name").first).to_contain_text(text)
    show_tooltip(page, 0.9, 0.5)
    expect(page.locator(".tooltip")).to_contain_text(text)
    assert_harmless(page)
    for key, place in (("t", "#table-body"), ("/", "#series-list")):
        page.keyboard.press(key)
        expect(page.locator(place)).to_contain_text(text)
        assert_harmless(page)
        page.keyboard.press("Escape")
    # The editor of the series.
    page.locator(".legend-entry").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#editor-series")).to_have_text(text)
    expect(page.locator("#editor-label")).to_have_value(f"{text} label")
    assert_harmless(page)
    page.keyboard.press("Escape")
    # The page of the view, its editor, and the list in the menu.
    shared_visit.open("v/hostile")
    page.wait_for_selector("[data-points]")
    expect(page.locator("#view-title")).to_have_text(f"{text} view")
    expect(page.locator(".panel-title").first).to_contain_text(f"{text} panel")
    menu_entry(page, "Edit this view").click()
    expect(page.locator("#view-panels")).to_contain_text(f"{text} panel")
    expect(page.locator("#menu-views")).to_contain_text(f"{text} view")
    assert_harmless(page)
    # The overview.
    shared_visit.open(f"?{urlencode({'overview': '', 'q': text})}")
    page.locator("#overview-search").fill(text)
    expect(page.locator("#overview-list")).to_contain_text(text)
    assert_harmless(page)
    stack.request("DELETE", "/api/views/hostile")
    stack.request("DELETE", f"/api/series?{urlencode({'series': text})}")


@pytest.mark.parametrize("text", HOSTILE)
def test_title_of_a_share_is_text_for_its_maker_and_for_strangers(
    browser: Browser, shared_visit: Visit, text: str
) -> None:
    stack = shared_visit.stack
    share = new_share(f"hostile-{HOSTILE.index(text)}", "kitchen", title=text)
    carry_out(stack, share)
    page = shared_visit.open_series("kitchen")
    menu_entry(page, "Share …").click()
    expect(page.locator(".share-name").filter(has_text=text)).to_have_count(1)
    assert_harmless(page)
    with new_visit(browser, stack) as stranger:
        shared = stranger.open(f"s/hostile-{HOSTILE.index(text)}/")
        stranger.wait_for_points(1)
        expect(shared.locator("#view-title")).to_have_text(text)
        assert shared.title().startswith(text.strip())
        assert_harmless(shared)
    stack.request("DELETE", f"/api/shares/{share.share}")


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_the_address_is_text(shared_visit: Visit, text: str) -> None:
    query = urlencode(
        dict.fromkeys(("series", "hide", "window", "limit", "compare", "panel", "next"), text)
    )
    page = shared_visit.open(f"?{query}")
    shared_visit.wait_for_state("live")
    assert_harmless(page)
    page = shared_visit.open(f"v/{quote(text, safe='')}")
    assert_harmless(page)
    shared_visit.errors[:] = [error for error in shared_visit.errors if "404" not in error]
