"""The status line: connection, age and lag of the newest reading, and notices."""

import re
import time
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser]

# Counts the changes of the status from now on.
_COUNT_CHANGES = """() => {
  window.changes = 0;
  const observer = new MutationObserver(() => window.changes++);
  const state = document.getElementById('state');
  observer.observe(state, { childList: true, characterData: true, subtree: true });
}"""


def test_status_is_live_only_while_readings_arrive(shared_visit: Visit) -> None:
    # The connection is good, but the newest reading is 40 minutes old.
    old = {"series": "shed", "value": 20, "unit": "°C", "ts": time.time() - 2_400}
    shared_visit.stack.post("/api/readings", old)
    page = shared_visit.open_series("shed")
    expect(page.locator("#state")).to_have_text("No new readings")
    expect(page.locator("#age")).to_contain_text("min ago")
    series = page.locator('[data-series="shed"]')
    expect(series.locator(".legend-stale")).to_contain_text("min ago")
    shared_visit.stack.post("/api/readings", {"series": "shed", "value": 5, "unit": "°C"})
    expect(page.locator("#state")).to_have_text("Live")
    expect(page.locator("#delay")).to_contain_text("Delay")
    expect(page.locator("#age")).to_contain_text("Last data")
    expect(series.locator(".legend-stale")).to_have_count(0)


@pytest.mark.long
def test_status_is_announced_only_when_it_changes(shared_visit: Visit) -> None:
    stack = shared_visit.stack
    stack.post("/api/readings", {"series": "loft", "value": 21, "unit": "°C"})
    page = shared_visit.open_series("loft")
    expect(page.locator("#state")).to_have_text("Live")
    pill = page.locator(".status-pill")
    assert pill.get_attribute("role") == "status"
    page.evaluate(_COUNT_CHANGES)
    for value in range(5):
        stack.post("/api/readings", {"series": "loft", "value": value, "unit": "°C"})
        expect(page.locator('[data-series="loft"] .legend-value')).to_have_text(str(value))
    assert page.evaluate("() => window.changes") == 0
    page.keyboard.press(" ")
    expect(page.locator("#state")).to_have_text("Paused")
    assert page.evaluate("() => window.changes") == 1


@pytest.mark.long
def test_recovered_readings_are_counted_after_reconnection(visit: Visit) -> None:
    stack = visit.stack
    stack.start("writer")
    web = stack.start("web")
    stack.post("/api/readings", {"series": "kitchen", "value": 1})
    wait_until("the reading is stored", lambda: stack.stored("kitchen"))
    page = visit.open()
    visit.wait_for_points(1)
    visit.wait_for_state("live")
    web.kill()
    visit.wait_for_state("offline")
    expect(page.locator("#state")).to_have_text("Server unreachable")
    expect(page.locator("#offline")).to_contain_text("Last data: ")
    expect(page).to_have_title("Server unreachable \u2013 Stripchart")
    producer = stack.start("producer", STRIPCHART_PRODUCER_RATE="50")
    wait_until("readings are stored", lambda: len(stack.stored("demo.random")) >= 60)
    producer.terminate()
    web.start()
    visit.wait_for_state("live")
    event = page.locator("#event")
    expect(event).to_contain_text("readings recovered")
    assert event.get_attribute("role") == "status"
    count = int(event.inner_text().split()[0].replace(",", ""))
    assert count == len(stack.stored("demo.random"))
    expect(page).to_have_title("Stripchart")


@pytest.mark.long
def test_reset_history_is_announced(visit: Visit) -> None:
    stack = visit.stack
    stack.start("writer")
    stack.start("web")
    stack.post("/api/readings", {"series": "kitchen", "value": 1})
    wait_until("the reading is stored", lambda: stack.stored("kitchen"))
    page = visit.open()
    visit.wait_for_points(1)
    stack.redis.kill()
    stack.redis.delete_files()
    stack.redis.start()
    expect(page.locator("#event")).to_have_text("History reloaded")


@pytest.mark.long
def test_stopped_writer_is_shown_as_not_stored(visit: Visit) -> None:
    stack = visit.stack
    writer = stack.start("writer")
    stack.start("web")
    stack.post("/api/readings", {"series": "kitchen", "value": 1})
    wait_until("the reading is stored", lambda: stack.stored("kitchen"))
    page = visit.open()
    expect(page.locator("#state")).to_have_text("Live")
    writer.kill()
    stack.post("/api/readings", {"series": "kitchen", "value": 2})
    expect(page.locator('[data-series="kitchen"] .legend-value')).to_have_text("2")
    # Readings still arrive on the page, but none of them is stored.
    expect(page.locator("#state")).to_have_text("Not stored", timeout=50_000)
    expect(page.locator("#problem")).to_contain_text("New readings are not stored yet.")
    writer.start()
    expect(page.locator("#problem")).to_be_hidden(timeout=50_000)


def test_unreachable_server_is_shown_until_it_answers(shared_visit: Visit) -> None:
    page = shared_visit.page
    page.route("**/api/series", lambda route: route.abort("connectionrefused"))
    shared_visit.open(f"?{urlencode({'series': 'kitchen'})}")
    expect(page.locator("#state")).to_have_text("Server unreachable")
    expect(page.locator("#offline")).to_contain_text("The server does not answer. Trying again")
    page.unroute("**/api/series")
    shared_visit.wait_for_state("live")


@pytest.mark.long
def test_age_of_newest_reading_grows(shared_visit: Visit) -> None:
    reading = {"series": "cabin", "value": 21, "unit": "°C"}
    shared_visit.stack.post("/api/readings", reading)
    page = shared_visit.open_series("cabin")
    age = page.locator("#age")

    def is_just_now() -> bool:
        shared_visit.stack.post("/api/readings", reading)
        return age.inner_text() == "Last data just now"

    # The text lasts only two seconds, so each check sends a new reading.
    wait_until("the newest reading is from just now", is_just_now)
    expect(age).to_have_text(re.compile(r"^Last data \d+ s ago$"))


@pytest.mark.long
def test_sender_that_is_ahead_is_named_and_visible(visit: Visit) -> None:
    stack = visit.stack
    stack.start("writer")
    stack.start("web")
    now = time.time()
    early = [{"series": "early", "value": i, "ts": now + 290 + i} for i in range(5)]
    on_time = [{"series": "punctual", "value": i, "ts": now - 5 + i} for i in range(5)]
    stack.post("/api/readings", early + on_time)
    wait_until("the readings are stored", lambda: len(stack.stored("early")) == 5)
    page = visit.open("?window=1m")
    # The chart has the readings of both, although they are five minutes apart.
    visit.wait_for_points(10)
    expect(page.locator("#age")).to_have_text(re.compile("^Last data [34] min ahead$"))
    expect(page.locator("#delay")).to_have_text("")
    expect(page.locator('[data-series="early"] .legend-stat').last).to_contain_text("4")
    stack.post("/api/readings", {"series": "early", "value": 9, "ts": time.time() + 330})
    expect(page.locator("#age")).to_have_text("Last data 5 min ahead")
    visit.wait_for_points(11)
