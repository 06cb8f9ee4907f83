"""Each line equals the line that Chart.js draws, pixel for pixel or column for column."""

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
"""Width in pixels of the chart's area in compare.js, at a device pixel ratio of 1."""

Frame = tuple[list[float], list[float]]


@pytest.fixture(scope="module")
def drawing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the script that draws a line in both ways and compares them."""
    return bundle(_ENTRY, "drawing", tmp_path_factory.mktemp("drawing"))


@pytest.fixture(scope="module", params=[1, 2])
def page(browser: Browser, drawing: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Return an empty page with that script, at a device pixel ratio."""
    context = browser.new_context(
        device_scale_factor=request.param, viewport={"width": 1_100, "height": 800}
    )
    empty_page = context.new_page()
    empty_page.add_script_tag(path=drawing)
    yield empty_page
    context.close()


def random_walk(times: list[float]) -> Frame:
    """Return the times with a random walk of values."""
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
    """Draw frames of readings one by one, and compare the last window with Chart.js.

    Args:
        page: A page with the script.
        frames: Readings, in the order in which they arrive.
        steps: The window after each frame, in seconds.
        width: Width of the line in pixels.
        dense: True to compare the rows that each column covers, not each pixel.

    Returns:
        The figures of `compare` in compare.js.
    """
    windows = [{"from": start, "to": end} for start, end in steps]
    task = {"frames": frames, "steps": windows, "width": width, "dense": dense}
    result = page.evaluate("task => drawing.compare(task)", task)
    assert result["painted"] > _COLUMNS
    return result


@pytest.mark.parametrize("width", [1, 2])
@pytest.mark.parametrize("count", [2, 60, _COLUMNS - 10])
def test_line_with_up_to_one_reading_per_column_equals_chartjs_in_every_pixel(
    page: Page, count: int, width: float
) -> None:
    random.seed(count)
    times = [_START + i * 60 / count for i in range(count + 1)]
    result = compare(page, [random_walk(times)], [(_START, _START + 60)], width)
    assert result["difference"] == 0
    assert result["columns"] == _COLUMNS


def test_gap_interrupts_the_line_as_in_chartjs(page: Page) -> None:
    random.seed(1)
    times = [_START + i / 5 for i in range(300) if not 100 < i < 150 and i != 200]
    result = compare(page, [random_walk(times)], [(_START, _START + 60)], 2)
    assert result["difference"] == 0


def test_late_and_overwritten_readings_equal_chartjs(page: Page) -> None:
    random.seed(2)
    times, values = random_walk([_START + i / 5 for i in range(300)])
    readings = list(zip(times, values, strict=True))
    wrong = [(ts, value + 5) for ts, value in random.sample(readings, 30)]
    late = random.sample(readings, len(readings))
    frames = [wrong, *(late[i : i + 30] for i in range(0, 300, 30))]
    columns = [([ts for ts, _ in part], [value for _, value in part]) for part in frames]
    window = (_START, _START + 60)
    assert compare(page, columns, [window] * len(columns), 2)["difference"] == 0


@pytest.mark.parametrize("count", [400, 20_000])
def test_moved_path_equals_a_new_path(page: Page, count: int) -> None:
    random.seed(3)
    times, values = random_walk([_START + i * 80 / count for i in range(count)])
    column = 60 / _COLUMNS
    frames: list[Frame] = []
    steps = []
    start = 0
    for step in range(0, 320, 3):
        end = _START + 60 + step * column
        shown = next((i for i, ts in enumerate(times) if ts > end), count)
        frames.append((times[start:shown], values[start:shown]))
        start = shown
        steps.append((end - 60, end))
    result = compare(page, frames, steps, 1, dense=count > 400)
    # Paths have single precision, so the opacity of a pixel may differ slightly.
    if count == 400:
        assert result["difference"] <= 16
    assert result["apart"] <= 1


@pytest.mark.parametrize("count", [3_000, 20_000, 30_000])
def test_dense_line_equals_chartjs_in_the_extremes_of_each_column(page: Page, count: int) -> None:
    random.seed(4)
    column = 60 / _COLUMNS
    start = (_START // column) * column
    times = sorted(start + random.uniform(0, 60) for _ in range(count))
    result = compare(page, [random_walk(times)], [(start, start + 60)], 1, dense=True)
    assert result["apart"] <= 1
