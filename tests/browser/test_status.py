"""What a person is told about the connection and the newest reading, in words that are true."""

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser]

# Counts how often the text of the pill changes from now on.
COUNT_CHANGES = """() => {
  window.changes = 0;
  const observer = new MutationObserver(() => window.changes++);
  const state = document.getElementById('state');
  observer.observe(state, { childList: true, characterData: true, subtree: true });
}"""


def test_live_is_said_only_while_readings_come(guest: Visit) -> None:
    # Hours old: the connection is good, and still nothing is live.
    page = guest.look("porch")
    expect(page.locator("#state")).to_have_text("No new readings")
    expect(page.locator("#age")).to_contain_text("min ago")
    series = page.locator('[data-series="porch"]')
    expect(series.locator(".legend-stale")).to_contain_text("min ago")
    guest.stack.post("/api/readings", {"series": "porch", "value": 5, "unit": "°C"})
    expect(page.locator("#state")).to_have_text("Live")
    expect(page.locator("#lag")).to_contain_text("lag")
    expect(page.locator("#age")).to_contain_text("newest")
    expect(series.locator(".legend-stale")).to_have_count(0)


def test_the_state_is_announced_only_when_it_changes(guest: Visit) -> None:
    page = guest.look("hall")
    guest.stack.post("/api/readings", {"series": "hall", "value": 21, "unit": "°C"})
    expect(page.locator("#state")).to_have_text("Live")
    pill = page.locator(".status-pill")
    assert pill.get_attribute("role") == "status"
    page.evaluate(COUNT_CHANGES)
    for value in range(5):
        guest.stack.post("/api/readings", {"series": "hall", "value": value, "unit": "°C"})
        expect(page.locator('[data-series="hall"] .legend-value')).to_have_text(str(value))
    assert page.evaluate("() => window.changes") == 0
    page.keyboard.press(" ")
    expect(page.locator("#state")).to_have_text("Paused")
    assert page.evaluate("() => window.changes") == 1


@pytest.mark.long
def test_what_was_missed_is_counted(visit: Visit) -> None:
    stack = visit.stack
    stack.start("writer")
    web = stack.start("web")
    stack.post("/api/readings", {"series": "kitchen", "value": 1})
    wait_until("it is stored", lambda: stack.stored("kitchen"))
    page = visit.open()
    visit.wait_for_points(1)
    visit.wait_for_state("live")
    web.kill()
    visit.wait_for_state("offline")
    expect(page.locator("#state")).to_have_text("Server away")
    expect(page.locator("#offline")).to_contain_text("The drawing ends at")
    expect(page).to_have_title("Server away \u2013 Stripchart")
    producer = stack.start("producer", STRIPCHART_PRODUCER_RATE="50")
    wait_until("readings come", lambda: len(stack.stored("demo.random")) >= 60)
    producer.terminate()
    web.start()
    visit.wait_for_state("live")
    event = page.locator("#event")
    expect(event).to_contain_text("recovered ")
    assert event.get_attribute("role") == "status"
    count = int(event.inner_text().split()[1].replace(",", ""))
    assert count == len(stack.stored("demo.random"))
    expect(page).to_have_title("Stripchart")


def test_a_history_that_was_reset_is_said(visit: Visit) -> None:
    stack = visit.stack
    stack.start("writer")
    stack.start("web")
    stack.post("/api/readings", {"series": "kitchen", "value": 1})
    wait_until("it is stored", lambda: stack.stored("kitchen"))
    page = visit.open()
    visit.wait_for_points(1)
    stack.redis.kill()
    stack.redis.delete_files()
    stack.redis.start()
    expect(page.locator("#event")).to_have_text("history reset")


@pytest.mark.long
def test_a_writer_that_is_down_is_said(visit: Visit) -> None:
    stack = visit.stack
    writer = stack.start("writer")
    stack.start("web")
    stack.post("/api/readings", {"series": "kitchen", "value": 1})
    wait_until("it is stored", lambda: stack.stored("kitchen"))
    page = visit.open()
    expect(page.locator("#state")).to_have_text("Live")
    writer.kill()
    stack.post("/api/readings", {"series": "kitchen", "value": 2})
    expect(page.locator('[data-series="kitchen"] .legend-value')).to_have_text("2")
    # Readings still come in here; that they are not stored is said all the same.
    expect(page.locator("#state")).to_have_text("Not stored", timeout=50_000)
    expect(page.locator("#problem")).to_contain_text("New readings are not stored yet.")
    writer.start()
    expect(page.locator("#problem")).to_be_hidden(timeout=50_000)


def test_a_server_that_is_away_from_the_start_is_said(guest: Visit) -> None:
    page = guest.page
    page.route("**/api/series", lambda route: route.abort("connectionrefused"))
    guest.open(f"?{urlencode({'series': 'kitchen'})}")
    expect(page.locator("#state")).to_have_text("Server away")
    expect(page.locator("#offline")).to_contain_text("It does not answer. Trying again")
    page.unroute("**/api/series")
    guest.wait_for_state("live")


def test_the_age_of_the_newest_reading_grows(guest: Visit) -> None:
    page = guest.look("hall")
    age = page.locator("#age")

    def renewed() -> bool:
        guest.stack.post("/api/readings", {"series": "hall", "value": 21, "unit": "°C"})
        return age.inner_text() == "newest just now"

    # It is said for two seconds only.
    wait_until("the newest is of now", renewed)
    expect(age).to_have_text(re.compile(r"^newest \d+ s ago$"))
