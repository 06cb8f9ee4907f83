"""Measure the memory of a page that is never closed."""

import tempfile
from collections.abc import Callable
from math import ceil
from pathlib import Path
from statistics import linear_regression
from typing import Final

import click
from playwright.sync_api import CDPSession, sync_playwright

from benchmarks.harness.machine import describe_machine
from benchmarks.page import browser as chromium

_STEP_SECONDS: Final = 300
_KIB: Final = 2**10
_MIB: Final = 2**20


@click.command()
@click.option("--hours", type=click.FloatRange(0.01), default=2, show_default=True,
              help="How long the page is open; the second half counts.")  # fmt: skip
@click.option("--series", type=click.IntRange(1), default=20, show_default=True,
              help="Series of the simulated page.")  # fmt: skip
@click.option("--rate", type=click.FloatRange(0.1), default=20, show_default=True,
              help="Readings of each series a second, simulated.")  # fmt: skip
@click.option("--address", metavar="URL", help="Address of a real page, open in real time.")
@click.option("--step", type=click.FloatRange(1), default=_STEP_SECONDS, show_default=True,
              help="Seconds between two looks at the memory.")  # fmt: skip
def run(hours: float, series: int, rate: float, address: str | None, step: float) -> None:
    """The memory of a chart for hours of simulated time, or of a page of a running server."""
    click.echo(f"{describe_machine('playwright')}\n")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        folder = Path(scratch)
        browser = playwright.chromium.launch(
            executable_path=chromium.find_chromium(), args=list(chromium.CHROMIUM_ARGUMENTS)
        )
        if address is None:
            chromium.bundle(folder, "longRunning")
            page = chromium.open_page(browser, folder, "longRunning")
            page.evaluate("options => longRunning.open(options)", {"series": series, "rate": rate})

            def wait(seconds: float) -> None:
                page.evaluate("seconds => longRunning.advance(seconds)", seconds)

        else:
            page = browser.new_page(viewport={"width": 1_280, "height": 900})
            page.goto(address)

            def wait(seconds: float) -> None:
                page.wait_for_timeout(seconds * 1e3)

        _measure(page.context.new_cdp_session(page), wait, hours, step)
        browser.close()


def _measure(
    tools: CDPSession, wait: Callable[[float], None], hours: float, step_seconds: float
) -> None:
    """Print the memory after each step, and how fast it grew in the second half.

    Args:
        tools: Session with the page's developer tools.
        wait: Waits some seconds, or lets simulated time pass.
        hours: Time to measure.
        step_seconds: Time between two looks.
    """
    click.echo("| minutes | MiB |\n|---:|---:|")
    minutes: list[float] = []
    used: list[float] = []
    for step in range(ceil(hours * 3_600 / step_seconds) + 1):
        if step:
            wait(step_seconds)
        minutes.append(step * step_seconds / 60)
        used.append(_used_bytes(tools))
        click.echo(f"| {minutes[-1]:.0f} | {used[-1] / _MIB:.2f} |")
    half = (len(used) - 1) // 2
    slope, _ = linear_regression(minutes[half:], used[half:])
    click.echo(f"\nIn the second half it grew by {60 * slope / _KIB:+,.0f} KiB an hour.")


def _used_bytes(tools: CDPSession) -> float:
    """Return the bytes in use after garbage collection: objects, and the arrays behind them."""
    tools.send("HeapProfiler.collectGarbage")
    usage = tools.send("Runtime.getHeapUsage")
    used: float = usage["usedSize"] + usage["backingStorageSize"]
    return used
