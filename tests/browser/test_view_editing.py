"""Editing a view in the page, by keyboard alone too, and while others edit it."""

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visit, new_visit
from tests.browser.test_accessibility import axe, violations
from tests.browser.views import begin_edit, expect_conflict, menu_entry, open_view, rooms
from tests.support.stack import Stack

__all__ = ["axe", "rooms"]

pytestmark = [
    pytest.mark.redis,
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.usefixtures("rooms"),
]


def test_panels_are_moved_removed_and_added_by_keyboard(
    shared_visit: Visit, shared_stack: Stack
) -> None:
    page = open_view(shared_visit)
    page.get_by_role("button", name="More", exact=True).focus()
    page.keyboard.press("Enter")
    page.locator("#edit-view").focus()
    page.keyboard.press("Enter")
    bar = page.get_by_role("region", name="Edit view", exact=True)
    expect(bar.get_by_label("Title")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.type(" 2")
    bar.get_by_role("button", name="Move Voltages", exact=True).focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(bar.get_by_role("button", name="Move Voltages", exact=True)).to_be_focused()
    expect(page.locator(".panel-title").first).to_contain_text("Voltages")
    bar.get_by_role("button", name="Remove Oven", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".panel")).to_have_count(2)
    expect(bar.get_by_role("button", name="Add panel", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Add panel", exact=True)
    expect(dialog.get_by_label("Title")).to_be_focused()
    page.keyboard.type("Cold")
    dialog.get_by_label("Find a series to add").focus()
    page.keyboard.type("cell")
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("Series, one name")).to_have_value("cellar")
    expect(dialog.locator("#panel-matches")).to_have_text("1 series matches: cellar")
    dialog.get_by_role("button", name="Apply", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator('[data-series="cellar"]')).to_be_visible()
    expect(bar.locator("#view-edit-status")).to_have_text("Not saved yet.")
    bar.get_by_role("button", name="Save", exact=True).focus()
    page.keyboard.press("Enter")
    expect(bar).to_be_hidden()
    stored = shared_stack.get("/api/views/rooms")
    assert stored["title"] == "Rooms 2"
    assert [panel["title"] for panel in stored["panels"]] == ["Voltages", "Warm", "Cold"]


def test_panel_is_dragged_to_another_place(shared_visit: Visit) -> None:
    page = open_view(shared_visit)
    bar = begin_edit(page)
    rows = bar.locator(".view-panels li")
    rows.nth(2).drag_to(rows.nth(0))
    expect(rows.first).to_contain_text("Voltages")
    expect(page.locator(".panel-title").first).to_contain_text("Voltages")


def test_panel_of_states_is_proposed_for_a_door(shared_visit: Visit, shared_stack: Stack) -> None:
    shared_stack.post("/api/readings", {"series": "hatch", "value": 1})
    body = json.dumps({"kind": "state"}).encode()
    assert shared_stack.request("PATCH", "/api/series?series=hatch", body)[0] == 202
    page = open_view(shared_visit)
    begin_edit(page).get_by_role("button", name="Add panel", exact=True).click()
    dialog = page.get_by_role("dialog", name="Add panel", exact=True)
    dialog.get_by_label("Series, one name").fill("hatch")
    expect(dialog.get_by_label("Type")).to_have_value("states")
    dialog.get_by_label("Type").select_option("line")
    dialog.get_by_label("Series, one name").fill("hatc*")
    expect(dialog.get_by_label("Type")).to_have_value("line")


def test_cancel_restores_the_view(shared_visit: Visit) -> None:
    page = open_view(shared_visit)
    bar = begin_edit(page)
    bar.get_by_role("button", name="Remove Warm", exact=True).click()
    bar.get_by_label("Columns on wide screens").select_option("2")
    bar.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.locator(".panel")).to_have_count(3)
    expect(page.get_by_role("button", name="More", exact=True)).to_be_focused()


def test_fault_is_at_its_field(shared_visit: Visit) -> None:
    page = open_view(shared_visit)
    page.get_by_role("button", name="Menu of Oven", exact=True).click()
    page.get_by_role("button", name="Edit panel", exact=True).click()
    dialog = page.get_by_role("dialog", name="Edit panel", exact=True)
    dialog.get_by_label("Limits").fill("high")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("A limit must be a number")
    expect(dialog.get_by_label("Limits")).to_be_focused()
    dialog.get_by_label("Limits").fill("1000..1100")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()


@pytest.mark.parametrize("choice", ["Load the other version", "Save mine over it"])
def test_changes_of_two_people_are_not_lost_unseen(
    shared_visit: Visit, shared_stack: Stack, choice: str
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
    conflict.get_by_role("button", name=choice, exact=True).click()
    expect(bar).to_be_hidden()
    title = "Mine" if choice.startswith("Save") else "Theirs"
    expect(page.locator("#view-title")).to_have_text(title)
    assert shared_stack.get("/api/views/rooms")["title"] == title


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
        bar.get_by_role("button", name="Edit Warm", exact=True).click()
        page.get_by_label("Find a series to add").fill("many")
        page.get_by_label("Limits").fill("high")
        page.get_by_label("Limits").press("Enter")
        assert violations(page, axe) == []
        page.keyboard.press("Escape")
        bar.get_by_role("button", name="Cancel", exact=True).click()
        for entry in ("Save as view", "Delete this view"):
            menu_entry(page, entry).click()
            expect(page.get_by_role("dialog")).to_be_visible()
            assert violations(page, axe) == []
            page.keyboard.press("Escape")
        page.get_by_role("button", name="More", exact=True).click()
        expect(page.locator("#menu-views a")).to_have_count(2)
        assert violations(page, axe) == []
