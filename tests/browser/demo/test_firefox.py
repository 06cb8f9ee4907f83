"""The main tasks in Firefox, on the data sets of `stripchart demo`."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from tests.browser.test_kiosk import KIOSK_FAULTS
from tests.support.demo_stacks import DemoStack
from tests.support.firefox import Firefox
from tests.support.firefox_tab import FirefoxTab, by_css, by_role
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.firefox, pytest.mark.long]

_CHART = by_css("canvas")
_READOUT = by_css(".tooltip")
_CHECKSUM = """() => {
  const { width, height } = document.querySelector("canvas");
  const context = document.querySelector("canvas").getContext("2d");
  const { data } = context.getImageData(0, 0, width, height);
  return data.reduce((sum, byte, i) => (sum * 31 + byte) % 4294967291, 7);
}"""
_FITS = """() => {
  const right = selector => document.querySelector(selector).getBoundingClientRect().right;
  return right(".tooltip-value") < right(".tooltip");
}"""
_MIDNIGHT = "() => new Date().setHours(0, 0, 0, 0) / 1000"
_NAMES = "() => [...document.querySelectorAll('[data-series]')].map(one => one.dataset.series)"
_WINDOW = "() => new URL(location).searchParams.get('window') ?? ''"


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    """Start one Firefox for all tests."""
    with Firefox(tmp_path_factory.mktemp("firefox")) as started:
        yield started


@pytest.fixture
def firefox_tab(firefox: Firefox) -> Iterator[FirefoxTab]:
    """Return an empty tab, whose pages must log no error and ask no other host."""
    with firefox.new_tab() as tab:
        yield tab
        check(tab)


def check(tab: FirefoxTab) -> None:
    """Check that the pages of a tab have logged no error and asked no other host."""
    host = urlsplit(tab.call("() => location.href")).netloc
    assert (tab.errors, tab.violations, tab.hosts) == ([], [], {host})


def newest(demo: DemoStack, series: str) -> dict[str, Any]:
    """Return what the API lists of a series, with its newest reading."""
    (listed,) = demo.get(f"/api/series?series={series}")["series"]
    found: dict[str, Any] = listed
    return found


def history(
    demo: DemoStack, series: str, start: str = "-24h", end: str = "now"
) -> list[tuple[float, float]]:
    """Return the times and values of the single readings in a range."""
    answer = demo.get(f"/api/history?series={series}&points=5000&from={start}&to={end}")
    found = answer["series"][series]
    assert found["tier"] == "raw"
    return list(zip(found["t"], found["value"], strict=True))


def open_charts(tab: FirefoxTab, demo: DemoStack, *series: str, window: str) -> None:
    """Open the page with these series, and wait until it is live and has drawn readings."""
    query = urlencode([("window", window), *(("series", name) for name in series)])
    tab.open(f"{demo.url}?{query}")
    tab.wait_for("the page is live", "() => document.documentElement.dataset.state === 'live'")
    tab.wait_for(
        "each chart has readings",
        "() => { const charts = [...document.querySelectorAll('[data-points]')];"
        " return charts.length > 0 && charts.every(one => one.dataset.points > 0); }",
    )


def open_menu(tab: FirefoxTab) -> None:
    """Open the menu, and wait for the list of views, which moves what is below it."""
    tab.click(by_role("button", "More"))
    tab.find(by_css("#menu-views a:first-of-type"))


def wait_for_range(tab: FirefoxTab) -> tuple[float, float]:
    """Wait until the window is a fixed range, and return its ends in Unix seconds."""
    text = tab.wait_for(
        "the address has a range", f"() => /^[\\d.]+?\\.\\.[\\d.]+$/.exec(({_WINDOW})())?.[0]"
    )
    start, end = text.split("..")
    return float(start), float(end)


def test_chart_moves_and_shows_new_readings(home_demo: DemoStack, firefox_tab: FirefoxTab) -> None:
    open_charts(firefox_tab, home_demo, "house.power", window="5m")
    before = firefox_tab.call(_CHECKSUM)
    firefox_tab.wait_for("the chart moves", f"before => ({_CHECKSUM})() !== before", before)
    value = newest(home_demo, "house.power")["value"]
    wait_until(
        "a reading with another value comes",
        lambda: newest(home_demo, "house.power")["value"] != value,
    )

    def shows_newest() -> bool:
        # Such as "242 W" or "2,707 W".
        shown = re.sub(r"\D", "", firefox_tab.text(by_css(".legend-reading")))
        return bool(abs(int(shown) - newest(home_demo, "house.power")["value"]) < 0.51)

    wait_until("the page shows the newest reading", shows_newest)


def test_sensor_of_many_is_found_by_search_and_enter(
    servers_demo: DemoStack, firefox_tab: FirefoxTab
) -> None:
    firefox_tab.open(servers_demo.url)
    firefox_tab.find(by_role("region", "Overview"))
    firefox_tab.press("/")
    firefox_tab.type_text("web-01 cpu10 usage_user")
    names = [one["name"] for one in servers_demo.get("/api/series")["series"]]
    assert len(names) == 186
    (name,) = [one for one in names if "cpu=cpu10," in one and "host=web-01 usage_user" in one]
    firefox_tab.wait_for_text(by_css("#overview-found"), "^1 ")
    firefox_tab.press("Enter")
    firefox_tab.wait_for("the series is shown", f"name => ({_NAMES})().join() === name", name)
    firefox_tab.wait_for_text(by_css(".legend-reading"), r"^[\d.]+ ?%$")


def test_sensor_of_a_few_is_found_in_the_chooser(
    home_demo: DemoStack, firefox_tab: FirefoxTab
) -> None:
    open_charts(firefox_tab, home_demo, window="24h")
    firefox_tab.press("/")
    firefox_tab.find(by_role("dialog", "Series"))
    firefox_tab.type_text("bedroom co2")
    firefox_tab.press("Enter")
    firefox_tab.wait_for("the series is shown", f"() => ({_NAMES})().join() === 'bedroom.co2'")
    value = newest(home_demo, "bedroom.co2")["value"]
    firefox_tab.wait_for_text(by_css(".legend-reading"), rf"^{value:,.0f} ?ppm$")


def test_energy_of_today_is_in_the_head_of_its_panel(
    home_demo: DemoStack, firefox_tab: FirefoxTab
) -> None:
    open_charts(firefox_tab, home_demo, "house.energy", window="7d")
    shown = firefox_tab.wait_for_text(by_css(".panel-figure"), r"^([\d.]+) kWh today$")
    zone = firefox_tab.call("() => Intl.DateTimeFormat().resolvedOptions().timeZone")
    midnight = firefox_tab.call(_MIDNIGHT)
    answer = home_demo.get(f"/api/increase?series=house.energy&per=day&zone={zone}&from={midnight}")
    assert float(shown[1]) == pytest.approx(answer["series"]["house.energy"]["total"], abs=0.06)


def test_door_says_when_it_was_open(home_demo: DemoStack, firefox_tab: FirefoxTab) -> None:
    changes = history(home_demo, "door.front")
    open_charts(firefox_tab, home_demo, "door.front", window="24h")
    firefox_tab.wait_for_text(
        by_css(".panel"), rf"closed for [\d.]+ \w+ .*changes {len(changes)}\b"
    )
    firefox_tab.focus(_CHART)
    firefox_tab.press("Home")
    firefox_tab.wait_for_text(_READOUT, "since ")
    firefox_tab.wait_for("the text is inside of its box", _FITS)
    opened = max(time for time, value in changes if value == 1)
    closed = max(time for time, value in changes if value == 0)
    assert opened < closed
    window = f"{opened - 600:.0f}..{closed + 600:.0f}"
    open_charts(firefox_tab, home_demo, "door.front", window=window)
    firefox_tab.wait_for_text(by_css(".panel"), r"changes 2\b")
    firefox_tab.focus(_CHART)
    clock = "time => new Date(time * 1000).toLocaleTimeString('en-US')"
    for key, word, time in (("ArrowRight", "open", opened), ("ArrowLeft", "closed", closed)):
        firefox_tab.press("Home" if key == "ArrowRight" else "End", key)
        since = firefox_tab.call(clock, time)
        firefox_tab.wait_for_text(_READOUT, rf" {word} for 0 s, since 0?{since}")


def test_today_is_compared_with_yesterday(home_demo: DemoStack, firefox_tab: FirefoxTab) -> None:
    open_charts(firefox_tab, home_demo, "living-room.temperature", window="24h")
    firefox_tab.click(by_role("button", "Compare"))
    firefox_tab.click(by_role("button", "Yesterday (1 day ago)"))
    firefox_tab.wait_for_text(by_css("#open-compare"), "^Compare: 1 day ago$")
    firefox_tab.focus(_CHART)
    firefox_tab.press("End")
    pattern = r" ([\d.]+) °C, [+-]?[\d.]+ vs ([\d.]+) °C 1 day ago$"
    shown = firefox_tab.wait_for_text(_READOUT, pattern)
    for value, ago in ((shown[1], 0), (shown[2], 86_400)):
        near = history(
            home_demo, "living-room.temperature", f"-{ago + 600}s", f"-{max(ago - 300, 0)}s"
        )
        assert float(value) in [round(reading, 1) for _time, reading in near]


def test_view_is_made_and_opened_by_its_link(
    home_demo: DemoStack, firefox: Firefox, firefox_tab: FirefoxTab
) -> None:
    open_charts(firefox_tab, home_demo, "kitchen.temperature", "house.power", window="24h")
    open_menu(firefox_tab)
    firefox_tab.click(by_role("button", "Save as view"))
    firefox_tab.focus(by_role("textbox", "Title"))
    firefox_tab.type_text("Made in Firefox")
    firefox_tab.press("Enter")
    try:
        link = firefox_tab.wait_for(
            "the view is shown", "() => /.*\\/v\\/made-in-firefox$/.exec(location.href)?.[0]"
        )
        firefox_tab.wait_for_text(by_css("#view-title"), "^Made in Firefox$")
        with firefox.new_tab() as other:
            other.open(link)
            names = "kitchen.temperature,house.power"
            other.wait_for(
                "both series are shown", f"names => ({_NAMES})().join() === names", names
            )
            check(other)
    finally:
        home_demo.request("DELETE", "/api/views/made-in-firefox")


def test_drag_zooms_and_back_returns(home_demo: DemoStack, firefox_tab: FirefoxTab) -> None:
    open_charts(firefox_tab, home_demo, "outdoor.temperature", window="24h")
    firefox_tab.drag(_CHART, 0.25, 0.5)
    firefox_tab.find(by_role("region", "Selected range"))
    firefox_tab.click(by_role("button", "Zoom"))
    start, end = wait_for_range(firefox_tab)
    assert end - start == pytest.approx(6 * 3_600, rel=0.1)
    firefox_tab.go_back()
    firefox_tab.wait_for("the window is 24 h again", f"() => ({_WINDOW})() === '24h'")


def test_crosshair_goes_from_reading_to_reading_by_keys(
    home_demo: DemoStack, firefox_tab: FirefoxTab
) -> None:
    readings = history(home_demo, "outdoor.temperature", "-2h")
    last = readings[-1][0]
    window = f"{last - 3_570}..{last + 30}"
    open_charts(firefox_tab, home_demo, "outdoor.temperature", window=window)
    # A key that comes earlier steps into history that is not loaded.
    count = sum(time >= last - 3_570 for time, _value in readings)
    firefox_tab.wait_for(
        "all readings are drawn",
        "count => Number(document.querySelector('[data-points]').dataset.points) === count",
        count,
    )
    firefox_tab.focus(_CHART)
    firefox_tab.press("End")
    clock = "time => new Date(time * 1000).toLocaleTimeString('en-US')"
    for time, value in reversed(readings[-4:]):
        firefox_tab.press("ArrowLeft")
        text = rf"0?{firefox_tab.call(clock, time)} .* {value:.1f} °C$"
        firefox_tab.wait_for_text(_READOUT, text)
    firefox_tab.press("Escape")
    firefox_tab.wait_for("the readout is hidden", "() => document.querySelector('.tooltip').hidden")


def test_day_is_chosen_in_the_date_picker(home_demo: DemoStack, firefox_tab: FirefoxTab) -> None:
    open_charts(firefox_tab, home_demo, "outdoor.temperature", window="24h")
    midnight = firefox_tab.call(_MIDNIGHT)
    digits = """time => new Date(time * 1000).toLocaleDateString(
      "en-US", { day: "2-digit", month: "2-digit", year: "numeric" }).replaceAll("/", "")"""
    firefox_tab.press("g")
    firefox_tab.find(by_role("dialog", "Date and time"))
    for field, time in (("#time-from", midnight - 3 * 86_400), ("#time-to", midnight - 2 * 86_400)):
        firefox_tab.focus(by_css(field))
        firefox_tab.type_text(f"{firefox_tab.call(digits, time)}120000am")
    firefox_tab.press("Enter")
    assert wait_for_range(firefox_tab) == (midnight - 3 * 86_400, midnight - 2 * 86_400)
    firefox_tab.wait_for(
        "the day is drawn", "() => document.querySelector('[data-points]').dataset.points > 500"
    )


def test_kiosk_view_shows_every_panel(home_demo: DemoStack, firefox_tab: FirefoxTab) -> None:
    open_charts(firefox_tab, home_demo, window="24h")
    firefox_tab.press("k")
    firefox_tab.wait_for(
        "the controls are hidden", "() => !document.querySelector('#open-series').checkVisibility()"
    )
    firefox_tab.wait_for("every panel is on the screen", f"() => ({KIOSK_FAULTS})().length === 0")
    firefox_tab.press("k")
    firefox_tab.find(by_css("#open-series"))


def test_colours_are_light_or_dark_as_chosen(home_demo: DemoStack, firefox_tab: FirefoxTab) -> None:
    open_charts(firefox_tab, home_demo, "house.power", window="5m")
    brightness = """() => getComputedStyle(document.querySelector(".panel")).backgroundColor
      .match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 3"""
    assert firefox_tab.call(brightness) > 240
    open_menu(firefox_tab)
    firefox_tab.click(by_role("button", "Dark"))
    firefox_tab.wait_for("the panel is dark", f"() => ({brightness})() < 60")
    firefox_tab.reload()
    firefox_tab.wait_for("the panel is dark after a reload", f"() => ({brightness})() < 60")
