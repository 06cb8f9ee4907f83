"""The dialog that makes, lists and revokes share links."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from services.share_command import RevokeShare
from tests.browser.access import forget_refusals, person
from tests.browser.conftest import Visit, new_visit
from tests.browser.share_links import make_link, open_dialog, shown_names
from tests.browser.test_accessibility import PHONE, axe, violations
from tests.support.access import carry_out
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

__all__ = ["axe"]

FITS = "() => document.documentElement.scrollWidth <= innerWidth"


def test_link_is_made_opened_by_a_stranger_and_revoked(
    browser: Browser, closed_stack: Stack
) -> None:
    with person(browser, closed_stack, "write") as visit:
        page = visit.open_series("kitchen", "cellar", window="1h")
        dialog = open_dialog(page)
        expect(dialog.get_by_label("Title")).to_be_focused()
        expect(dialog.get_by_label("Series, one name")).to_have_value("kitchen\ncellar")
        expect(dialog.get_by_role("note")).to_be_hidden()
        dialog.get_by_label("Title").fill("Our kitchen")
        dialog.get_by_label("Series, one name").fill("kitchen\n\n")
        dialog.get_by_label("The link ends").select_option("After 1 day")
        link = make_link(dialog)
        assert re.fullmatch(rf"http://127\.0\.0\.1:{closed_stack.port}/s/[\w-]{{43}}/", link)
        expect(dialog.get_by_role("button", name="Copy link", exact=True)).to_be_focused()
        expect(dialog.get_by_role("img", name="QR code of the link", exact=True)).to_be_visible()
        expect(dialog.get_by_text("It works on this computer only.")).to_be_visible()
        revoke = dialog.get_by_role("button", name=re.compile("^Revoke Our kitchen,"))
        expect(revoke).to_have_count(1)
        with new_visit(browser, closed_stack) as stranger:
            theirs = stranger.open(link.partition(f":{closed_stack.port}/")[2])
            stranger.wait_for_points(1)
            assert shown_names(theirs) == ["kitchen"]
            expect(theirs.get_by_role("heading", name="Our kitchen", exact=True)).to_be_visible()
            expect(theirs).to_have_title(re.compile("^Our kitchen . Stripchart$"))
            revoke.click()
            expect(dialog.get_by_role("heading", name="Links", exact=True)).to_be_hidden()
            notice = theirs.get_by_role("alert").filter(has_text="This link has ended.")
            expect(notice).to_be_visible()
            expect(theirs.locator("#state")).to_have_text("Ended")
            theirs.reload()
            expect(theirs.get_by_role("heading", name="This link has ended")).to_be_visible()
            forget_refusals(stranger, 401)


def test_closed_dialog_forgets_the_link(browser: Browser, closed_stack: Stack) -> None:
    with person(browser, closed_stack, "write", permissions=["clipboard-read"]) as visit:
        page = visit.open_series("kitchen")
        dialog = open_dialog(page)
        dialog.get_by_label("Title").fill("Forgotten")
        link = make_link(dialog)
        dialog.get_by_role("button", name="Copy link", exact=True).click()
        expect(dialog.get_by_text("Copied.", exact=True)).to_be_visible()
        assert page.evaluate("() => navigator.clipboard.readText()") == link
        page.keyboard.press("Escape")
        assert link not in page.content()
        assert page.locator("#share-link").input_value() == ""
        dialog = open_dialog(page)
        expect(dialog.get_by_role("button", name="Create link", exact=True)).to_be_visible()
        revoke = dialog.get_by_role("button", name=re.compile("^Revoke Forgotten,"))
        revoke.press("Enter")
        expect(revoke).to_have_count(0)
        assert dialog.evaluate("dialog => dialog.contains(document.activeElement)")


def test_dialog_without_series_says_what_is_missing(browser: Browser, closed_stack: Stack) -> None:
    with person(browser, closed_stack, "write") as visit:
        dialog = open_dialog(visit.open_series("kitchen"))
        series = dialog.get_by_label("Series, one name")
        series.fill(" \n")
        dialog.get_by_role("button", name="Create link", exact=True).click()
        expect(dialog.get_by_text("Give a series, or a pattern with *.")).to_be_visible()
        expect(series).to_be_focused()
        series.fill("a" * 1_025)
        dialog.get_by_role("button", name="Create link", exact=True).click()
        expect(dialog.get_by_text("No link was made.")).to_be_visible()
        forget_refusals(visit, 400)


def test_viewer_is_offered_no_sharing(browser: Browser, closed_stack: Stack) -> None:
    with person(browser, closed_stack, "view") as visit:
        page = visit.open_series("kitchen")
        page.get_by_role("button", name="More", exact=True).click()
        expect(page.get_by_role("button", name="Save as CSV", exact=True)).to_be_visible()
        expect(page.get_by_role("button", name="Share …", exact=True)).to_be_hidden()


def test_open_server_says_that_a_link_is_only_a_convenience(shared_visit: Visit) -> None:
    dialog = open_dialog(shared_visit.open_series("kitchen"))
    note = dialog.get_by_role("note")
    expect(note).to_contain_text("Anybody who reaches this server sees everything.")
    expect(note.get_by_role("link", name="set up a login", exact=True)).to_be_visible()


def test_paused_window_is_shared_as_a_range(shared_visit: Visit) -> None:
    page = shared_visit.open_series("kitchen", window="1h")
    page.keyboard.press(" ")
    dialog = open_dialog(page)
    options = dialog.get_by_label("Time").locator("option").all_inner_texts()
    assert [option[:5] for option in options] == ["Only ", "All r"]
    dialog.get_by_label("Title").fill("A range")
    link = make_link(dialog)
    shares = shared_visit.stack.get("/api/shares")["shares"]
    (share,) = [share for share in shares if share["title"] == "A range"]
    assert share["to"] - share["from"] == pytest.approx(3_600, abs=60)
    page.goto(link)
    shared_visit.wait_for_points(1)
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_hidden()
    expect(page.get_by_role("button", name="Compare", exact=True)).to_be_hidden()
    before = page.locator("#time-range").inner_text()
    for key in ("ArrowLeft", ",", "-", "l", "7"):
        page.keyboard.press(key)
        expect(page.locator("#time-range")).to_have_text(before)
    expect(page.locator("#state")).to_have_text("Paused")
    shared_visit.stack.request("DELETE", f"/api/shares/{share['id']}")
    expect(page.get_by_role("alert").filter(has_text="This link has ended.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("context", [{}, PHONE], ids=["desktop", "phone"])
def test_sharing_has_no_axe_violations(
    browser: Browser, closed_stack: Stack, axe: str, scheme: str, context: dict[str, Any]
) -> None:
    with person(browser, closed_stack, "admin", color_scheme=scheme, **context) as visit:
        page = visit.open_series("kitchen")
        dialog = open_dialog(page)
        dialog.get_by_label("Title").fill("x" * 200)
        assert violations(page, axe) == []
        link = make_link(dialog)
        expect(dialog.get_by_role("button", name=re.compile("^Revoke xxx")).first).to_be_visible()
        assert violations(page, axe) == []
        page.set_viewport_size({"width": 320, "height": 600})
        expect(dialog).to_be_in_viewport(ratio=1)
        page.wait_for_function(FITS)
        assert dialog.evaluate("e => e.scrollWidth - e.clientWidth") <= 0
        page.goto(link)
        visit.wait_for_points(1)
        page.wait_for_function(FITS)
        assert violations(page, axe) == []
        page.get_by_role("button", name="More", exact=True).click()
        assert violations(page, axe) == []
        for share in page.request.get(f"http://127.0.0.1:{visit.port}/api/shares").json()["shares"]:
            carry_out(closed_stack, RevokeShare(share["id"]))
        wait_until("the link has ended", lambda: page.request.get(link).status == 401)
        visit.errors.clear()
        page.goto(link)
        page.wait_for_function(FITS)
        assert violations(page, axe) == []
        visit.errors.clear()
