"""Measure the frames of the overview while many series have new readings."""

import tempfile
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

import click
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from benchmarks.harness.machine import describe_machine
from benchmarks.page import browser as chromium
from benchmarks.product.live_feed import feeding, publish_past
from benchmarks.product.stack import BenchmarkStack, running_stack

_SCROLL_PIXELS: Final = 30
"""Pixels that the page scrolls in each frame: 1,800 in a second."""

_LATE_MS: Final = 17.0
_PAST_SECONDS: Final = 3_600.0
_PAST_READINGS: Final = 20
_WARM_UP_MS: Final = 3_000
_HEAD: Final = (
    "| frames | median, ms | p95, ms | longest, ms | over 17 ms, % | script, ms | main thread, ms |"
)


@click.command()
@click.option("--series", multiple=True, type=click.IntRange(1), default=(500, 5_000),
              show_default=True, help="Series; may be given many times.")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(0.1), default=10, show_default=True,
              help="How long frames are measured at a time.")  # fmt: skip
def run(series: tuple[int, ...], seconds: float) -> None:
    """Frames of the overview, still and scrolling, with a reading a second in each series."""
    click.echo(f"{describe_machine('playwright')}\n")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        folder = Path(scratch)
        chromium.bundle(folder, "frameTimes")
        browser = playwright.chromium.launch(
            executable_path=chromium.find_chromium(), args=list(chromium.CHROMIUM_ARGUMENTS)
        )
        click.echo(f"{_HEAD}\n|---|{'---:|' * (_HEAD.count('|') - 2)}")
        page = _open_page(browser, folder)
        page.goto("about:blank")
        _measure(page, "an empty page", seconds, 0)
        page.close()
        for count in series:
            (data := folder / str(count)).mkdir()
            with running_stack(data) as stack:
                _measure_overview(_open_page(browser, folder), stack, count, seconds)
        browser.close()


def _open_page(browser: Browser, folder: Path) -> Page:
    page = browser.new_page(viewport={"width": 1_280, "height": 900})
    script = (folder / "frameTimes.js").read_text(encoding="utf-8")
    page.add_init_script(f"{script}; globalThis.frameTimes = frameTimes;")
    return page


def _measure_overview(page: Page, stack: BenchmarkStack, count: int, seconds: float) -> None:
    names = [f"site{number % 25}.sensor{number // 25}" for number in range(count)]
    publish_past(stack.settings, names, _PAST_SECONDS, _PAST_READINGS)
    stack.wait_until_committed()
    with feeding(stack.settings, names):
        page.goto(f"http://127.0.0.1:{stack.port}/?overview")
        page.locator(".overview-card").first.wait_for()
        page.wait_for_timeout(_WARM_UP_MS)
        _measure(page, f"{count:,} series", seconds, 0)
        _measure(page, f"{count:,} series, scrolling", seconds, _SCROLL_PIXELS)
    page.close()


def _measure(page: Page, title: str, seconds: float, scroll_pixels: int) -> None:
    """Print the durations of frames, and the time of the processor that a frame takes."""
    tools = page.context.new_cdp_session(page)
    # Thread ticks do not count the time that other programs have the processor.
    tools.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = _metrics(tools)
    options = {"milliseconds": seconds * 1e3, "scrollPixels": scroll_pixels}
    durations: list[float] = sorted(page.evaluate("options => frameTimes.record(options)", options))
    after = _metrics(tools)
    late = sum(duration > _LATE_MS for duration in durations)
    script, main = (
        1e3 * (after[name] - before[name]) / len(durations)
        for name in ("ScriptDuration", "TaskDuration")
    )
    click.echo(
        f"| {title} | {median(durations):.1f} | {quantiles(durations, n=20)[-1]:.1f}"
        f" | {durations[-1]:.0f} | {100 * late / len(durations):.1f} | {script:.2f} | {main:.2f} |"
    )


def _metrics(tools: CDPSession) -> dict[str, float]:
    rows: list[dict[str, Any]] = tools.send("Performance.getMetrics")["metrics"]
    return {row["name"]: float(row["value"]) for row in rows}
