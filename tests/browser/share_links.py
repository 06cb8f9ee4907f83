"""Share links in a browser: the dialog that makes them, and the page that they show."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.views import menu_entry


def open_dialog(page: Page) -> Locator:
    """Open the dialog Share."""
    menu_entry(page, "Share …").click()
    return page.get_by_role("dialog", name="Share", exact=True)


def make_link(dialog: Locator) -> str:
    """Send the form of the dialog, and return the link that it shows."""
    dialog.get_by_role("button", name="Create link", exact=True).click()
    link = dialog.get_by_role("textbox", name="Link", exact=True)
    expect(link).to_be_visible()
    return link.input_value()


def shown_names(page: Page) -> list[str]:
    """Return the names in all legends, sorted."""
    names: list[str] = page.eval_on_selector_all(
        "[data-series]", "buttons => buttons.map(button => button.dataset.series)"
    )
    return sorted(names)


def open_link(visit: Visit, secret: str, query: str = "") -> Page:
    """Open a share link, and wait until its charts have readings."""
    page = visit.open(f"s/{secret}/{query}")
    page.wait_for_selector("[data-points]")
    visit.wait_for_points(1)
    return page
