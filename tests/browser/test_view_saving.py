"""Views that people make of the shown charts, import, export, replace and delete."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Visit, new_visit
from tests.browser.views import expect_conflict, menu_entry, open_view, rooms, titles
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack

__all__ = ["rooms"]

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]


def test_shown_charts_become_a_view_that_others_open(
    shared_visit: Visit, browser: Browser, shared_stack: Stack
) -> None:
    page = shared_visit.open_series("kitchen", "oven", "cellar", hide="cellar")
    menu_entry(page, "Save as view").click()
    dialog = page.get_by_role("dialog", name="Save as view", exact=True)
    dialog.get_by_label("Title").fill("My Home")
    expect(dialog.get_by_label("Name in the address")).to_have_value("my-home")
    expect(dialog.locator("#view-save-address")).to_contain_text("/v/my-home")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/v/my-home$"))
    expect(page.locator("#view-title")).to_have_text("My Home")
    shared_visit.wait_for_points(1)
    with new_visit(browser, shared_stack) as other:
        second = other.open("v/my-home")
        other.wait_for_points(1)
        names = [
            each.get_attribute("data-series") for each in second.locator("[data-series]").all()
        ]
        assert names == ["kitchen", "oven"]
        second.get_by_role("button", name="More", exact=True).click()
        expect(second.get_by_role("link", name="My Home", exact=True)).to_have_attribute(
            "aria-current", "page"
        )
    menu_entry(page, "Delete this view").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete view", exact=True).click()
    expect(page).to_have_url(re.compile(r"/$"))
    assert shared_stack.request("GET", "/api/views/my-home")[0] == 404


@pytest.mark.usefixtures("rooms")
def test_taken_name_is_replaced_only_on_request(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen")
    menu_entry(page, "Save as view").click()
    dialog = page.get_by_role("dialog", name="Save as view", exact=True)
    dialog.get_by_label("Title").fill("Rooms")
    dialog.get_by_role("button", name="Save view", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("There is a view rooms already")
    expect_conflict(shared_visit)
    dialog.get_by_role("button", name="Replace it", exact=True).click()
    expect(page).to_have_url(re.compile("/v/rooms$"))
    expect(page.locator(".panel")).to_have_count(1)


@pytest.mark.usefixtures("rooms")
def test_exported_view_is_imported_under_another_name(
    shared_visit: Visit, shared_stack: Stack, tmp_path: Path
) -> None:
    page = open_view(shared_visit)
    with page.expect_download() as download:
        menu_entry(page, "Export this view").click()
    assert download.value.suggested_filename == "rooms.json"
    file = tmp_path / "rooms copy.json"
    download.value.save_as(file)
    with page.expect_file_chooser() as chooser:
        menu_entry(page, "Import a view").click()
    chooser.value.set_files(file)
    dialog = page.get_by_role("dialog", name="Import a view", exact=True)
    expect(dialog.get_by_label("Name in the address")).to_have_value("rooms-copy")
    dialog.get_by_role("button", name="Save view", exact=True).click()
    expect(page).to_have_url(re.compile("/v/rooms-copy$"))
    copy, original = (shared_stack.get(f"/api/views/{n}") for n in ("rooms-copy", "rooms"))
    assert copy["panels"] == original["panels"]
    shared_visit.leave()
    shared_stack.request("DELETE", "/api/views/rooms-copy")


def test_view_below_a_base_path_is_shown_and_saved(
    tab: Page, redis_server: RedisServer, tmp_path: Path
) -> None:
    with Stack(tmp_path, redis_server, settings={"BASE_PATH": "/charts"}) as stack:
        stack.start("writer")
        stack.start("web")
        stack.request(
            "POST",
            "/charts/api/readings",
            b'{"series": "kitchen", "value": 20, "unit": "\xc2\xb0C"}',
        )
        visit = Visit(tab, stack)
        page = visit.open("charts/")
        visit.wait_for_points(1)
        menu_entry(page, "Save as view").click()
        page.get_by_role("dialog").get_by_label("Title").fill("Below")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/charts/v/below$"))
        visit.wait_for_points(1)
        assert titles(page) == ["Temperature"]
        page.get_by_role("link", name="All charts", exact=True).click()
        expect(page).to_have_url(re.compile("/charts/$"))
        visit.close()
