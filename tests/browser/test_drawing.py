"""Our line is the line that Chart.js would draw: pixel for pixel, or column for column."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.bundles import bundle

pytestmark = [pytest.mark.browser, pytest.mark.long]

_ENTRY = Path(__file__).parent / "drawing" / "compare.js"
_START = 1_793_760_000.0
_COLUMNS = 940
"""Pixels of the chart's area in compare.js, at a device pixel ratio of 1."""

Frame = tuple[list[float], list[float]]


@pytest.fixture(scope="module")
def drawing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What draws and compares."""
    return bundle(_ENTRY, "drawing", tmp_path_factory.mktemp("drawing"))


@pytest.fixture(scope="module", params=[1, 2])
def page(browser: Browser, drawing: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    """An empty page with it, at a device pixel ratio."""
    context = browser.new_context(
        device_scale_factor=request.param, viewport={"width": 1_100, "height": 800}
    )
    made = context.new_page()
    made.add_script_tag(path=drawing)
    yield made
    context.close()


def walk(times: list[float]) -> Frame:
    """A value for each time, near the one before it."""
    value = 0.0
    values = []
    for _ in times:
        value += random.uniform(-1, 1) - value * 0.02
        values.append(round(value, 3))
    return times, values


def compare(
    page: Page,
    frames: list[Frame],
    steps: list[tuple[float, float]],
    width: float,
    *,
    dense: bool = False,
) -> Any:
    """Draw the frames as they come and look at the last window; what differs from Chart.js."""
    windows = [{"from": start, "to": end} for start, end in steps]
    task = {"frames": frames, "steps": windows, "width": width, "dense": dense}
    found = page.evaluate("task => drawing.compare(task)", task)
    assert found["painted"] > _COLUMNS
    return found


@pytest.mark.parametrize("width", [1, 2])
@pytest.mark.parametrize("count", [2, 60, _COLUMNS - 10])
def test_up_to_one_reading_a_column_every_pixel_is_equal(
    page: Page, count: int, width: float
) -> None:
    random.seed(count)
    times = [_START + i * 60 / count for i in range(count + 1)]
    found = compare(page, [walk(times)], [(_START, _START + 60)], width)
    assert found["difference"] == 0
    assert found["columns"] == _COLUMNS


def test_gaps_are_gaps(page: Page) -> None:
    random.seed(1)
    times = [_START + i / 5 for i in range(300) if not 100 < i < 150 and i != 200]
    found = compare(page, [walk(times)], [(_START, _START + 60)], 2)
    assert found["difference"] == 0


def test_late_and_overwritten_readings_are_where_their_time_is(page: Page) -> None:
    random.seed(2)
    times, values = walk([_START + i / 5 for i in range(300)])
    readings = list(zip(times, values, strict=True))
    wrong = [(ts, value + 5) for ts, value in random.sample(readings, 30)]
    late = random.sample(readings, len(readings))
    frames = [wrong, *(late[i : i + 30] for i in range(0, 300, 30))]
    columns = [([ts for ts, _ in part], [value for _, value in part]) for part in frames]
    window = (_START, _START + 60)
    assert compare(page, columns, [window] * len(columns), 2)["difference"] == 0


@pytest.mark.parametrize("count", [400, 20_000])
def test_a_path_that_has_slid_is_the_one_that_is_made_anew(page: Page, count: int) -> None:
    random.seed(3)
    times, values = walk([_START + i * 80 / count for i in range(count)])
    column = 60 / _COLUMNS
    frames: list[Frame] = []
    steps = []
    begin = 0
    for step in range(0, 320, 3):
        end = _START + 60 + step * column
        seen = next((i for i, ts in enumerate(times) if ts > end), count)
        frames.append((times[begin:seen], values[begin:seen]))
        begin = seen
        steps.append((end - 60, end))
    found = compare(page, frames, steps, 1, dense=count > 400)
    # The path is kept in single precision: a pixel may differ by a shade.
    if count == 400:
        assert found["difference"] <= 16
    assert found["apart"] <= 1


@pytest.mark.parametrize("count", [3_000, 20_000, 30_000])
def test_above_that_the_extremes_of_each_column_are_equal(page: Page, count: int) -> None:
    random.seed(4)
    column = 60 / _COLUMNS
    start = (_START // column) * column
    times = sorted(start + random.uniform(0, 60) for _ in range(count))
    found = compare(page, [walk(times)], [(start, start + 60)], 1, dense=True)
    assert found["apart"] <= 1
