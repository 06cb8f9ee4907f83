"""What a person sees: a chart that moves, and goes on after a restart."""

import time
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, point
from tests.support.waiting import time_limit, wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser]


def test_the_chart_moves_and_survives_a_restart_of_web(visit: Visit) -> None:
    stack = visit.stack
    stack.start("writer")
    producer = stack.start("producer", STRIPCHART_PRODUCER_RATE="10")
    web = stack.start("web")
    visit.open()
    visit.wait_for_state("live")
    visit.wait_for_points(20)
    before = visit.page.locator("canvas").first.screenshot()
    visit.wait_for_points(visit.points() + 5)
    assert visit.page.locator("canvas").first.screenshot() != before
    web.kill()
    visit.wait_for_state("offline")
    expect(visit.page.locator("#offline")).to_be_visible()
    web.start()
    visit.wait_for_state("live")
    expect(visit.page.locator("#offline")).to_be_hidden()
    producer.terminate()
    published = int(stack.redis.client.hget("readings:state", "r"))
    # Everything is there once: what came before, during and after the restart.
    visit.wait_for_points(published)
    assert visit.points() == published
    wait_until("all is stored", lambda: len(stack.stored("demo.random")) == published)


def test_the_first_reading_ends_the_empty_state(visit: Visit) -> None:
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
        # It looks at every frame, and not only after growing pauses as `expect` does.
        visit.page.wait_for_function(
            """() => document.querySelector('[data-series="kitchen"]')
              ?.textContent.includes('21.5')"""
        )
    expect(legend).to_contain_text("°C")
    expect(guide).to_be_hidden()


def test_the_tooltip_tells_value_and_time(visit: Visit) -> None:
    stack = visit.stack
    stack.start("writer")
    stack.start("web")
    now = time.time()
    stack.post(
        "/api/readings",
        [{"series": "kitchen", "value": 20 + i / 10, "ts": now - 40 + i} for i in range(40)],
    )
    visit.open()
    visit.wait_for_points(40)
    point(visit.page, 0.5, 0.5)
    readout = visit.page.locator(".tooltip").first
    expect(readout).to_contain_text("kitchen")
    expect(readout.locator("time")).to_contain_text(str(datetime.now(UTC).year))


@pytest.mark.parametrize(
    "name",
    [
        "<img src=x onerror=alert(1)>",
        *(
            pytest.param(name, marks=pytest.mark.long)
            for name in ("\"'&<b>", "\u202eevil", "x" * 200)
        ),
    ],
)
def test_hostile_names_are_text(visit: Visit, name: str) -> None:
    stack = visit.stack
    stack.start("writer")
    stack.start("web")
    stack.post("/api/readings", {"series": name, "value": 1, "unit": name[:50]})
    page = visit.open()
    visit.wait_for_points(1)
    names = page.eval_on_selector_all(
        "[data-series]", "buttons => buttons.map(button => button.dataset.series)"
    )
    assert names == [name]
    assert page.locator("img[src=x], b").count() == 0
    width = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0


def test_an_hour_of_history_can_be_chosen(visit: Visit) -> None:
    stack = visit.stack
    stack.start("writer")
    stack.start("web")
    now = time.time()
    stack.post(
        "/api/readings",
        [{"series": "a", "value": i, "ts": now - 3000 + i * 10} for i in range(300)],
    )
    page = visit.open()
    visit.wait_for_state("live")
    page.get_by_role("button", name="1 h").click()
    visit.wait_for_points(300)


@pytest.mark.long
def test_the_page_is_live_where_no_websocket_gets_through(visit: Visit) -> None:
    stack = visit.stack
    stack.start("writer")
    producer = stack.start("producer", STRIPCHART_PRODUCER_RATE="10")
    web = stack.start("web")
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
    visit.wait_for_points(visit.points() + 20)
    producer.terminate()
    published = int(stack.redis.client.hget("readings:state", "r"))
    visit.wait_for_points(published)
    assert visit.points() == published
