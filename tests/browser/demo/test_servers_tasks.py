"""Tasks of a user with the demo `servers`: 186 series whose long names differ in their tags."""

import re
import time
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SERIES_BUTTON, PageVisit
from tests.browser.demo.conftest import demo_visit
from tests.browser.demo.demo_answers import nearest
from tests.browser.demo.task_user import TaskUser, number
from tests.support.demo_stacks import DemoStack
from tests.support.waiting import time_limit, wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

FIND_SECONDS = 5.0
WEB_CORE_3 = "cpu,cpu=cpu3,datacenter=basel,host=web-01 usage_user"
DB_LOAD_15 = "system,datacenter=zurich,host=db-02 load15"
HOSTS = ["cache-01", "db-01", "db-02", "web-01", "web-02", "worker-01"]
_COLORS = """() => Object.fromEntries(
  [...document.querySelectorAll('.legend-entry')].map((entry) =>
    [entry.dataset.series, entry.style.getPropertyValue('--line')]))"""


@pytest.fixture
def visit(tab: Page, servers_demo: DemoStack) -> Iterator[PageVisit]:
    """Visit the page of the demo."""
    with demo_visit(tab, servers_demo) as own_visit:
        yield own_visit


def open_overview(visit: PageVisit) -> TaskUser:
    """Open the first page as a new user would, and see the overview."""
    page = visit.open()
    expect(page.get_by_role("region", name="Overview", exact=True)).to_be_visible()
    expect(page.locator(".overview-value").first).not_to_be_empty()
    return TaskUser(page)


def search(user: TaskUser, text: str) -> None:
    """Search in the overview by keyboard."""
    user.press_key("/")
    user.fill(user.page.get_by_role("searchbox", name="Search series", exact=True), text)


def open_chooser(user: TaskUser) -> Locator:
    """Open the dialog that chooses series, and wait for its list."""
    user.click(user.page.get_by_role("button", name=SERIES_BUTTON))
    dialog = user.page.get_by_role("dialog", name="Series", exact=True)
    expect(dialog.get_by_role("checkbox").first).to_be_visible()
    return dialog


def test_one_sensor_of_186_is_shown_within_five_seconds(
    visit: PageVisit, servers_demo: DemoStack
) -> None:
    with time_limit("one sensor is found and read", FIND_SECONDS):
        user = open_overview(visit)
        search(user, "web-01 cpu3")
        user.press_key("Enter")
        reading = user.legend(WEB_CORE_3).locator(".legend-reading")
        expect(reading).to_have_text(re.compile(r"\d\s*%"))
    assert user.actions <= 3
    expect(user.page.locator(".legend-entry")).to_have_count(1)
    shown = number(reading.inner_text())
    now = time.time()
    values = [nearest(servers_demo, WEB_CORE_3, now - age) for age in (0, 10, 20)]
    assert any(shown == pytest.approx(value, abs=0.051) for value in values)


def test_first_page_is_grouped_by_host_and_stays_the_same(visit: PageVisit) -> None:
    def read_first_screen() -> tuple[list[str], list[str]]:
        page = open_overview(visit).page
        names = [str(card.get_attribute("data-name")) for card in _cards(page)]
        return page.locator(".overview-label").all_inner_texts(), names

    labels, names = read_first_screen()
    assert len(labels) >= 20
    assert all("host=cache-01" in name for name in names[:31])
    assert labels[:3] == ["cpu0 usage_user", "cpu1 usage_user", "cpu2 usage_user"]
    for _ in range(2):
        assert read_first_screen() == (labels, names)


def _cards(page: Page) -> list[Locator]:
    return page.locator(".overview-card").all()


def test_searched_series_is_added_while_others_are_shown(visit: PageVisit) -> None:
    visit.open("?charts")
    user = TaskUser(visit.page)
    before = user.page.locator(".legend-entry")
    expect(before.first).to_be_visible()
    earlier = [str(entry.get_attribute("data-series")) for entry in before.all()]
    assert DB_LOAD_15 not in earlier
    dialog = open_chooser(user)
    user.fill(dialog.get_by_role("searchbox", name="Search series", exact=True), "db-02 load15")
    box = dialog.get_by_role("checkbox")
    expect(box).to_have_count(1)
    user.click(box)
    user.press_button("Apply", within=dialog)
    expect(user.legend(DB_LOAD_15)).to_be_visible()
    assert user.actions <= 4
    for name in earlier:
        expect(user.legend(name)).to_have_count(1)


def test_list_has_the_order_of_people(visit: PageVisit) -> None:
    visit.open("?charts")
    user = TaskUser(visit.page)
    dialog = open_chooser(user)
    user.fill(dialog.get_by_role("searchbox", name="Search series", exact=True), "web-01 cpu")
    expect(dialog.get_by_role("checkbox")).to_have_count(12)
    rows = " ".join(dialog.locator("li").all_inner_texts())
    cores = list(dict.fromkeys(int(core) for core in re.findall(r"\bcpu(\d+)", rows)))
    assert cores == list(range(12))


def test_cores_of_each_host_have_a_chart_with_names_that_differ(visit: PageVisit) -> None:
    user = open_overview(visit)
    user.click(user.page.get_by_role("link", name="Racks", exact=True))
    assert user.actions <= 1
    panel = user.page.locator(".panel", has_text="Cores of web-01")
    entries = panel.locator(".legend-entry")
    expect(entries).to_have_count(12)
    labels = panel.locator(".series-name").all_inner_texts()
    assert labels == [f"cpu{core}" for core in range(12)]
    names = [str(entry.get_attribute("data-series")) for entry in entries.all()]
    assert all("host=web-01" in name for name in names)
    # The whole name is there on hover.
    assert [entry.get_attribute("title") for entry in entries.all()] == names


def test_new_series_of_a_host_joins_its_chart(visit: PageVisit, servers_demo: DemoStack) -> None:
    visit.open("v/racks")
    user = TaskUser(visit.page)
    panel = user.page.locator(".panel", has_text="Load in Zurich")
    expect(panel.locator(".legend-entry")).to_have_count(3)
    point = b"system,datacenter=zurich,host=new-01 load1=1.25"
    with urllib.request.urlopen(f"{servers_demo.url}write?db=demo", point) as response:
        assert response.status == 204
    expect(user.legend("system,datacenter=zurich,host=new-01 load1")).to_contain_text("1.25")
    expect(panel.locator(".legend-entry")).to_have_count(4)
    servers_demo.request("DELETE", "/api/series/system,datacenter=zurich,host=new-01%20load1")
    expect(panel.locator(".legend-entry")).to_have_count(3)


def test_names_in_the_readout_differ_and_it_spares_the_crosshair(visit: PageVisit) -> None:
    visit.page.set_viewport_size({"width": 1440, "height": 900})
    visit.open("v/racks?window=1h")
    user = TaskUser(visit.page)
    name = WEB_CORE_3
    readout = user.point_at(name, time.time() - 1_200)
    rows = readout.locator("p").all_inner_texts()
    assert len({row.split("\n")[0] for row in rows}) >= 12
    assert not any("…" in row for row in rows), rows
    box = readout.bounding_box()
    assert box
    assert not box["x"] <= user.mouse_x <= box["x"] + box["width"]
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 1_440


def test_colors_stay_after_a_reload(visit: PageVisit) -> None:
    visit.open("v/racks")
    page = visit.page
    expect(TaskUser(page).legend(WEB_CORE_3)).to_be_visible()
    before = page.evaluate(_COLORS)
    page.reload()
    expect(TaskUser(page).legend(WEB_CORE_3)).to_be_visible()
    wait_until("the colours are the same", lambda: page.evaluate(_COLORS) == before)
    loads = [before[f"system,datacenter=zurich,host={h} load1"] for h in ("db-02", "web-02")]
    assert len(set(loads)) == 2


def test_label_leaves_the_sender_alone(visit: PageVisit, servers_demo: DemoStack) -> None:
    name = DB_LOAD_15
    user = open_overview(visit)
    search(user, "db-02 load15")
    user.press_key("Enter")
    expect(user.legend(name)).to_be_visible()
    user.page.get_by_role("button", name=re.compile("^Edit ")).focus()
    user.press_key("Enter")
    dialog = user.page.get_by_role("dialog", name="Edit series", exact=True)
    user.fill(dialog.get_by_label("Label", exact=True), "Backup load")
    user.press_button("Save", within=dialog)
    expect(user.legend(name).locator(".series-name")).to_have_text("Backup load")
    labelled = time.time()

    def goes_on() -> bool:
        series = {item["name"]: item for item in servers_demo.get("/api/series")["series"]}
        assert series[name]["label"] == "Backup load"
        return bool(series[name]["last"] > labelled)

    wait_until("the sender goes on", goes_on)
    search_again = open_overview(visit)
    search(search_again, "backup load")
    expect(search_again.page.locator("#overview-found")).to_contain_text("Backup load")


def test_one_host_is_shown_by_its_group(visit: PageVisit) -> None:
    user = open_overview(visit)
    user.click(user.page.get_by_role("link", name="Show charts of cache-01", exact=True))
    entries = user.page.locator(".legend-entry")
    expect(entries).to_have_count(31)
    assert user.actions <= 1
    labels = user.page.locator(".legend .series-name").all_inner_texts()
    assert not any("cache-01" in label or "basel" in label for label in labels), labels
