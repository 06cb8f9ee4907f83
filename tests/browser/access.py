"""Browsers of people who log in."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Visit, new_visit
from tests.support.access import PASSWORD
from tests.support.stack import Stack


def log_in(page: Page, user: str, password: str = PASSWORD) -> None:
    """Fill in the form of the login page, and send it."""
    page.get_by_label("Name").fill(user)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in", exact=True).click()


def forget_refusals(visit: Visit, status: int) -> None:
    """Forget that the browser logged answers with this status."""
    text = f"responded with a status of {status}"
    visit.errors[:] = [error for error in visit.errors if text not in error]


@contextmanager
def person(
    browser: Browser, stack: Stack, user: str, password: str = PASSWORD, **options: Any
) -> Iterator[Visit]:
    """Visit a stack as a user who has logged in, in a browser context with options."""
    with new_visit(browser, stack, **options) as visit:
        page = visit.open("login")
        log_in(page, user, password)
        expect(page).to_have_url(f"http://127.0.0.1:{stack.port}/")
        yield visit
