"""The page behind an nginx that passes neither the host nor WebSockets on."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.support.reverse_proxies import nginx
from tests.support.stack import Stack

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.nginx, pytest.mark.long]

SERVER = """
server {{
    listen 80;
    location / {{
        proxy_pass http://127.0.0.1:{port};
        {lines}
    }}
}}
"""
# Of the WebSocket, and of the request that finds out why.
REFUSED = ("Unexpected response code: 403", "the server responded with a status of 403")


def test_page_names_the_lines_that_the_proxy_lacks(
    tab: Page, shared_stack: Stack, tmp_path: Path
) -> None:
    bare = SERVER.format(port=shared_stack.port, lines="")
    with nginx(tmp_path / "bare", bare) as proxy:
        visit = Visit(tab, shared_stack, proxy.port)
        visit.open()
        notice = tab.locator("#refused")
        expect(notice).to_be_visible()
        expect(notice).to_contain_text("The proxy does not pass the name of this page on.")
        expect(notice).to_contain_text(f"asked for 127.0.0.1:{shared_stack.port}")
        lines = tab.locator("#refused-lines").inner_text()
        assert "proxy_set_header Host $http_host;" in lines.splitlines()
        # Readings arrive over Server-Sent Events.
        visit.wait_for_state("live")
        expect(notice).to_be_visible()
        assert [error for error in visit.errors if not any(text in error for text in REFUSED)] == []
        visit.errors.clear()
        visit.close()
    (host_line,) = [line for line in lines.splitlines() if "Host" in line]
    only_host = SERVER.format(port=shared_stack.port, lines=host_line)
    with nginx(tmp_path / "without-websockets", only_host) as proxy:
        visit = Visit(tab, shared_stack, proxy.port)
        visit.open()
        visit.wait_for_state("live")
        expect(notice).to_be_hidden()
        assert all("Unexpected response code: 426" in error for error in visit.errors)
        visit.errors.clear()
        visit.close()
    with nginx(tmp_path / "repaired", SERVER.format(port=shared_stack.port, lines=lines)) as proxy:
        visit = Visit(tab, shared_stack, proxy.port)
        with tab.expect_websocket() as opened:
            visit.open()
        opened.value.wait_for_event("framereceived")
        visit.wait_for_state("live")
        expect(notice).to_be_hidden()
        visit.close()


def test_page_without_its_script_says_so(tab: Page, shared_stack: Stack) -> None:
    visit = Visit(tab, shared_stack)
    tab.route("**/app.js*", lambda route: route.abort())
    visit.open()
    notice = tab.locator("#unstarted")
    # It would appear after ten seconds.
    notice.evaluate("node => node.getAnimations().forEach(animation => animation.finish())")
    expect(notice).to_be_visible()
    expect(notice).to_contain_text("The page has not started.")
    assert all("ERR_FAILED" in error for error in visit.errors)
    visit.errors.clear()
    visit.close()


def test_page_with_its_script_shows_no_notice(shared_visit: Visit) -> None:
    shared_visit.open()
    shared_visit.wait_for_state("live")
    expect(shared_visit.page.locator("#unstarted")).to_have_count(0)
    expect(shared_visit.page.locator("#refused")).to_be_hidden()
