"""Measure the cost of drawing the page's charts, compared with uPlot."""

import tempfile
from functools import partial
from pathlib import Path
from typing import Final

import click
from playwright.sync_api import sync_playwright

from benchmarks.harness.comparison import Contestant, TableRow, format_table, measure_in_turns
from benchmarks.harness.machine import describe_machine
from benchmarks.page import browser as chromium
from benchmarks.page.browser import Workload

_WORKLOADS: Final = (
    *(Workload(1, series, points) for series in (1, 8, 20) for points in (600, 2_000)),
    Workload(8, 1, 600),
    Workload(8, 1, 2_000),
    Workload(1, 8, 600, "lanes"),
    Workload(1, 8, 2_000, "lanes"),
    Workload(1, 2, 168, "bars"),
)
_ROWS: Final = (
    TableRow("script", "script for a frame, ms", 2),
    TableRow("main", "all of the main thread for a frame, ms", 2),
)


@click.command()
@click.option("--frames", type=click.IntRange(1), default=180, show_default=True,
              help="Frames that are measured at a time.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True,
              help="How often each of the two is measured.")  # fmt: skip
def run(frames: int, rounds: int) -> None:
    """Our charts against uPlot's: a window that slides, 1 px lines."""
    click.echo(f"{describe_machine('playwright')}, uPlot {chromium.UPLOT_VERSION}")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        folder = Path(scratch)
        chromium.install_uplot(folder)
        chromium.bundle(folder, "stripchart", "uplot", "driver")
        browser = playwright.chromium.launch(
            executable_path=chromium.find_chromium(), args=list(chromium.CHROMIUM_ARGUMENTS)
        )
        click.echo(f"Chromium {browser.version}\n")
        for workload in _WORKLOADS:
            contestants = [
                Contestant(
                    title, partial(chromium.measure_frames, browser, folder, name, workload, frames)
                )
                for title, name in (("Stripchart", "stripchart"), ("uPlot", "uplot"))
            ]
            comparison = measure_in_turns(rounds, contestants, workload.title)
            click.echo("\n".join(format_table(workload.title, _ROWS, comparison)) + "\n")
        browser.close()
