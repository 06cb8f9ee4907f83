"""The value axis of a chart, as its labels show it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page

from tests.support.waiting import wait_until

_TOP_PIXELS = 10
_TIME_AXIS_PIXELS = 30
# Keeps the right-aligned texts of each canvas since it was cleared: the labels of the value axis.
_RECORD = """() => {
  const { fillText, clearRect } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.clearRect = function (...area) {
    this.canvas.axisLabels = [];
    return clearRect.call(this, ...area);
  };
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y, ...rest) {
    if (this.textAlign === 'right') this.canvas.axisLabels?.push([text, y]);
    return fillText.call(this, text, x, y, ...rest);
  };
}"""


@dataclass(frozen=True)
class Axis:
    """The labels of a value axis from the lowest to the highest, and its ends."""

    values: list[float]
    pixels: list[float]
    height: float

    @property
    def ends(self) -> tuple[float, float]:
        """Values at the lower and the upper end of a linear axis."""
        low, high = self.pixels[0], self.pixels[-1]
        per_pixel = (self.values[-1] - self.values[0]) / (high - low)
        bottom, top = self.height - _TIME_AXIS_PIXELS, _TOP_PIXELS
        at_bottom, at_top = ((y - low) * per_pixel + self.values[0] for y in (bottom, top))
        return at_bottom, at_top

    def is_even(self, *, log: bool = False) -> bool:
        """Return True if the labels are where their values or their logarithms belong."""
        levels = [math.log10(value) for value in self.values] if log else self.values
        per_pixel = (levels[-1] - levels[0]) / (self.pixels[-1] - self.pixels[0])
        expected = [self.pixels[0] + (level - levels[0]) / per_pixel for level in levels]
        return all(abs(a - b) < 1 for a, b in zip(self.pixels, expected, strict=True))


def record_axes(page: Page) -> None:
    """Record the labels of all charts from now on, until the page is loaded again."""
    page.evaluate(_RECORD)


def read_axis(page: Page, chart: Locator) -> Axis:
    """Return the axis of a chart on a page that records labels."""
    size = page.viewport_size
    assert size
    chart.evaluate("canvas => { delete canvas.axisLabels; }")
    # Another width draws the chart again.
    page.set_viewport_size({"width": size["width"] ^ 16, "height": size["height"]})
    labels: list[tuple[str, float]] = []

    def is_drawn() -> bool:
        labels[:] = chart.evaluate("canvas => canvas.axisLabels ?? []")
        return len(labels) > 1

    wait_until("the chart has labels", is_drawn)
    values = [float(re.sub(r"[^\d.-]", "", text)) for text, _y in labels]
    height = chart.evaluate("canvas => canvas.clientHeight")
    return Axis(values, [y for _text, y in labels], height)
