"""The login page, and what the page shows without a login or to a role."""

import re

import pytest
from playwright.sync_api import Browser, expect

from services.access_command import EndSessions, SetRole
from tests.browser.access import forget_refusals, log_in, person
from tests.browser.conftest import Visit, new_visit
from tests.browser.test_accessibility import PHONE, axe, violations
from tests.support.access import PASSWORD, carry_out, new_user
from tests.support.stack import Stack

pytestmark = [pytest.mark.redis, pytest.mark.browser]

__all__ = ["axe"]

TOO_WIDE = "() => document.documentElement.scrollWidth - innerWidth"


def test_person_logs_in_and_is_back_at_the_page(closed_visit: Visit) -> None:
    page = closed_visit.open("?series=kitchen&window=5m")
    expect(page.get_by_role("heading", name="Log in", exact=True)).to_be_visible()
    expect(page.get_by_label("Name")).to_be_focused()
    log_in(page, "view", "wrong password")
    alert = page.get_by_role("alert")
    expect(alert).to_have_text("The name or the password is wrong.")
    expect(page.get_by_label("Name")).to_have_value("view")
    expect(page.get_by_label("Password")).to_be_focused()
    forget_refusals(closed_visit, 403)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"http://127.0.0.1:{closed_visit.port}/?series=kitchen&window=5m")
    closed_visit.wait_for_state("live")
    (cookie,) = page.context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == (
        "stripchart_session",
        True,
        "Lax",
    )
    assert page.evaluate("() => document.cookie") == ""


@pytest.mark.long
def test_login_works_without_javascript(browser: Browser, closed_stack: Stack) -> None:
    with new_visit(browser, closed_stack, java_script_enabled=False) as visit:
        page = visit.open("login?next=/api/me")
        log_in(page, "view")
        expect(page.locator("body")).to_contain_text('"name":"view"')


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["login", "setup"])
def test_form_has_no_axe_violations(
    request: pytest.FixtureRequest, browser: Browser, axe: str, path: str, scheme: str
) -> None:
    served: Stack = request.getfixturevalue("closed_stack" if path == "login" else "stack")
    if path == "setup":
        served.start("web")
    with new_visit(browser, served, color_scheme=scheme, **PHONE) as visit:
        page = visit.open(path)
        assert violations(page, axe) == []
        page.set_viewport_size({"width": 320, "height": 600})
        assert page.evaluate(TOO_WIDE) <= 0


@pytest.mark.long
def test_menu_names_the_person_and_leads_to_the_account(
    browser: Browser, closed_stack: Stack
) -> None:
    with person(browser, closed_stack, "write") as visit:
        page = visit.page
        page.get_by_role("button", name="More", exact=True).click()
        page.get_by_role("link", name="Account write", exact=True).click()
        expect(page.get_by_role("heading", name="write", exact=True)).to_be_visible()
        page.get_by_role("button", name="Sign out", exact=True).click()
        expect(page.get_by_role("heading", name="Log in", exact=True)).to_be_visible()
        visit.open()
        expect(page.get_by_role("heading", name="Log in", exact=True)).to_be_visible()


@pytest.mark.long
@pytest.mark.parametrize(
    ("role", "may_save", "may_edit"),
    [("view", False, False), ("write", True, False), ("admin", True, True)],
)
def test_page_shows_the_controls_of_a_role(
    browser: Browser, closed_stack: Stack, role: str, may_save: bool, may_edit: bool
) -> None:
    with person(browser, closed_stack, role) as visit:
        page = visit.open_series("kitchen")
        page.wait_for_selector("html[data-role]")
        edit = page.get_by_role("button", name="Edit kitchen", exact=True)
        expect(edit).to_have_count(int(may_edit))
        page.get_by_role("button", name="More", exact=True).click()
        for name in ("Save as view", "Import a view", "Send a reading"):
            expect(page.get_by_role("button", name=name, exact=True)).to_have_count(int(may_save))
        expect(page.get_by_role("button", name="Save as CSV", exact=True)).to_be_visible()


@pytest.mark.long
def test_changed_role_shows_when_the_menu_opens(browser: Browser, closed_stack: Stack) -> None:
    carry_out(closed_stack, new_user("rita", "view"))
    with person(browser, closed_stack, "rita") as visit:
        page = visit.page
        page.wait_for_selector('html[data-role="view"]')
        carry_out(closed_stack, SetRole("rita", "write"))
        page.get_by_role("button", name="More", exact=True).click()
        page.wait_for_selector('html[data-role="write"]')
        expect(page.get_by_role("button", name="Save as view", exact=True)).to_be_visible()


@pytest.mark.long
def test_signed_out_page_says_so_and_sends_no_more_requests(
    browser: Browser, closed_stack: Stack
) -> None:
    carry_out(closed_stack, new_user("sara", "view"))
    with person(browser, closed_stack, "sara") as visit:
        visit.page.clock.install()
        # The readings may be old: the stack is as old as the first test that uses it.
        page = visit.open_series("kitchen", window="24h")
        visit.wait_for_state("live")
        carry_out(closed_stack, EndSessions("sara"))
        link = page.get_by_role("link", name="Log in again", exact=True)
        expect(link).to_be_visible()
        expect(page.locator("#state")).to_have_text("Signed out")
        expect(page.locator("#offline")).to_be_hidden()
        expect(page.locator("canvas").first).to_be_visible()
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.clock.run_for(60_000)
        assert requests == []
        # The connection ends with a code of its own; a request may have been refused before.
        forget_refusals(visit, 401)
        link.click()
        log_in(page, "sara")
        visit.wait_for_points(1)
        expect(page.locator("#signed-out")).to_be_hidden()


@pytest.mark.long
def test_first_user_is_made_with_the_code_of_the_log(visit: Visit) -> None:
    visit.stack.start("writer")
    web = visit.stack.start("web")
    page = visit.open()
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("link", name="Set up a login", exact=True).click()
    expect(page.get_by_label("Setup code")).to_be_focused()
    match = re.search(r"the code (\S+)", web.log_text())
    assert match
    page.get_by_label("Setup code").fill(match[1])
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    page.get_by_role("button", name="Make the first user", exact=True).click()
    page.wait_for_selector('html[data-role="admin"]')
    page.get_by_role("button", name="More", exact=True).click()
    expect(page.get_by_role("link", name="Account anna", exact=True)).to_be_visible()
    assert visit.stack.request("GET", "/api/history")[0] == 401
