"""A view of the shared stack, and the steps by which people show, change and save views."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.conftest import Visit
from tests.support.stack import Stack

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
    """Save a view, and replace any other of this name."""
    status, answer = _save(stack, name, view | {"revision": None})
    if status == 409:
        status, answer = _save(stack, name, view | {"revision": answer["revision"]})
    assert status == 200, answer


def _save(stack: Stack, name: str, view: dict[str, Any]) -> tuple[int, Any]:
    return stack.request("PUT", f"/api/views/{name}", json.dumps(view).encode())


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
    return page.locator("#menu").get_by_role("button", name=name, exact=True)


def expect_conflict(visit: Visit) -> None:
    """Check that a save was refused, which browsers log as an error."""
    (error,) = visit.errors
    assert "409 (CONFLICT)" in error
    visit.errors.clear()


def begin_edit(page: Page) -> Locator:
    menu_entry(page, "Edit this view").click()
    return page.get_by_role("region", name="Edit view", exact=True)
