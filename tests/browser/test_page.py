"""The whole page: first reading, live chart, restart of the server, fallback transport."""

from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visit, new_visit
from tests.support.stack import Stack
from tests.support.waiting import time_limit, wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser]


def test_chart_moves_and_continues_after_restart_of_web(visit: Visit) -> None:
    stack = visit.stack
    stack.start("writer")
    producer = stack.start("producer", STRIPCHART_PRODUCER_RATE="10")
    web = stack.start("web")
    visit.open()
    visit.wait_for_state("live")
    visit.wait_for_points(20)
    before = visit.page.locator("canvas").first.screenshot()
    visit.wait_for_points(visit.point_count() + 5)
    assert visit.page.locator("canvas").first.screenshot() != before
    web.kill()
    visit.wait_for_state("offline")
    expect(visit.page.locator("#offline")).to_be_visible()
    web.start()
    visit.wait_for_state("live")
    expect(visit.page.locator("#offline")).to_be_hidden()
    producer.terminate()
    published = int(stack.redis.client.hget("readings:state", "r"))
    # Each reading from before, during and after the restart is shown once.
    visit.wait_for_points(published)
    assert visit.point_count() == published
    wait_until("all readings are stored", lambda: len(stack.stored("demo.random")) == published)


@pytest.mark.long
def test_first_reading_replaces_the_guide(visit: Visit) -> None:
    stack = visit.stack
    stack.start("web")
    visit.open()
    guide = visit.page.locator("#guide")
    expect(guide).to_be_visible()
    expect(guide).to_contain_text(f"redis-cli -p {stack.redis.port} PUBLISH readings")
    expect(guide).to_contain_text("stripchart send kitchen 21.5")
    expect(guide).to_contain_text(f"http://127.0.0.1:{stack.port}/api/readings")
    stack.start("writer")
    client = stack.redis.client
    wait_until("the writer listens", lambda: client.pubsub_numsub("readings")[0][1] == 2)
    visit.wait_for_state("live")
    legend = visit.page.locator('[data-series="kitchen"]')
    with time_limit("the reading is shown", 1.0):
        client.publish("readings", '{"series":"kitchen","value":21.5,"unit":"°C"}')
        # This checks in every frame; `expect` checks after growing pauses.
        visit.page.wait_for_function(
            """() => document.querySelector('[data-series="kitchen"]')
              ?.textContent.includes('21.5')"""
        )
    expect(legend).to_contain_text("°C")
    expect(guide).to_be_hidden()


def test_button_1_h_shows_an_hour_of_history(shared_visit: Visit) -> None:
    # Its readings are 25 minutes old.
    page = shared_visit.open_series("attic", window="5m", min_points=0)
    shared_visit.wait_for_state("live")
    assert shared_visit.point_count() == 0
    page.get_by_role("button", name="1 h", exact=True).click()
    shared_visit.wait_for_points(60)


@pytest.mark.long
def test_page_is_live_without_websocket(browser: Browser, stack: Stack) -> None:
    stack.start("writer")
    producer = stack.start("producer", STRIPCHART_PRODUCER_RATE="10")
    web = stack.start("web")
    with new_visit(browser, stack) as visit:
        visit.page.add_init_script(
            """window.WebSocket = class {
                 constructor() { setTimeout(() => this.onclose({ reason: "" })); }
                 close() {}
               };"""
        )
        with visit.page.expect_request("**/api/stream**"):
            visit.open()
        visit.wait_for_state("live")
        visit.wait_for_points(20)
        web.terminate()
        web.start()
        visit.wait_for_points(visit.point_count() + 20)
        producer.terminate()
        published = int(stack.redis.client.hget("readings:state", "r"))
        visit.wait_for_points(published)
        assert visit.point_count() == published


@pytest.mark.long
def test_icon_and_manifest_are_served(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen")
    address = page.locator("link[rel=manifest]").get_attribute("href")
    assert address
    manifest = page.request.get(urljoin(page.url, address))
    assert manifest.ok
    assert manifest.headers["content-type"] == "application/manifest+json"
    assert manifest.json()["name"] == "Stripchart"
    icon = page.locator("link[rel=icon]").get_attribute("href")
    assert icon
    assert page.request.get(urljoin(page.url, icon)).ok
