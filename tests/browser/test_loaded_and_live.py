"""Waves that are nearly as fast as a pixel column look the same loaded and live."""

import math
import time

import pytest

from tests.browser.conftest import Visit
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

_RATE_HERTZ = 200
_WAVE_HERTZ = 12.5
_HALF_SECONDS = 28
_BATCH = 2_000

# The mean height of the line in the pixel columns of each half, as a share of the canvas' height.
_HEIGHTS = """() => {
  const canvas = document.querySelector('canvas');
  const { width, height } = canvas;
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
  const isLine = (x, y) => {
    const [r, g, b, a] = data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4);
    return a > 200 && Math.max(r, g, b) - Math.min(r, g, b) >= 40;
  };
  const rows = [...Array(height).keys()];
  const heights = [];
  for (let x = 0; x < width; x++) {
    const inLine = rows.filter((y) => isLine(x, y));
    heights.push(inLine.length ? (inLine.at(-1) - inLine[0] + 1) / height : 0);
  }
  const first = heights.findIndex((one) => one > 0.2);
  const last = heights.findLastIndex((one) => one > 0.2);
  const mean = (all) => all.reduce((sum, one) => sum + one, 0) / all.length;
  const span = last - first;
  const part = (from, to) => mean(heights.slice(first + from * span, first + to * span));
  return { loaded: part(0.05, 0.45), live: part(0.55, 0.9), columns: span };
}"""


def _send_wave(visit: Visit, start: float) -> int:
    readings = [
        {
            "series": "shaken",
            "value": round(math.sin(math.tau * _WAVE_HERTZ * i / _RATE_HERTZ), 4),
            "ts": start + i / _RATE_HERTZ,
        }
        for i in range(_HALF_SECONDS * _RATE_HERTZ)
    ]
    for first in range(0, len(readings), _BATCH):
        visit.stack.post("/api/readings", readings[first : first + _BATCH])
    return len(readings)


def test_fast_wave_has_same_height_loaded_and_live(shared_visit: Visit) -> None:
    stack = shared_visit.stack
    middle = time.time() - _HALF_SECONDS
    sent = _send_wave(shared_visit, middle - _HALF_SECONDS)
    wait_until("the first half is stored", lambda: len(stack.stored("shaken")) == sent)
    page = shared_visit.open_series("shaken", window="1m", min_points=1_000)
    _send_wave(shared_visit, middle)
    page.wait_for_function(
        "count => Number(document.querySelector('.panel').dataset.points) > count",
        arg=1.7 * sent,
    )
    drawn = page.evaluate(_HEIGHTS)
    assert drawn["columns"] > 500
    # The means of the buckets, 0.05 s long, would reach over half of it.
    assert drawn["loaded"] > 0.5
    assert 0.9 < drawn["loaded"] / drawn["live"] < 1.1
