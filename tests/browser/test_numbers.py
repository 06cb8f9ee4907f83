"""Numbers and limits: what the chart and its readout tell, and where they tell it."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, point

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

# How many pixels of the first chart have exactly this colour of the style sheet.
COUNT = """(name) => {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const wanted = getComputedStyle(probe).color.match(/[0-9]+/g).map(Number);
  probe.remove();
  const canvas = document.querySelector('canvas');
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const context = copy.getContext('2d', { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  let found = 0;
  for (let i = 0; i < data.length; i += 4) {
    if (wanted.every((part, at) => data[i + at] === part) && data[i + 3] === 255) found++;
  }
  return found;
}"""


def test_a_limit_from_the_link_is_drawn_in_its_units_chart(guest: Visit) -> None:
    page = guest.look("kitchen", window="1h")
    assert page.evaluate(COUNT, "--limit") == 0
    guest.look("kitchen", window="1h", limit="°C:21..22")
    page.wait_for_function(f"() => ({COUNT})('--limit') > 300")
    guest.look("kitchen", window="1h", limit="W:21..22")
    assert page.evaluate(COUNT, "--limit") == 0


def test_a_crosshair_goes_through_all_charts_with_their_values(guest: Visit) -> None:
    times = guest.stack.get("/api/history?series=oven&from=-2h")["series"]["oven"]["t"]
    page = guest.look("kitchen", "cellar", "oven", window=f"{times[0]}..{times[-1]}")
    guest.wait_for_points(900)
    point(page, 0.5, 0.5)
    readouts = page.locator(".tooltip")
    expect(readouts).to_have_count(2)
    expect(readouts.nth(0).locator(".series-name")).to_have_text(["kitchen", "cellar"])
    expect(readouts.nth(0).locator(".tooltip-value").first).to_contain_text("°C")
    expect(readouts.nth(1)).to_contain_text("kW")
    assert (
        readouts.nth(0).locator("time").inner_text() == readouts.nth(1).locator("time").inner_text()
    )
    page.mouse.move(5, 5)
    expect(readouts.nth(0)).to_be_hidden()
    expect(readouts.nth(1)).to_be_hidden()


def test_where_there_are_no_readings_the_readout_says_so(guest: Visit) -> None:
    page = guest.look("kitchen", "attic")
    point(page, 0.7, 0.5)
    expect(page.locator(".tooltip .tooltip-value")).to_have_text(["no data", "no data"])


def test_the_readout_leaves_the_line_alone(guest: Visit) -> None:
    # The line of the oven rises from the lower left to the upper right.
    times = guest.stack.get("/api/history?series=oven&from=-2h")["series"]["oven"]["t"]
    page = guest.look("oven", window=f"{times[0]}..{times[-1]}")
    readout = page.locator(".tooltip")
    for across, down in ((0.35, 0.9), (0.8, 0.1)):
        point(page, across, down)
        expect(readout).to_be_visible()
        box = readout.bounding_box()
        canvas = page.locator("canvas").bounding_box()
        assert box
        assert canvas
        left = (box["x"] - canvas["x"]) / canvas["width"]
        right = left + box["width"] / canvas["width"]
        top = (box["y"] - canvas["y"]) / canvas["height"]
        bottom = top + box["height"] / canvas["height"]
        # The line is where what is right and what is down add up to about one.
        assert left + top > 1.0 or right + bottom < 1.1, (left, right, top, bottom)


def test_a_few_series_have_tiles_with_great_numbers(guest: Visit) -> None:
    page = guest.look("kitchen", "oven")
    size = "element => parseFloat(getComputedStyle(element).fontSize)"
    for value in page.locator(".legend-reading").all():
        assert value.evaluate(size) >= 28
    guest.look(*(f"many.{i:03}" for i in range(5)), window="7d")
    assert page.locator(".legend-reading").first.evaluate(size) < 20
    assert page.locator(".panel.crowded").count() == 1


def test_labels_of_the_axis_have_prefixes(guest: Visit) -> None:
    page = guest.look("oven")
    drawn = page.evaluate(
        """() => new Promise((resolve) => {
          const texts = new Set();
          const { fillText } = CanvasRenderingContext2D.prototype;
          CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
            texts.add(text);
            return fillText.call(this, text, ...rest);
          };
          setTimeout(() => resolve([...texts]), 1500);
          dispatchEvent(new Event('resize'));
        })"""
    )
    # All labels share a prefix; only one that is 0 needs none.
    values = [text for text in drawn if ":" not in text]
    assert any(text.endswith(" kW") for text in values), drawn
    assert not any(text.endswith(" W") for text in values), drawn
