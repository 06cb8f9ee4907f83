"""The page of a link that shows a view: its panels as they are now, and nothing else."""

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, expect

from services.command import DeleteView
from tests.browser.access import forget_refusals, person
from tests.browser.conftest import Visit, new_visit
from tests.browser.share_links import make_link, open_dialog, open_link, shown_names
from tests.browser.test_accessibility import PHONE, axe, violations
from tests.browser.test_kiosk import KIOSK_FAULTS
from tests.browser.views import titles
from tests.support.access import bearer, carry_out, new_share, new_token
from tests.support.stack import Stack

__all__ = ["axe"]

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

VIEW: Final[dict[str, Any]] = {
    "title": "Plant",
    "window": "1h",
    "columns": 2,
    "panels": [
        {"id": "p1", "title": "Tanks", "series": ["tank.*"], "limits": ["18..24"]},
        {"id": "p2", "title": "Now", "type": "value", "series": ["pump"]},
    ],
}

Put = Callable[..., None]


@pytest.fixture(scope="module")
def sender(closed_stack: Stack) -> Stack:
    """The stack with a token, and with readings of the view and of others."""
    carry_out(closed_stack, new_token("write", "plant"))
    send(closed_stack, "tank.one", "tank.two", "pump", "vault")
    return closed_stack


@pytest.fixture
def put(sender: Stack) -> Iterator[Put]:
    """Return a function that saves the view `plant`, which is deleted afterwards."""

    def put_view(**changes: Any) -> None:
        _, stored = sender.request("GET", "/api/views/plant", headers=bearer("plant"))
        view = {**VIEW, **changes, "revision": stored.get("revision")}
        body = json.dumps(view).encode()
        status, answer = sender.request("PUT", "/api/views/plant", body, bearer("plant"))
        assert status == 200, answer

    put_view()
    yield put_view
    sender.request("DELETE", "/api/views/plant", headers=bearer("plant"))


def send(stack: Stack, *names: str) -> None:
    now = time.time()
    readings = [
        {"series": name, "value": 20 + back % 3, "unit": "°C", "ts": now - back}
        for name in names
        for back in range(60, -1, -1)
    ]
    body = json.dumps(readings).encode()
    assert stack.request("POST", "/api/readings", body, bearer("plant"))[0] == 200


def share(stack: Stack, secret: str, **fields: Any) -> None:
    carry_out(stack, new_share(secret, view="plant", **fields))


def test_link_shows_the_panels_of_the_view(tab: Page, sender: Stack, put: Put) -> None:
    put()
    share(sender, "plant-panels")
    visit = Visit(tab, sender)
    requests: list[str] = []
    tab.on("request", lambda request: requests.append(request.url))
    page = open_link(visit, "plant-panels")
    visit.wait_for_state("live")
    assert titles(page) == ["Tanks", "Now"]
    assert shown_names(page) == ["pump", "tank.one", "tank.two"]
    expect(page).to_have_title(re.compile("^Plant . Stripchart$"))
    expect(page.get_by_role("heading", name="Plant", exact=True)).to_be_visible()
    windows = page.get_by_role("group", name="Time window", exact=True)
    expect(windows.get_by_role("button", name="1 h", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    boxes = [panel.bounding_box() for panel in page.locator(".panel").all()]
    assert len({box["y"] for box in boxes if box}) == 1
    # Neither the chooser of series nor anything that edits or leads away.
    expect(page.locator("#open-series")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="More", exact=True).click()
    expect(page.get_by_role("button", name=re.compile("Edit|Delete|Save as view"))).to_have_count(0)
    expect(page.get_by_role("link")).to_have_count(0)
    start = f"http://127.0.0.1:{sender.port}/s/plant-panels/"
    assert [url for url in requests if not url.startswith(start)] == []
    assert "vault" not in page.content()
    visit.close()


def test_open_page_follows_the_view(tab: Page, sender: Stack, put: Put) -> None:
    share(sender, "plant-follow")
    visit = Visit(tab, sender)
    page = open_link(visit, "plant-follow")
    visit.wait_for_state("live")
    # A series that joins by a pattern.
    send(sender, "tank.three")
    page.wait_for_selector("[data-series='tank.three']")
    panels = [{"id": "p2", "title": "Pump", "series": ["pump"]}]
    put(title="House", columns=None, panels=panels)
    expect(page.get_by_role("heading", name="House", exact=True)).to_be_visible()
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-series]')]"
        ".every((one) => one.dataset.series === 'pump')"
    )
    assert titles(page) == ["Pump"]
    put(panels=[*panels, {"id": "p3", "title": "Vault", "series": ["vault"]}])
    page.wait_for_selector("[data-series='vault']")
    visit.wait_for_state("live")
    assert titles(page) == ["Pump", "Vault"]
    put(panels=[])
    expect(page.get_by_text("This view has no panels.", exact=True)).to_be_visible()
    visit.close()


def test_deleted_view_ends_the_page(browser: Browser, sender: Stack, put: Put) -> None:
    put()
    share(sender, "plant-deleted")
    with new_visit(browser, sender) as visit:
        page = open_link(visit, "plant-deleted")
        visit.wait_for_state("live")
        carry_out(sender, DeleteView("plant", None))
        notice = page.get_by_role("alert").filter(has_text="This link has ended.")
        expect(notice).to_be_visible()
        expect(page.locator("#state")).to_have_text("Ended")
        page.reload()
        expect(page.get_by_role("heading", name="This link has ended")).to_be_visible()
        forget_refusals(visit, 401)


@pytest.mark.parametrize("fields", [{}, {"window_seconds": 60.0}])
def test_kiosk_shows_the_shared_view(
    tab: Page, sender: Stack, put: Put, fields: dict[str, Any]
) -> None:
    put()
    secret = f"plant-kiosk-{len(fields)}"
    share(sender, secret, **fields)
    visit = Visit(tab, sender)
    page = open_link(visit, secret, "?kiosk=1")
    assert titles(page) == ["Tanks", "Now"]
    expect(page.get_by_role("button", name="More", exact=True)).to_be_hidden()
    page.wait_for_function(f"() => ({KIOSK_FAULTS})().length === 0")
    visit.close()


def test_page_of_a_shared_view_has_no_axe_violations_and_fits(
    tab: Page, sender: Stack, put: Put, axe: str
) -> None:
    put()
    share(sender, "plant-axe")
    visit = Visit(tab, sender)
    page = open_link(visit, "plant-axe")
    assert violations(page, axe) == []
    page.set_viewport_size(PHONE["viewport"])
    page.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth")
    assert violations(page, axe) == []
    visit.close()


def test_dialog_on_a_view_shares_the_view(
    browser: Browser, sender: Stack, put: Put, axe: str
) -> None:
    put()
    with person(browser, sender, "write") as visit:
        page = visit.open("v/plant")
        page.wait_for_selector("[data-points]")
        dialog = open_dialog(page)
        expect(dialog.get_by_label("Title")).to_have_value("Plant")
        expect(dialog.get_by_label("Series, one name")).to_be_hidden()
        expect(dialog.get_by_text("The link shows this view")).to_be_visible()
        assert violations(page, axe) == []
        link = make_link(dialog)
        revoke = dialog.get_by_role("button", name=re.compile("^Revoke plant,"))
        expect(revoke).to_have_count(1)
        with new_visit(browser, sender) as stranger:
            theirs = stranger.open(link.partition(f":{sender.port}/")[2])
            stranger.wait_for_points(1)
            assert titles(theirs) == ["Tanks", "Now"]
            expect(theirs.get_by_role("heading", name="Plant", exact=True)).to_be_visible()
        page.keyboard.press("Escape")
