"""What drawing the page's charts costs, against uPlot."""

import tempfile
from functools import partial
from pathlib import Path
from typing import Final

import click
from playwright.sync_api import sync_playwright

from benchmarks.harness import machine
from benchmarks.harness.comparison import Contestant, Row, in_turns, table
from benchmarks.page import browser as drawing
from benchmarks.page.browser import Load

_LOADS: Final = (
    *(Load(1, series, points) for series in (1, 8, 20) for points in (600, 2_000)),
    Load(8, 1, 600),
    Load(8, 1, 2_000),
)
_ROWS: Final = (
    Row("script", "script for a frame, ms", 2),
    Row("main", "all of the main thread for a frame, ms", 2),
)


@click.command()
@click.option("--frames", type=click.IntRange(1), default=180, show_default=True,
              help="Frames that are measured at a time.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True,
              help="How often each of the two is measured.")  # fmt: skip
def run(frames: int, rounds: int) -> None:
    """Our charts against uPlot's: a window that slides, 1 px lines."""
    click.echo(f"{machine.describe('playwright')}, uPlot {drawing.UPLOT}")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        folder = Path(scratch)
        drawing.fetch(folder)
        drawing.build(folder, "ours", "uplot", "drive")
        browser = playwright.chromium.launch(
            executable_path=drawing.program(), args=list(drawing.ARGUMENTS)
        )
        click.echo(f"Chromium {browser.version}\n")
        for load in _LOADS:
            contestants = [
                Contestant(title, partial(drawing.measure, browser, folder, name, load, frames))
                for title, name in (("Stripchart", "ours"), ("uPlot", "uplot"))
            ]
            comparison = in_turns(rounds, contestants, load.title)
            click.echo("\n".join(table(load.title, _ROWS, comparison)) + "\n")
        browser.close()
