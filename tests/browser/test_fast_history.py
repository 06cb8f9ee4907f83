"""Readings that come faster than once a second look the same loaded and live."""

import math
import time
from itertools import pairwise

import pytest
from playwright.sync_api import Page, Response

from tests.browser.conftest import Visit
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

_RATE_HERTZ = 200
_SECONDS = 60

_LINE_ROWS = """() => {
  const canvas = document.querySelector('canvas');
  const { width, height } = canvas;
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
  const rows = [];
  for (let x = 100; x < width - 40; x++) {
    let [sum, count] = [0, 0];
    for (let y = 0; y < height; y++) {
      const [r, g, b, a] = data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4);
      if (a < 200 || Math.max(r, g, b) - Math.min(r, g, b) < 40) continue;
      sum += y;
      count++;
    }
    if (count) rows.push(sum / count);
  }
  return { rows, height };
}"""


def draw_rows(page: Page) -> list[float]:
    """Return the mean row of the line in each pixel column, as a share of the canvas' height."""
    drawn = page.evaluate(_LINE_ROWS)
    return [row / drawn["height"] for row in drawn["rows"]]


def test_loaded_sine_is_a_sine(shared_visit: Visit) -> None:
    stack = shared_visit.stack
    start = time.time() - _SECONDS
    readings = [
        {
            "series": "vibration",
            "value": math.sin(math.pi * i / _RATE_HERTZ),
            "ts": start + i / _RATE_HERTZ,
        }
        for i in range(_SECONDS * _RATE_HERTZ)
    ]
    for first in range(0, len(readings), 2_000):
        stack.post("/api/readings", readings[first : first + 2_000])
    wait_until("the readings are stored", lambda: len(stack.stored("vibration")) == len(readings))
    buckets: list[float] = []

    def note(response: Response) -> None:
        if "/api/history" in response.url:
            columns = response.json()["series"].get("vibration")
            if columns is not None and columns["bucket"]:
                buckets.append(columns["bucket"])

    shared_visit.page.on("response", note)
    page = shared_visit.open_series("vibration", window="1m", min_points=9_000)
    rows = draw_rows(page)
    shared_visit.page.remove_listener("response", note)
    assert buckets
    assert max(buckets) <= 0.1
    # Buckets of a second, half a period, would have means of at most 0.64 and draw triangles.
    assert len(rows) > 700
    assert max(rows) - min(rows) > 0.65
    assert max(abs(b - a) for a, b in pairwise(rows)) < 0.25
