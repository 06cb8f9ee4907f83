"""What a person sees of readings that were lost: a sentence, and a mark on the chart."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser]

# The pixels of the first chart that have exactly the colour of the mark's edges.
MARKED = """() => {
  const canvas = document.querySelector('canvas');
  const probe = document.createElement('i');
  probe.style.color = 'var(--missing)';
  document.body.append(probe);
  const wanted = getComputedStyle(probe).color.match(/[0-9]+/g).map(Number);
  probe.remove();
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const context = copy.getContext('2d', { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  let found = 0;
  for (let i = 0; i < data.length; i += 4) {
    if (wanted.every((part, at) => data[i + at] === part)) found++;
  }
  return found;
}"""


def forget_all(stack: Stack) -> None:
    """Redis loses the journal, and comes back without it."""
    stack.redis.kill()
    stack.redis.delete_files()
    stack.redis.start()


@pytest.mark.long
def test_a_loss_is_said_and_marked_while_the_page_is_open(visit: Visit) -> None:
    stack = visit.stack
    stack.start("writer")
    stack.start("web")
    now = time.time()
    stack.post(
        "/api/readings",
        [{"series": "kitchen", "value": 20 + i / 10, "ts": now - 30 + i} for i in range(30)],
    )
    wait_until("they are stored", lambda: len(stack.stored("kitchen")) == 30)
    page = visit.open()
    visit.wait_for_points(30)
    notice = page.locator("#gaps")
    expect(notice).to_be_hidden()
    assert page.evaluate(MARKED) == 0
    forget_all(stack)
    expect(notice).to_be_visible()
    expect(notice).to_contain_text("Readings may be missing ")
    expect(notice).to_contain_text(", because the journal was lost and recreated.")
    page.wait_for_function(f"() => ({MARKED})() > 200")
    chart = page.get_by_role("img").first
    expect(chart).to_have_accessible_name("Line chart over time: kitchen; readings are missing")
    # It is told to other programs as well.
    ready = stack.get("/readyz")
    assert ready["gaps"]["count"] == 1
    assert ready["gaps"]["newest"]["reason"] == "the journal was lost and recreated"
    page.get_by_role("button", name="Dismiss").click()
    expect(notice).to_be_hidden()
    # Dismissed is dismissed, until something else is lost; the mark stays.
    page.get_by_role("button", name="5 min", exact=True).click()
    visit.wait_for_points(30)
    page.wait_for_function(f"() => ({MARKED})() > 200")
    expect(notice).to_be_hidden()
    stack.post("/api/readings", {"series": "kitchen", "value": 21})
    wait_until("it is stored", lambda: len(stack.stored("kitchen")) == 31)
    forget_all(stack)
    expect(notice).to_be_visible()
