"""The series editor: rename, set a unit, erase the visible range, delete."""

import time

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import HOSTILE_NAMES, Visit
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

NAME, NEW_NAME = HOSTILE_NAMES[:2]
SPIKE = 1000.0


def start_with_spike(visit: Visit) -> float:
    """Start a stack with a series that has a spike; return the time of the spike."""
    for name in ("writer", "web"):
        visit.stack.start(name)
    start = time.time() - 600
    spike_time = start + 100
    visit.stack.post(
        "/api/readings",
        [
            *({"series": NAME, "ts": start + i * 10, "value": 20} for i in range(50)),
            {"series": NAME, "ts": spike_time + 1, "value": SPIKE},
            {"series": "cellar", "ts": start, "value": 12},
        ],
    )
    wait_until("the readings are stored", lambda: len(visit.stack.stored(NAME)) == 51)
    return spike_time


def open_editor(page: Page, name: str) -> Locator:
    """Open the editor of a series by keyboard."""
    button = page.get_by_role("button", name=f"Edit {name}", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Edit series")
    expect(dialog.locator("#editor-series")).to_have_text(name)
    return dialog


def shown_names(page: Page) -> list[str | None]:
    return [entry.get_attribute("data-series") for entry in page.locator("[data-series]").all()]


def wait_until_gone(page: Page, name: str) -> None:
    page.wait_for_function(
        "name => [...document.querySelectorAll('[data-series]')]"
        ".every(({ dataset }) => dataset.series !== name)",
        arg=name,
    )


def wait_until_shown(page: Page, name: str) -> None:
    page.wait_for_function(
        "name => [...document.querySelectorAll('[data-series]')]"
        ".some(({ dataset }) => dataset.series === name)",
        arg=name,
    )


def zoom(page: Page, key: str) -> None:
    """Press a zoom key six times, which changes the window by a factor of 11."""
    for _ in range(6):
        page.keyboard.press(key)


def test_series_is_renamed_given_a_unit_and_deleted(visit: Visit) -> None:
    start_with_spike(visit)
    page = visit.open_series(NAME, "cellar")
    dialog = open_editor(page, NAME)
    rename = dialog.get_by_role("button", name="Rename")
    expect(rename).to_be_disabled()
    dialog.get_by_label("Name", exact=True).fill("cellar")
    rename.click()
    expect(dialog.get_by_role("alert")).to_contain_text("already exists")
    # Chromium logs each error response; this one is expected.
    assert [text for text in visit.errors if "409" not in text] == []
    visit.errors.clear()
    dialog.get_by_label("Name", exact=True).fill(NEW_NAME)
    rename.click()
    expect(dialog).to_be_hidden()
    wait_until_shown(page, NEW_NAME)
    wait_until_gone(page, NAME)
    visit.wait_for_points(52)
    assert len(visit.stack.stored(NEW_NAME)) == 51

    dialog = open_editor(page, NEW_NAME)
    dialog.get_by_label("Unit").fill("<b>°C")
    dialog.get_by_role("button", name="Set unit").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".panel-title", has_text="<b>°C")).to_be_visible()

    dialog = open_editor(page, NEW_NAME)
    delete = dialog.get_by_role("button", name="Delete")
    confirmation = dialog.get_by_label("To delete the series and all its readings")
    confirmation.fill("cellar")
    expect(delete).to_be_disabled()
    confirmation.fill(NEW_NAME)
    delete.click()
    expect(dialog).to_be_hidden()
    wait_until_gone(page, NEW_NAME)
    assert shown_names(page) == ["cellar"]
    assert page.locator("img[src=x], b").count() == 0
    page.reload()
    wait_until_shown(page, "cellar")
    assert shown_names(page) == ["cellar"]


def test_visible_range_is_erased_also_from_cached_history(visit: Visit) -> None:
    spike_time = start_with_spike(visit)
    page = visit.open_series(NAME)
    dialog = open_editor(page, NAME)
    expect(dialog.get_by_role("button", name="Erase")).to_be_hidden()
    expect(dialog.locator("#editor-erase-hint")).to_be_visible()
    page.keyboard.press("Escape")
    page = visit.open_series(NAME, window=f"{spike_time - 2:.3f}..{spike_time + 4:.3f}")
    zoom(page, "-")
    visit.wait_for_points(7)
    zoom(page, "+")
    dialog = open_editor(page, NAME)
    erase = dialog.get_by_role("button", name="Erase")
    expect(dialog.locator("#editor-erase-range")).to_contain_text("2 readings")
    expect(erase).to_be_disabled()
    dialog.get_by_role("checkbox").check()
    erase.click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".empty-state")).to_contain_text("No readings in this range")
    wait_until("the spike is erased", lambda: SPIKE not in visit.stack.stored(NAME))
    zoom(page, "-")
    expect(page.locator(".legend-stat").last).to_have_text("max 20")
    page.keyboard.press("l")
    page.keyboard.press("3")
    visit.wait_for_points(49)
    assert len(visit.stack.stored(NAME)) == 49
