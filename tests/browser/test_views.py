"""Named views: shown, made, edited, shared and protected from each other's changes."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Visit, new_visit
from tests.browser.test_accessibility import axe, violations
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack

__all__ = ["axe"]

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

ROOMS: dict[str, Any] = {
    "title": "Rooms",
    "window": "5m",
    "panels": [
        {"id": "p1", "title": "Warm", "series": ["kitchen", "hall"]},
        {"id": "p2", "title": "Oven", "series": ["oven"]},
        {"id": "p3", "title": "Voltages", "series": ["many.00*"]},
    ],
}


def put_view(stack: Stack, name: str, view: dict[str, Any]) -> None:
    """Save a view, in place of any other of this name."""
    stack.request("DELETE", f"/api/views/{name}")
    status, answer = stack.request("PUT", f"/api/views/{name}", json.dumps(view).encode())
    assert status == 200, answer


@pytest.fixture
def rooms(shared_stack: Stack) -> Iterator[dict[str, Any]]:
    """The view `rooms`, which is deleted afterwards."""
    put_view(shared_stack, "rooms", ROOMS)
    yield ROOMS
    shared_stack.request("DELETE", "/api/views/rooms")


def open_view(visit: Visit, query: str = "") -> Page:
    page = visit.open(f"v/rooms{query}")
    page.wait_for_selector("[data-points]")
    return page


def titles(page: Page) -> list[str]:
    """Return the titles of the panels, in their order."""
    return page.locator(".panel-title bdi:first-child").all_inner_texts()


def menu_entry(page: Page, name: str) -> Locator:
    """Open the menu of the page, and return one of its entries."""
    page.get_by_role("button", name="More", exact=True).click()
    return page.locator("#menu").get_by_role("button", name=name)


def expect_conflict(visit: Visit) -> None:
    """Check that a save was refused, which browsers log as an error."""
    (error,) = visit.errors
    assert "409 (CONFLICT)" in error
    visit.errors.clear()


def begin_edit(page: Page) -> Locator:
    menu_entry(page, "Edit this view").click()
    return page.get_by_role("region", name="Edit view")


@pytest.mark.usefixtures("rooms")
class TestShown:
    """A view decides what the page shows."""

    def test_view_shows_its_panels_title_and_window(self, shared_visit: Visit) -> None:
        page = open_view(shared_visit)
        expect(page).to_have_title("Rooms \u2013 Stripchart")
        expect(page.locator("#view-title")).to_have_text("Rooms")
        assert titles(page) == ["Warm", "Oven", "Voltages"]
        expect(page.locator('[data-panel="p3"] [data-series]')).to_have_count(10)
        expect(page.get_by_role("button", name="5 min", exact=True)).to_have_attribute(
            "aria-pressed", "true"
        )
        expect(page.locator("#open-series")).to_be_hidden()
        page.keyboard.press("/")
        expect(page.get_by_role("dialog")).to_be_hidden()
        page.get_by_role("link", name="All charts").click()
        expect(page).to_have_url(re.compile(r"/$"))

    def test_window_of_view_is_no_preference(self, shared_visit: Visit) -> None:
        page = open_view(shared_visit)
        page.get_by_role("button", name="1 h", exact=True).click()
        expect(page).to_have_url(re.compile("window=1h"))
        page.reload()
        expect(page.get_by_role("button", name="1 h", exact=True)).to_have_attribute(
            "aria-pressed", "true"
        )
        assert page.evaluate("localStorage.getItem('stripchart.window')") is None

    def test_new_series_joins(self, shared_visit: Visit, shared_stack: Stack) -> None:
        put_view(shared_stack, "rooms", {"panels": [{"series": ["joining.*", "kitchen"]}]})
        page = open_view(shared_visit)
        expect(page.locator("[data-series]")).to_have_count(1)
        shared_stack.post("/api/readings", [{"series": "joining.1", "value": 1, "unit": "°C"}])
        expect(page.locator('[data-series="joining.1"]')).to_be_visible()
        shared_stack.request("DELETE", "/api/series?series=joining.1")

    def test_change_appears_on_open_pages(self, shared_visit: Visit, shared_stack: Stack) -> None:
        page = open_view(shared_visit)
        shared_visit.wait_for_state("live")
        changed = ROOMS | {"title": "House", "panels": ROOMS["panels"][:1], "revision": None}
        stored = shared_stack.get("/api/views/rooms")
        body = json.dumps(changed | {"revision": stored["revision"]}).encode()
        assert shared_stack.request("PUT", "/api/views/rooms", body)[0] == 200
        expect(page.locator("#view-title")).to_have_text("House")
        expect(page.locator(".panel")).to_have_count(1)
        assert shared_stack.request("DELETE", "/api/views/rooms")[0] == 200
        expect(page.locator("#view-deleted")).to_be_visible()

    def test_panel_without_series_says_so(self, shared_visit: Visit, shared_stack: Stack) -> None:
        panels = [{"series": ["kitchen"]}, {"series": ["nowhere.*"], "title": "Nowhere"}]
        put_view(shared_stack, "rooms", {"panels": panels})
        page = open_view(shared_visit)
        expect(page.locator('[data-panel="p2"]')).to_contain_text("No series match")
        put_view(shared_stack, "rooms", {"panels": panels[1:]})
        expect(page.locator("[data-series]")).to_have_count(0)
        expect(page.locator('[data-panel="p1"]')).to_contain_text("No series match")

    def test_more_series_than_fit_are_counted(
        self, shared_visit: Visit, shared_stack: Stack
    ) -> None:
        put_view(shared_stack, "rooms", {"panels": [{"series": ["many.*"]}, {"series": ["oven"]}]})
        page = open_view(shared_visit)
        expect(page.locator("#view-omitted")).to_contain_text("201 more series match.")
        expect(page.locator('[data-series="oven"]')).to_be_visible()

    def test_kiosk_shows_the_view_without_controls(self, shared_visit: Visit) -> None:
        page = open_view(shared_visit, "?kiosk")
        assert titles(page) == ["Warm", "Oven", "Voltages"]
        expect(page.locator("#view-title")).to_be_visible()
        expect(page.get_by_role("button", name="More", exact=True)).to_be_hidden()

    def test_unknown_view_leads_home(self, browser: Browser, shared_stack: Stack) -> None:
        with browser.new_context() as context:
            page = context.new_page()
            answer = page.goto(f"http://127.0.0.1:{shared_stack.port}/v/nowhere")
            assert answer
            assert answer.status == 404
            expect(page.get_by_role("heading", name="There is no view")).to_be_visible()
            page.get_by_role("link", name="Go to all charts").click()
            expect(page).to_have_url(re.compile(r"/$"))


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
        assert titles(page) == ["\u00b0C"]
        page.get_by_role("link", name="All charts").click()
        expect(page).to_have_url(re.compile("/charts/$"))
        visit.close()


@pytest.mark.usefixtures("rooms")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_editor_of_view_has_no_axe_violations(
    browser: Browser, shared_stack: Stack, axe: str, scheme: str
) -> None:
    options: dict[str, Any] = {"color_scheme": scheme, "viewport": {"width": 360, "height": 740}}
    with new_visit(browser, shared_stack, **options) as visit:
        page = open_view(visit)
        bar = begin_edit(page)
        expect(page.locator("#menu")).to_be_hidden()
        assert violations(page, axe) == []
        bar.get_by_role("button", name="Edit Warm").click()
        page.get_by_label("Find a series to add").fill("many")
        page.get_by_label("Limits").fill("high")
        page.get_by_label("Limits").press("Enter")
        assert violations(page, axe) == []
        page.keyboard.press("Escape")
        bar.get_by_role("button", name="Cancel").click()
        for entry in ("Save as view", "Delete this view"):
            menu_entry(page, entry).click()
            expect(page.get_by_role("dialog")).to_be_visible()
            assert violations(page, axe) == []
            page.keyboard.press("Escape")
        page.get_by_role("button", name="More", exact=True).click()
        expect(page.locator("#menu-views a")).to_have_count(2)
        assert violations(page, axe) == []


class TestMade:
    """People save the shown charts under a name, and others open them."""

    def test_shown_charts_become_a_view_that_others_open(
        self, shared_visit: Visit, browser: Browser, shared_stack: Stack
    ) -> None:
        page = shared_visit.open_series("kitchen", "oven", "cellar", hide="cellar")
        menu_entry(page, "Save as view").click()
        dialog = page.get_by_role("dialog", name="Save as view")
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
            expect(second.get_by_role("link", name="My Home")).to_have_attribute(
                "aria-current", "page"
            )
        menu_entry(page, "Delete this view").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete view").click()
        expect(page).to_have_url(re.compile(r"/$"))
        assert shared_stack.request("GET", "/api/views/my-home")[0] == 404

    @pytest.mark.usefixtures("rooms")
    def test_taken_name_is_replaced_only_on_request(self, shared_visit: Visit) -> None:
        page = shared_visit.open_series("kitchen")
        menu_entry(page, "Save as view").click()
        dialog = page.get_by_role("dialog", name="Save as view")
        dialog.get_by_label("Title").fill("Rooms")
        dialog.get_by_role("button", name="Save view").click()
        expect(dialog.get_by_role("alert")).to_contain_text("There is a view rooms already")
        expect_conflict(shared_visit)
        dialog.get_by_role("button", name="Replace it").click()
        expect(page).to_have_url(re.compile("/v/rooms$"))
        expect(page.locator(".panel")).to_have_count(1)

    @pytest.mark.usefixtures("rooms")
    def test_exported_view_is_imported_under_another_name(
        self, shared_visit: Visit, shared_stack: Stack, tmp_path: Path
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
        dialog = page.get_by_role("dialog", name="Import a view")
        expect(dialog.get_by_label("Name in the address")).to_have_value("rooms-copy")
        dialog.get_by_role("button", name="Save view").click()
        expect(page).to_have_url(re.compile("/v/rooms-copy$"))
        copy, original = (shared_stack.get(f"/api/views/{n}") for n in ("rooms-copy", "rooms"))
        assert copy["panels"] == original["panels"]
        shared_stack.request("DELETE", "/api/views/rooms-copy")


@pytest.mark.usefixtures("rooms")
class TestEdited:
    """A view is edited in the page, by keyboard alone too."""

    def test_panels_are_moved_removed_and_added_by_keyboard(
        self, shared_visit: Visit, shared_stack: Stack
    ) -> None:
        page = open_view(shared_visit)
        page.get_by_role("button", name="More", exact=True).focus()
        page.keyboard.press("Enter")
        page.locator("#edit-view").focus()
        page.keyboard.press("Enter")
        bar = page.get_by_role("region", name="Edit view")
        expect(bar.get_by_label("Title")).to_be_focused()
        page.keyboard.press("End")
        page.keyboard.type(" 2")
        bar.get_by_role("button", name="Move Voltages", exact=True).focus()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")
        expect(bar.get_by_role("button", name="Move Voltages", exact=True)).to_be_focused()
        expect(page.locator(".panel-title").first).to_contain_text("Voltages")
        bar.get_by_role("button", name="Remove Oven").focus()
        page.keyboard.press("Enter")
        expect(page.locator(".panel")).to_have_count(2)
        expect(bar.get_by_role("button", name="Add panel")).to_be_focused()
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="Add panel")
        expect(dialog.get_by_label("Title")).to_be_focused()
        page.keyboard.type("Cold")
        dialog.get_by_label("Find a series to add").focus()
        page.keyboard.type("cell")
        page.keyboard.press("Enter")
        expect(dialog.get_by_label("Series, one name")).to_have_value("cellar")
        expect(dialog.locator("#panel-matches")).to_have_text("1 series matches: cellar")
        dialog.get_by_role("button", name="Apply").focus()
        page.keyboard.press("Enter")
        expect(page.locator('[data-series="cellar"]')).to_be_visible()
        expect(bar.locator("#view-edit-status")).to_have_text("Not saved yet.")
        bar.get_by_role("button", name="Save").focus()
        page.keyboard.press("Enter")
        expect(bar).to_be_hidden()
        stored = shared_stack.get("/api/views/rooms")
        assert stored["title"] == "Rooms 2"
        assert [panel["title"] for panel in stored["panels"]] == ["Voltages", "Warm", "Cold"]

    def test_panel_is_dragged_to_another_place(self, shared_visit: Visit) -> None:
        page = open_view(shared_visit)
        bar = begin_edit(page)
        rows = bar.locator(".view-panels li")
        rows.nth(2).drag_to(rows.nth(0))
        expect(rows.first).to_contain_text("Voltages")
        expect(page.locator(".panel-title").first).to_contain_text("Voltages")

    def test_panel_of_states_is_proposed_for_a_door(
        self, shared_visit: Visit, shared_stack: Stack
    ) -> None:
        body = json.dumps({"kind": "state"}).encode()
        assert shared_stack.request("PATCH", "/api/series?series=hall", body)[0] == 202
        page = open_view(shared_visit)
        begin_edit(page).get_by_role("button", name="Add panel").click()
        dialog = page.get_by_role("dialog", name="Add panel")
        dialog.get_by_label("Series, one name").fill("hall")
        expect(dialog.get_by_label("Type")).to_have_value("states")
        dialog.get_by_label("Type").select_option("line")
        dialog.get_by_label("Series, one name").fill("hal*")
        expect(dialog.get_by_label("Type")).to_have_value("line")
        body = json.dumps({"kind": None}).encode()
        assert shared_stack.request("PATCH", "/api/series?series=hall", body)[0] == 202

    def test_cancel_restores_the_view(self, shared_visit: Visit) -> None:
        page = open_view(shared_visit)
        bar = begin_edit(page)
        bar.get_by_role("button", name="Remove Warm").click()
        bar.get_by_label("Columns on wide screens").select_option("2")
        bar.get_by_role("button", name="Cancel").click()
        expect(page.locator(".panel")).to_have_count(3)
        expect(page.get_by_role("button", name="More", exact=True)).to_be_focused()

    def test_fault_is_at_its_field(self, shared_visit: Visit) -> None:
        page = open_view(shared_visit)
        page.get_by_role("button", name="Menu of Oven").click()
        page.get_by_role("button", name="Edit panel").click()
        dialog = page.get_by_role("dialog", name="Edit panel")
        dialog.get_by_label("Limits").fill("high")
        page.keyboard.press("Enter")
        expect(dialog.get_by_role("alert")).to_contain_text("A limit must be a number")
        expect(dialog.get_by_label("Limits")).to_be_focused()
        dialog.get_by_label("Limits").fill("1000..1100")
        page.keyboard.press("Enter")
        expect(dialog).to_be_hidden()

    @pytest.mark.parametrize("choice", ["Load the other version", "Save mine over it"])
    def test_changes_of_two_people_are_not_lost_unseen(
        self, shared_visit: Visit, shared_stack: Stack, choice: str
    ) -> None:
        page = open_view(shared_visit)
        bar = begin_edit(page)
        bar.get_by_label("Title").fill("Mine")
        stored = shared_stack.get("/api/views/rooms")
        body = json.dumps(stored | {"title": "Theirs"}).encode()
        assert shared_stack.request("PUT", "/api/views/rooms", body)[0] == 200
        conflict = page.locator("#view-conflict")
        expect(conflict).to_contain_text("Somebody else has changed this view.")
        bar.get_by_role("button", name="Save", exact=True).click()
        expect(bar.locator("#view-edit-status")).to_have_text("Not saved.")
        expect_conflict(shared_visit)
        expect(bar.get_by_label("Title")).to_have_value("Mine")
        assert shared_stack.get("/api/views/rooms")["title"] == "Theirs"
        conflict.get_by_role("button", name=choice).click()
        expect(bar).to_be_hidden()
        title = "Mine" if choice.startswith("Save") else "Theirs"
        expect(page.locator("#view-title")).to_have_text(title)
        assert shared_stack.get("/api/views/rooms")["title"] == title
