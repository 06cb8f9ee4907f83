"""Measure the memory of a page that is never closed."""

import tempfile
from pathlib import Path
from statistics import linear_regression
from typing import Final

import click
from playwright.sync_api import CDPSession, sync_playwright

from benchmarks.harness.machine import describe_machine
from benchmarks.page import browser as chromium

_STEP_MINUTES: Final = 5
_MIB: Final = 2**20


@click.command()
@click.option("--hours", type=click.FloatRange(0.1), default=2, show_default=True,
              help="How long the page is open; the last hour counts.")  # fmt: skip
def run(hours: float) -> None:
    """The memory of a page with 20 series at 20 readings a second, faster than real time."""
    click.echo(f"{describe_machine('playwright')}\n")
    minutes = [0.0]
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        folder = Path(scratch)
        chromium.bundle(folder, "longRunning")
        browser = playwright.chromium.launch(
            executable_path=chromium.find_chromium(), args=list(chromium.CHROMIUM_ARGUMENTS)
        )
        page = chromium.open_page(browser, folder, "longRunning")
        page.evaluate("longRunning.open()")
        tools = page.context.new_cdp_session(page)
        used = [_mebibytes(tools)]
        click.echo("| minutes | MiB |\n|---:|---:|")
        while minutes[-1] < 60 * hours:
            page.evaluate("seconds => longRunning.advance(seconds)", _STEP_MINUTES * 60)
            minutes.append(minutes[-1] + _STEP_MINUTES)
            used.append(_mebibytes(tools))
            click.echo(f"| {minutes[-1]:.0f} | {used[-1]:.1f} |")
        browser.close()
    last = -60 // _STEP_MINUTES
    slope, _ = linear_regression(minutes[last:], used[last:])
    click.echo(f"\nIn the last hour it grew by {60 * slope:.2f} MiB an hour.")


def _mebibytes(tools: CDPSession) -> float:
    """Return the MiB in use after garbage collection: objects, and the arrays behind them."""
    tools.send("HeapProfiler.collectGarbage")
    usage = tools.send("Runtime.getHeapUsage")
    used: float = usage["usedSize"] + usage["backingStorageSize"]
    return used / _MIB
