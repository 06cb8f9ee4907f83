"""Answers to the questions of users, computed from the readings of a demo without the page."""

import time
from datetime import datetime
from itertools import pairwise
from urllib.parse import urlencode

from tests.support.demo_stacks import DemoStack

DAY_SECONDS = 86_400
_DOORS = ("door.front", "door.balcony", "window.bedroom")
_MAX_POINTS = 5_000


def midnight() -> float:
    """Return the time at which today began."""
    now = datetime.now().astimezone()
    return now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def readings(demo: DemoStack, series: str, start: float, end: float) -> list[tuple[float, float]]:
    """Return the single readings of a series as pairs of time and value."""
    query = urlencode({"series": series, "from": start, "to": end, "points": _MAX_POINTS})
    columns = demo.get(f"/api/history?{query}")["series"][series]
    assert "count" not in columns or set(columns["count"]) <= {1}
    return list(zip(columns["t"], columns["value"], strict=True))


def nearest(demo: DemoStack, series: str, at: float) -> float:
    """Return the value of the reading that is nearest to a time."""
    found = readings(demo, series, at - 300, at + 300)
    return min(found, key=lambda reading: abs(reading[0] - at))[1]


def increase(demo: DemoStack, series: str, start: float, end: float) -> float:
    """Add up the increase of a counter, which begins at zero when it is replaced."""
    before = [value for _time, value in readings(demo, series, start - 600, start)]
    after = [value for time, value in readings(demo, series, start, end) if time > start]
    steps = pairwise([before[-1], *after])
    return sum(last - first if last >= first else last for first, last in steps)


def longest_opening(demo: DemoStack) -> tuple[str, float, float]:
    """Return a door or window, and from when until when it was open for longest in a day."""
    now = time.time()
    openings = [
        (name, start, end)
        for name in _DOORS
        for (start, is_open), (end, _) in pairwise(
            readings(demo, name, now - 0.95 * DAY_SECONDS, now)
        )
        if is_open
    ]
    return max(openings, key=lambda opening: opening[2] - opening[1])
