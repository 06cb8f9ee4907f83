"""The state of the page in its address."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query, keep_blank_values=True)


def test_link_restores_window_hidden_series_and_limits(shared_visit: Visit) -> None:
    page = shared_visit.open_series("cellar", "oven", window="24h", hide="cellar", limit="W:1200")
    original = query(page)
    page = shared_visit.open(f"?{urlsplit(page.url).query}")
    expect(page.get_by_role("button", name="24 h", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(page.locator('[data-series="cellar"]')).to_have_attribute("aria-pressed", "false")
    assert query(page) == original
    assert original["limit"] == ["W:1200"]
