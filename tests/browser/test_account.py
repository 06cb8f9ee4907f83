"""The account page: the own password and sessions; for admins users and tokens."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.access import forget_refusals, log_in, person
from tests.browser.conftest import Visit
from tests.browser.test_accessibility import PHONE, axe, violations
from tests.support.access import PASSWORD, bearer, carry_out, new_token, new_user
from tests.support.stack import Stack

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

__all__ = ["axe"]

NEW_PASSWORD = "battery staple"  # noqa: S105 (no real one)
TOO_WIDE = "() => document.documentElement.scrollWidth - innerWidth"


def open_account(visit: Visit) -> Page:
    """Open the account page of an admin, and wait for its lists."""
    page = visit.open("account")
    expect(page.get_by_role("rowheader", name="admin (you)", exact=True)).to_be_visible()
    return page


def row(page: Page, name: str) -> Locator:
    """Return the row of a user or a token."""
    header = page.get_by_role("rowheader", name=name, exact=True)
    return page.get_by_role("row").filter(has=header)


def answer(page: Page, button: str) -> None:
    """Answer a question by one of its buttons."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=button, exact=True).click()
    expect(dialog).to_have_count(0)


def test_admin_adds_changes_and_removes_a_user(browser: Browser, closed_stack: Stack) -> None:
    with person(browser, closed_stack, "admin") as visit:
        page = open_account(visit)
        form = page.get_by_role("form", name="Add a user", exact=True)
        form.get_by_label("Name").fill("nora")
        form.get_by_label("Role").select_option("Write")
        form.get_by_label("Password").fill(PASSWORD)
        form.get_by_role("button", name="Add the user", exact=True).click()
        expect(row(page, "nora")).to_be_visible()
        expect(form.get_by_label("Name")).to_have_value("")
        page.get_by_label("Role of nora").select_option("View")
        page.reload()
        expect(page.get_by_label("Role of nora")).to_have_value("view")
        page.get_by_role("button", name="New password for nora", exact=True).click()
        expect(page.get_by_label("New password", exact=True).last).to_be_focused()
        page.keyboard.type(NEW_PASSWORD)
        answer(page, "Set the password")
        with person(browser, closed_stack, "nora", NEW_PASSWORD):
            page.reload()
            expect(row(page, "nora")).to_contain_text("1 browser")
        page.get_by_role("button", name="Remove nora", exact=True).click()
        answer(page, "Cancel")
        page.get_by_role("button", name="Remove nora", exact=True).click()
        answer(page, "Remove")
        expect(row(page, "nora")).to_have_count(0)


def test_refusals_are_told_where_they_happen(browser: Browser, closed_stack: Stack) -> None:
    with person(browser, closed_stack, "admin") as visit:
        page = open_account(visit)
        form = page.get_by_role("form", name="Add a user", exact=True)
        form.get_by_label("Name").fill("view")
        form.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator("#user-form-error")).to_have_text("There is a user 'view' already.")
        page.get_by_label("Role of admin").select_option("View")
        expect(page.locator("#users-error")).to_have_text(
            "'admin' is the only admin: make somebody else an admin first."
        )
        expect(page.get_by_label("Role of admin")).to_have_value("admin")
        forget_refusals(visit, 409)


def test_token_is_shown_once_copied_and_revoked(browser: Browser, closed_stack: Stack) -> None:
    permissions = ["clipboard-read", "clipboard-write"]
    with person(browser, closed_stack, "admin", permissions=permissions) as visit:
        page = open_account(visit)
        form = page.get_by_role("form", name="Make a token", exact=True)
        form.get_by_role("textbox", name="Name", exact=True).fill("wall <b>")
        form.get_by_label("Role").select_option("View")
        form.get_by_label("Ends").select_option("In 30 days")
        form.get_by_label("Only for these series").fill("kitchen\n cpu.* \n")
        form.get_by_role("button", name="Make the token", exact=True).click()
        box = page.get_by_role("group", name="The token wall <b>", exact=True)
        expect(box).to_be_focused()
        box.get_by_role("button", name="Copy", exact=True).click()
        expect(box.get_by_role("status")).to_have_text("Copied")
        token = page.evaluate("() => navigator.clipboard.readText()")
        assert token == box.locator("code").inner_text()
        status, me = closed_stack.request("GET", "/api/me", headers=bearer(token))
        assert (status, me["role"], me["series"]) == (200, "view", ["cpu.*", "kitchen"])
        expect(row(page, "wall <b>")).to_contain_text("kitchen, cpu.*")
        page.reload()
        expect(row(page, "wall <b>")).to_be_visible()
        assert token not in page.content()
        page.get_by_role("button", name="Revoke wall <b>", exact=True).click()
        answer(page, "Revoke")
        expect(row(page, "wall <b>")).to_have_count(0)
        assert closed_stack.request("GET", "/api/me", headers=bearer(token))[0] == 401


def test_person_changes_the_password(browser: Browser, closed_stack: Stack) -> None:
    carry_out(closed_stack, new_user("olga", "view"))
    with person(browser, closed_stack, "olga") as visit:
        page = visit.open("account")
        expect(page.get_by_role("heading", name="Users", exact=True)).to_have_count(0)
        old, new = page.get_by_label("Old password"), page.get_by_label("New password", exact=True)
        again = page.get_by_label("New password again")
        change = page.get_by_role("button", name="Change the password", exact=True)
        old.fill("wrong one")
        new.fill(NEW_PASSWORD)
        again.fill("battery stable")
        change.click()
        error = page.locator("#password-error")
        expect(error).to_have_text("The two new passwords differ.")
        again.fill(NEW_PASSWORD)
        change.click()
        expect(error).to_have_text("The old password is wrong.")
        forget_refusals(visit, 403)
        old.fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text("Your password is changed.")
        expect(new).to_have_value("")
        # This browser stays logged in.
        page.reload()
        expect(page.get_by_role("heading", name="olga", exact=True)).to_be_visible()


def test_person_signs_out_everywhere(browser: Browser, closed_stack: Stack) -> None:
    carry_out(closed_stack, new_user("petra", "view"))
    with (
        person(browser, closed_stack, "petra") as phone,
        person(browser, closed_stack, "petra") as laptop,
    ):
        # Charts may ask for readings before they hear of the end, but the account page is still.
        phone.open("account")
        expect(phone.page.get_by_role("heading", name="petra", exact=True)).to_be_visible()
        page = laptop.open("account")
        page.get_by_role("button", name="Sign out everywhere", exact=True).click()
        expect(page.get_by_role("heading", name="Log in", exact=True)).to_be_visible()
        phone.open("account")
        expect(phone.page.get_by_role("heading", name="Log in", exact=True)).to_be_visible()
        log_in(phone.page, "petra")
        expect(phone.page.get_by_role("heading", name="petra", exact=True)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("context", [{}, PHONE], ids=["desktop", "phone"])
def test_account_page_has_no_axe_violations(
    browser: Browser, closed_stack: Stack, axe: str, scheme: str, context: dict[str, Any]
) -> None:
    name = f"axe {scheme} {len(context)}"
    carry_out(closed_stack, new_token("view", name, series=("kitchen",)))
    with person(browser, closed_stack, "admin", color_scheme=scheme, **context) as visit:
        page = open_account(visit)
        expect(row(page, name)).to_be_visible()
        assert violations(page, axe) == []
        page.get_by_role("button", name="New password for view", exact=True).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert violations(page, axe) == []
        page.keyboard.press("Escape")
        page.set_viewport_size({"width": 320, "height": 700})
        assert page.evaluate(TOO_WIDE) <= 0
