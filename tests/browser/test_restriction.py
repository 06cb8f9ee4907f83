"""Pages below share links: they show what is shared, and learn nothing else."""

import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, Final

import pytest
from playwright.sync_api import Response, expect

from services.access import hash_secret
from services.reading import MICROSECONDS
from services.share_command import AddShare
from tests.browser.conftest import Visit
from tests.support.access import carry_out

pytestmark = [pytest.mark.redis, pytest.mark.browser, pytest.mark.long]

_numbers: Final = count(1)


@pytest.fixture
def share(closed_visit: Visit) -> Callable[..., str]:
    """Return a function that makes a share link of the kitchen, and returns its path."""

    def make(
        window_seconds: float | None = None, start: int | None = None, end: int | None = None
    ) -> str:
        number = next(_numbers)
        secret = f"restricted{number}"
        command = AddShare(
            f"{number:08x}",
            hash_secret(secret),
            "Shared kitchen",
            ("kitchen",),
            1,
            window_seconds=window_seconds,
            start=start,
            end=end,
        )
        carry_out(closed_visit.stack, command)
        return f"s/{secret}/"

    return make


@pytest.fixture
def answers(closed_visit: Visit) -> Iterator[list[Response]]:
    """All answers that the page gets."""
    answers: list[Response] = []

    def record(answer: Response) -> None:
        answers.append(answer)

    closed_visit.page.on("response", record)
    yield answers
    closed_visit.page.remove_listener("response", record)


@pytest.mark.parametrize("kind", ["everything", "window", "range"])
def test_shared_page_is_live_and_asks_for_nothing_forbidden(
    closed_visit: Visit, share: Callable[..., str], answers: list[Response], kind: str
) -> None:
    now = round(time.time() * MICROSECONDS)
    limits: dict[str, dict[str, Any]] = {
        "everything": {},
        "window": {"window_seconds": 3_600.0},
        "range": {"start": now - 3_600 * MICROSECONDS, "end": now},
    }
    page = closed_visit.open(share(**limits[kind]))
    closed_visit.wait_for_state("live")
    closed_visit.wait_for_points(20)
    expect(page.get_by_role("heading", name="Shared kitchen")).to_be_visible()
    expect(
        page.locator("#offline, #refused, #problem, #signed-out").filter(visible=True)
    ).to_have_count(0)
    refused = [(answer.url, answer.status) for answer in answers if answer.status >= 400]
    assert refused == []
    for text in ("cellar", "redis-cli"):
        assert text not in page.content()
