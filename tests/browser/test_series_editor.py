"""The series editor: settings, rename, erase the visible range, delete."""

import time
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect

from tests.browser.conftest import Visit, new_visit
from tests.browser.stacks import HOSTILE_NAMES
from tests.support.stack import Stack
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


def open_editor(page: Page, name: str, label: str = "") -> Locator:
    """Open the editor of a series, which may have a label, by keyboard."""
    button = page.get_by_role("button", name=f"Edit {label or name}", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Edit series", exact=True)
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
    rename = dialog.get_by_role("button", name="Rename", exact=True)
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
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".panel-title", has_text="<b>°C")).to_be_visible()

    dialog = open_editor(page, NEW_NAME)
    delete = dialog.get_by_role("button", name="Delete", exact=True)
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


def listed(visit: Visit, name: str) -> dict[str, Any]:
    """Return a series as the server lists it."""
    found: list[dict[str, Any]] = visit.stack.get("/api/series")["series"]
    (series,) = (one for one in found if one["name"] == name)
    return series


def record_reloads(page: Page) -> list[str]:
    """Return a list that gets the requests for the recent history, which begins before now."""
    found: list[str] = []

    def record(request: Request) -> None:
        if "/api/history" in request.url and "from=-" in request.url:
            found.append(request.url)

    page.on("request", record)
    return found


def test_settings_are_saved_and_shown_without_loading_history(visit: Visit) -> None:
    start_with_spike(visit)
    page = visit.open_series("cellar")
    reloads = record_reloads(page)
    dialog = open_editor(page, "cellar")
    expect(dialog.get_by_label("Label")).to_be_focused()
    dialog.get_by_label("Label").fill("<b>Cellar door</b>")
    words = dialog.get_by_role("group", name="Words of states", exact=True)
    expect(words).to_be_hidden()
    dialog.get_by_label("Kind").select_option("state")
    words.get_by_label("Word for 0").fill("shut")
    words.get_by_label("Word for 1", exact=True).fill("wide open")
    words.get_by_role("button", name="Add a value", exact=True).click()
    page.keyboard.type("12")
    words.get_by_label("Word for 12").fill("ajar")
    dialog.get_by_label("Decimals").select_option("2")
    dialog.get_by_label("violet").check()
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog).to_be_hidden()
    expect(page.locator('[data-series="cellar"]')).to_contain_text("<b>Cellar door</b>")
    # The legend has new buttons; the focus is on the one that opened the dialog.
    edit = page.get_by_role("button", name="Edit <b>Cellar door</b>", exact=True)
    expect(edit).to_be_focused()
    assert page.locator("b").count() == 0
    assert reloads == []
    stored = {
        "label": "<b>Cellar door</b>",
        "kind": "state",
        "decimals": 2,
        "color": "#5f3dc4",
        "states": {"0": "shut", "1": "wide open", "12": "ajar"},
    }
    assert stored.items() <= listed(visit, "cellar").items()
    # What was saved is shown again, and may be removed.
    dialog = open_editor(page, "cellar", "<b>Cellar door</b>")
    expect(dialog.get_by_label("Label")).to_have_value("<b>Cellar door</b>")
    expect(dialog.get_by_label("violet")).to_be_checked()
    dialog.get_by_label("Label").fill("")
    dialog.get_by_label("Decimals").select_option("Automatic")
    words.get_by_role("button", name="Remove 0", exact=True).click()
    expect(words.get_by_label("Value", exact=True).first).to_be_focused()
    dialog.get_by_role("radio", name="Automatic", exact=True).check()
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog).to_be_hidden()
    expect(page.locator('[data-series="cellar"]')).not_to_contain_text("<b>")
    removed = {"label": None, "decimals": None, "color": None}
    assert removed.items() <= listed(visit, "cellar").items()
    assert listed(visit, "cellar")["states"] == {"1": "wide open", "12": "ajar"}


def test_label_and_color_set_elsewhere_reach_an_open_page_and_stay(
    browser: Browser, shared_stack: Stack
) -> None:
    """The page learns of them without loading history, and shows them in both schemes."""
    with new_visit(browser, shared_stack, color_scheme="light") as visit:
        page = visit.open_series("oven")
        entry = page.locator('[data-series="oven"]')
        reloads = record_reloads(page)
        address = f"http://127.0.0.1:{visit.port}/api/series?series=oven"
        change = {"label": "Baking oven", "color": "#e03131"}
        assert page.request.patch(address, data=change).status == 202
        expect(entry).to_contain_text("Baking oven")
        assert reloads == []
        line_colors = set()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.reload()
            expect(entry).to_contain_text("Baking oven")
            line_colors.add(entry.evaluate("entry => entry.style.getPropertyValue('--line')"))
        assert line_colors == {"#e03131"}
        # A colour of the palette has the same hue in both schemes.
        assert page.request.patch(address, data={"label": "", "color": "#0b7285"}).status == 202
        expect(entry).to_have_css("--line", "#3bc9db")
        expect(entry).not_to_contain_text("Baking")
        page.emulate_media(color_scheme="light")
        expect(entry).to_have_css("--line", "#0b7285")
        assert page.request.patch(address, data={"color": None}).status == 202


def test_word_without_a_number_is_refused_in_the_dialog(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen")
    dialog = open_editor(page, "kitchen")
    dialog.get_by_label("Kind").select_option("state")
    dialog.get_by_role("button", name="Add a value", exact=True).click()
    dialog.get_by_label("Word for this value").fill("ajar")
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("needs a number as its value")
    dialog.get_by_label("Word for 1", exact=True).fill("open")
    dialog.get_by_label("Value", exact=True).last.fill("1.0")
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("has two words")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_editor_fits_into_a_narrow_screen(browser: Browser, shared_stack: Stack) -> None:
    with new_visit(browser, shared_stack, viewport={"width": 320, "height": 640}) as visit:
        page = visit.open_series("kitchen")
        dialog = open_editor(page, "kitchen")
        dialog.get_by_label("Kind").select_option("state")
        body = dialog.locator(".dialog-body")
        assert body.evaluate("body => body.scrollWidth <= body.clientWidth")


def test_visible_range_is_erased_also_from_cached_history(visit: Visit) -> None:
    spike_time = start_with_spike(visit)
    page = visit.open_series(NAME)
    dialog = open_editor(page, NAME)
    expect(dialog.get_by_role("button", name="Erase", exact=True)).to_be_hidden()
    expect(dialog.locator("#editor-erase-hint")).to_be_visible()
    page.keyboard.press("Escape")
    page = visit.open_series(NAME, window=f"{spike_time - 2:.3f}..{spike_time + 4:.3f}")
    zoom(page, "-")
    visit.wait_for_points(7)
    zoom(page, "+")
    dialog = open_editor(page, NAME)
    erase = dialog.get_by_role("button", name="Erase", exact=True)
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
