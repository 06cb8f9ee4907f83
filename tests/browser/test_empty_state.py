"""The text in an empty chart: the reason, and the button that leads back to readings."""

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Visit

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]


def test_past_range_without_readings_leads_back_to_live(shared_visit: Visit) -> None:
    page = shared_visit.open("?series=kitchen&window=1000000000..1000003600")
    empty_state = page.locator(".empty-state")
    expect(empty_state).to_contain_text("No readings in this range")
    expect(page.locator("#time-range")).to_contain_text("2001")
    empty_state.get_by_role("button", name="Return to live", exact=True).click()
    shared_visit.wait_for_points(1)
    expect(empty_state).to_be_hidden()


def test_live_window_without_readings_offers_all_time(shared_visit: Visit) -> None:
    page = shared_visit.open("?series=attic&window=1m")
    empty_state = page.locator(".empty-state")
    expect(empty_state).to_contain_text("No readings in this range")
    # The legend still shows the newest value, which is older than the window.
    expect(page.locator('[data-series="attic"]')).to_contain_text("59")
    empty_state.get_by_role("button", name="Show all", exact=True).click()
    shared_visit.wait_for_points(60)
    expect(page.get_by_role("button", name="All", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


def test_failed_history_is_shown_until_it_loads(shared_visit: Visit) -> None:
    page = shared_visit.page

    def fail_view_requests(route: Route) -> None:
        if "to=" in route.request.url:
            route.abort("connectionrefused")
        else:
            route.continue_()

    page.route("**/api/history?*", fail_view_requests)
    shared_visit.open("?series=attic&window=1h")
    empty_state = page.locator(".empty-state")
    expect(empty_state).to_contain_text("History can't be loaded. Trying again.")
    page.unroute("**/api/history?*")
    shared_visit.wait_for_points(60)
    expect(empty_state).to_be_hidden()


def test_hidden_series_can_be_shown_from_empty_chart(shared_visit: Visit) -> None:
    page = shared_visit.open_series("oven")
    page.locator('[data-series="oven"]').click()
    empty_state = page.locator(".empty-state")
    expect(empty_state).to_contain_text("All series are hidden")
    empty_state.get_by_role("button", name="Show all", exact=True).click()
    expect(empty_state).to_be_hidden()


def test_selected_series_without_readings_has_an_empty_chart(shared_visit: Visit) -> None:
    page = shared_visit.open("?series=tomorrow&window=1m")
    expect(page.locator('[data-series="tomorrow"]')).to_contain_text("\u2013")
    expect(page.locator(".empty-state")).to_contain_text("No readings in this range")
