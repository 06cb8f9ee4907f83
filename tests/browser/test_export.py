"""Export from the menu: CSV, image, link, and commands that send a reading."""

import csv
import json
import struct
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Visit
from tests.browser.stacks import HOSTILE_NAMES

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]


def download(page: Page, item: str) -> Path:
    """Choose an item of the menu, and return the file that it downloads."""
    page.get_by_role("button", name="More", exact=True).click()
    with page.expect_download() as started:
        page.get_by_role("button", name=item, exact=True).click()
    assert started.value.suggested_filename.startswith("stripchart-")
    return started.value.path()


def test_csv_has_visible_readings_of_shown_series(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", "oven", HOSTILE_NAMES[2], window="24h", hide="oven")
    with download(page, "Save as CSV").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    kitchen = [row for row in rows if row["series"] == "kitchen"]
    assert [row for row in rows if row["series"] == "oven"] == []
    stored = len(shared_visit.stack.stored("kitchen"))
    assert sum(int(row["count"] or 1) for row in kitchen) == stored
    assert kitchen[0]["unit"] == "°C"
    assert kitchen[0]["time"].endswith("Z")
    assert 20 <= float(kitchen[0]["value"]) <= 23
    # An apostrophe keeps a spreadsheet from running the name as a formula.
    assert "'=HYPERLINK(1)" in {row["series"] for row in rows}


def test_csv_of_single_readings_equals_history(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen")
    with download(page, "Save as CSV").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    history = shared_visit.stack.get(f"/api/history?{urlencode({'series': 'kitchen'})}")
    values = history["series"]["kitchen"]["value"]
    assert [float(row["value"]) for row in rows] == values
    assert {row["count"] for row in rows} == {""}


def test_csv_of_window_that_still_loads_has_all_of_its_readings(shared_visit: Visit) -> None:
    page = shared_visit.open_series("attic", window="1m", min_points=0)
    requests: list[Route] = []

    def hold(route: Route) -> None:
        requests.append(route)

    page.route("**/api/history*", hold, times=1)
    with page.expect_request("**/api/history*"):
        page.get_by_role("button", name="24 h", exact=True).click()
    page.get_by_role("button", name="More", exact=True).click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Save as CSV", exact=True).click()
        (request,) = requests
        request.continue_()
    with started.value.path().open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sum(int(row["count"] or 1) for row in rows) == 60


def test_image_contains_all_charts(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", "oven")
    content = download(page, "Save as image").read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", content[16:24])
    canvas = page.locator("canvas").first.bounding_box()
    assert canvas
    assert width > canvas["width"]
    assert height > 2 * canvas["height"]


def test_copied_link_is_the_address_of_the_page(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", window="24h")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("button", name="Copy link to this view", exact=True).click()
    expect(page.locator("#copy-link-label")).to_have_text("Copied")
    assert page.evaluate("() => navigator.clipboard.readText()") == page.url


def test_commands_send_readings_to_this_server(visit: Visit) -> None:
    stack = visit.stack
    stack.start("web")
    page = visit.open()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the command with python", exact=True).click()
    page.wait_for_function(
        "async (address) => (await navigator.clipboard.readText()).includes(address)",
        arg=f"127.0.0.1:{stack.port}",
    )
    program = page.evaluate("() => navigator.clipboard.readText()")
    expect(page.locator("#guide")).to_be_visible()
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True)
    assert done.returncode == 0, done.stderr
    button = page.locator('[data-series="kitchen"]')
    expect(button).to_contain_text("21.5")
    # The menu still has the commands once the guide is gone.
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("button", name="Send a reading", exact=True).click()
    dialog = page.get_by_role("dialog", name="Send a reading", exact=True)
    curl = dialog.locator("code").first.inner_text()
    address = f"http://127.0.0.1:{stack.port}/api/readings"
    assert curl.startswith(f"curl {address} -H 'Content-Type: application/json' -d '")
    reading = curl.rpartition(" -d ")[2].strip("'")
    assert stack.post("/api/readings", json.loads(reading)) == {"ok": True, "written": 1}
