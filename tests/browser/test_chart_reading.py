"""Reading a chart: labels, colours, digits, edges, limits, and the values of a paused window."""

import csv
import http.client
import re
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, show_tooltip
from tests.browser.test_export import download
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

_SECONDS = 600
_DAY = 86_400
_MANY = 6_000
_CORES = [
    f"cpu,cpu=cpu{cpu},datacenter=basel,host=web-0{host}" for cpu in (2, 10) for host in (1, 2)
]
_CORE_LABELS = ["web-01 cpu2", "web-02 cpu2", "web-01 cpu10", "web-02 cpu10"]
# Records the texts that are drawn on canvases from now on.
_RECORD_TEXTS = """() => {
  window.texts = new Set();
  const { fillText } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
    window.texts.add(text);
    return fillText.call(this, text, ...rest);
  };
}"""
_LINE_COLORS = """() => Object.fromEntries(
  [...document.querySelectorAll('.legend-entry')].map((entry) =>
    [entry.dataset.series, entry.style.getPropertyValue('--line')]))"""

_TOOLTIP_PATTERNS = """() => Object.fromEntries(
  [...document.querySelectorAll('.tooltip:not([hidden]) p')].map((row) =>
    [row.querySelector('.series-name').textContent,
     getComputedStyle(row.querySelector('.swatch')).backgroundImage]))"""
_TRANSPARENT_COUNT = """canvas => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let i = 3; i < data.length; i += 4) if (data[i] === 0) count++;
  return count;
}"""
_EDGES = """canvases => canvases.map((canvas) => {
  const { left, right } = canvas.getBoundingClientRect();
  return [left, right];
})"""


@pytest.fixture(scope="module")
def chart_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start one stack with series that are hard to read."""
    folder = tmp_path_factory.mktemp("chart")
    with RedisServer.in_folder(folder / "redis") as redis, Stack(folder, redis) as made:
        made.start("writer")
        made.start("web")
        now = int(time.time())
        made.post("/api/readings", list(_readings(now)))
        lines = [f"{core} usage={i % 7} {now - 60 + i}" for core in _CORES for i in range(60)]
        with closing(http.client.HTTPConnection("127.0.0.1", made.port)) as connection:
            connection.request("POST", "/write?db=home&precision=s", "\n".join(lines).encode())
            assert connection.getresponse().status == 204
        count = 3 * _SECONDS + _MANY + 60 * (len(_CORES) + 12)
        wait_until(
            "all readings are stored",
            lambda: made.rows("SELECT count(*) FROM readings") == [(count,)],
        )
        yield made


def _readings(now: int) -> Iterator[dict[str, object]]:
    for i in range(_SECONDS):
        ts = now - _SECONDS + i
        yield {"series": "jitter", "value": 22 - i % 2 / 10, "unit": "°C", "ts": ts}
        yield {"series": "offset", "value": 12_346_000_000 + i / 100, "unit": "W", "ts": ts}
        yield {"series": "energy", "value": 18_671.832 + i, "unit": "kWh", "ts": ts}
    # So many that history comes in buckets.
    for i in range(_MANY):
        value = (20, 20.2, 20.3)[i % 3]
        yield {"series": "third", "value": value, "unit": "ppm", "ts": now - _DAY + i / 6}
    for i in range(60):
        for cable in range(12):
            series = {"series": f"cable{cable + 1}", "value": cable + i / 60, "unit": "A"}
            yield {**series, "ts": now - 60 + i}


@pytest.fixture
def chart_visit(tab: Page, chart_stack: Stack) -> Iterator[Visit]:
    """Return a visit of that stack."""
    own_visit = Visit(tab, chart_stack)
    yield own_visit
    own_visit.close()


def fixed_window(visit: Visit, series: str) -> str:
    """Return the range from the first to the last reading of a series."""
    history = visit.stack.get(f"/api/history?series={series}&from=-2d&points=5000")
    times = history["series"][series]["t"]
    return f"{times[0]}..{times[-1]}"


def core_names() -> list[str]:
    return [f"{core} usage" for core in _CORES]


def test_names_with_tags_have_labels_that_differ(chart_visit: Visit) -> None:
    page = chart_visit.open_series(*core_names(), window=fixed_window(chart_visit, "cable1"))
    entries = page.locator(".legend-entry")
    expect(entries.locator(".series-name")).to_have_text(_CORE_LABELS)
    expect(entries.first).to_have_attribute("title", core_names()[0])
    show_tooltip(page, 0.5, 0.5)
    labels = page.locator(".tooltip .series-name").all_inner_texts()
    assert sorted(labels) == sorted(_CORE_LABELS)
    for name in page.locator(".tooltip .series-name").all():
        assert name.evaluate("element => element.scrollWidth <= element.clientWidth")
    expect(page.get_by_role("application")).to_have_accessible_description(
        re.compile(r"web-01 cpu2: 60 readings.*web-02 cpu10: 60 readings")
    )


def test_values_of_a_series_keep_their_decimals(chart_visit: Visit) -> None:
    page = chart_visit.open_series("jitter", window=fixed_window(chart_visit, "jitter"))
    chart_visit.wait_for_points(_SECONDS)
    stats = page.locator(".legend-stat")
    expect(stats).to_have_text([re.compile(r"21\.9 °C"), re.compile(r"2\d\.\d"), "max 22.0 °C"])
    values = set()
    for across in (0.3, 0.5, 0.7):
        show_tooltip(page, across, 0.5)
        values.add(page.locator(".tooltip-value").inner_text())
    assert all(re.match(r"2[12]\.[09] °C", value) for value in values), values


def test_labels_of_an_axis_differ_at_a_large_offset(chart_visit: Visit) -> None:
    page = chart_visit.open_series("offset", window="1h")
    page.evaluate(_RECORD_TEXTS)
    page.get_by_role("button", name="5 min", exact=True).click()
    page.wait_for_function(
        "() => [...window.texts].filter((text) => /^12,346,/.test(text)).length > 2"
    )


def test_counter_shows_its_digits_and_no_mean(chart_visit: Visit) -> None:
    page = chart_visit.open_series("energy", window=fixed_window(chart_visit, "energy"))
    entry = page.locator('[data-series="energy"]')
    expect(entry.locator(".legend-value")).to_have_text("19,270.832")
    expect(entry.locator(".legend-stat")).to_have_text(
        [re.compile(r"^min 18,671\.832 kWh"), re.compile(r"^max 19,270\.832 kWh")]
    )


def test_means_in_csv_have_few_digits(chart_visit: Visit) -> None:
    page = chart_visit.open_series("third", window="30d", min_points=_MANY)
    with download(page, "Save as CSV").open(newline="", encoding="utf-8") as file:
        means = [row["value"] for row in csv.DictReader(file) if row["count"]]
    assert means
    assert all(len(mean.partition(".")[2]) <= 4 for mean in means), means


def test_colours_stay_after_a_reload_and_differ_in_a_chart(chart_visit: Visit) -> None:
    names = [f"cable{i + 1}" for i in range(12)]
    page = chart_visit.open_series(*reversed(names), "jitter", window="5m")
    page.wait_for_function(f"() => Object.values(({_LINE_COLORS})()).every(Boolean)")
    colors = page.evaluate(_LINE_COLORS)
    # Eight colours in natural order, and then again with dashes.
    assert len({colors[name] for name in names[:8]}) == 8
    assert colors["cable9"] == colors["cable1"] == colors["jitter"]
    dashes = "elements => elements.map((element) => [element.dataset.series, element.dataset.dash])"
    dashed = {name for name, dash in page.locator(".legend-entry").evaluate_all(dashes) if dash}
    assert dashed == set(names[8:])
    chart_visit.open_series(*names, "jitter", window="5m")
    page.wait_for_function(f"() => Object.values(({_LINE_COLORS})()).every(Boolean)")
    assert page.evaluate(_LINE_COLORS) == colors
    show_tooltip(page, 0.98, 0.5)
    # Each frame makes new rows, so one script reads them all.
    patterns = page.evaluate(_TOOLTIP_PATTERNS)
    assert "gradient" in patterns["cable9"]
    assert patterns["cable1"] == "none"


def test_edges_of_all_charts_are_equal_beside_a_legend(chart_visit: Visit) -> None:
    names = [f"cable{i + 1}" for i in range(12)]
    page = chart_visit.open_series(*names, "jitter", "offset", window="5m")
    expect(page.locator("canvas")).to_have_count(3)
    edges = page.locator("canvas").evaluate_all(_EDGES)
    assert edges[0] == edges[1] == edges[2]


def test_paused_legend_shows_the_end_of_the_window(chart_visit: Visit) -> None:
    start, end = map(float, fixed_window(chart_visit, "energy").split(".."))
    middle = start + 99
    page = chart_visit.open_series("energy", window=f"{start}..{middle}")
    value = page.locator('[data-series="energy"] .legend-value')
    expect(value).to_have_text("18,770.832")
    page.get_by_role("button", name="Live", exact=True).click()
    expect(value).to_have_text("19,270.832")
    assert end > middle


def test_band_limit_shades_what_is_outside(chart_visit: Visit) -> None:
    window = fixed_window(chart_visit, "jitter")
    transparent = []
    for limit in ("°C:21..23", "°C:21.95..23"):
        page = chart_visit.open_series("jitter", window=window, limit=limit)
        show_tooltip(page, 0.5, 0.5)
        transparent.append(page.locator("canvas").evaluate(_TRANSPARENT_COUNT))
    # All values are in the first band, and about half of the chart is below the second.
    assert transparent[0] > 1.2 * transparent[1]


def test_time_that_cannot_be_loaded_is_named(chart_visit: Visit) -> None:
    page = chart_visit.open_series("jitter", window="1m")
    page.evaluate(_RECORD_TEXTS)
    page.route("**/api/history*", lambda route: route.abort("connectionrefused"))
    page.get_by_role("button", name="24 h", exact=True).click()
    page.wait_for_function("() => window.texts.has('not loaded')")
    show_tooltip(page, 0.2, 0.5)
    expect(page.locator(".tooltip-value")).to_have_text("not loaded")
    page.unroute("**/api/history*")
    expect(page.locator(".tooltip-value")).to_have_text("no data")


def test_silence_of_a_sender_is_named_in_the_chart(chart_visit: Visit) -> None:
    start, end = map(float, fixed_window(chart_visit, "third").split(".."))
    page = chart_visit.open_series("third", window=f"{start}..{end}")
    page.evaluate(_RECORD_TEXTS)
    page.get_by_role("application").focus()
    for _ in range(6):
        page.keyboard.press("-")
    page.wait_for_function(
        "() => [...window.texts].some((text) => text.startsWith('no readings since'))"
    )
