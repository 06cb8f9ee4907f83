"""The data sets of `stripchart demo`, each served by real processes."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

from tests.browser.conftest import PageVisit
from tests.support.demo_stacks import DemoStack, home_demo, lab_demo, servers_demo

__all__ = ["home_demo", "lab_demo", "servers_demo"]


@contextmanager
def demo_visit(tab: Page, demo: DemoStack) -> Iterator[PageVisit]:
    """Visit the page of a demo."""
    visit = PageVisit(tab, demo.port)
    yield visit
    visit.close()
