"""The page on paper: every chart whole, with its legend."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

# Collects the state of the charts when the browser is about to print.
WATCH = """() => addEventListener("beforeprint", () => {
  window.printed = [...document.querySelectorAll("canvas")].map((canvas) => {
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    const rows = [...canvas.closest(".panel").querySelectorAll(".legend li")];
    const legend = rows[0].closest(".legend");
    return {
      drawn: data.some((one) => one > 0),
      width: canvas.clientWidth,
      paper: document.body.clientWidth,
      isCut: legend.scrollHeight > legend.clientHeight + 1,
    };
  });
  window.printedBackground = getComputedStyle(document.body).backgroundColor;
})"""


def test_all_charts_are_drawn_on_paper(shared_visit: Visit) -> None:
    page = shared_visit.page
    page.set_viewport_size({"width": 1600, "height": 500})
    page.emulate_media(color_scheme="dark")
    series = ["kitchen", "cellar", "attic", "hall", "porch", "oven"]
    shared_visit.open_series(*series, "many.001", window="7d")
    page.evaluate(WATCH)
    page.pdf(format="A4")
    printed = page.evaluate("() => window.printed")
    assert len(printed) == 3
    for chart in printed:
        assert chart["drawn"], printed
        assert not chart["isCut"], printed
        assert chart["width"] <= chart["paper"] == 700, printed
    assert page.evaluate("() => window.printedBackground") == "rgb(255, 255, 255)"
    # Afterwards the page is as before.
    expect(page.locator("html")).not_to_have_attribute("data-print", "")
    expect(page.locator("html")).not_to_have_attribute("data-theme", "light")
    expect(page.locator("#print-title")).to_be_hidden()
    assert page.locator("canvas").first.evaluate("canvas => canvas.clientWidth") > 900
    page.emulate_media(color_scheme="light")
