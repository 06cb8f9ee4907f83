"""Tasks of a user on the demo `home`: what the page answers when it opens."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import demo_visit
from tests.support.demo_stacks import DemoStack

pytestmark = [pytest.mark.browser, pytest.mark.long]


def test_opened_page_shows_all_twenty_sensors(tab: Page, home_demo: DemoStack) -> None:
    with demo_visit(tab, home_demo) as visit:
        page = visit.open()
        for found in home_demo.get("/api/series")["series"]:
            page.get_by_role("button", name=f"Edit {found['name']}", exact=True).wait_for()
