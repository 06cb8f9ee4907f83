"""Measure the time from navigation to the first points on the screen."""

import tempfile
import time
from pathlib import Path
from statistics import median

import click
from playwright.sync_api import Browser, sync_playwright

from benchmarks.harness.machine import describe_machine
from benchmarks.page import browser as chromium
from benchmarks.product.stack import BenchmarkStack, running_stack
from services.cli.demo_data.feeder import DemoFeeder
from services.cli.demo_data.home import home


@click.command()
@click.option("--rounds", type=click.IntRange(1), default=7, show_default=True,
              help="How often each address is opened.")  # fmt: skip
def run(rounds: int) -> None:
    """From navigation to the first points, with sixty days of twenty sensors of a home."""
    click.echo(f"{describe_machine('playwright')}\n")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        folder = Path(scratch)
        chromium.bundle(folder, "firstPoints")
        browser = playwright.chromium.launch(
            executable_path=chromium.find_chromium(), args=list(chromium.CHROMIUM_ARGUMENTS)
        )
        with running_stack(folder) as stack:
            names = _fill(stack)
            _measure_pages(browser, folder, stack, names, rounds)
        browser.close()


def _fill(stack: BenchmarkStack) -> list[str]:
    """Publish the demo's history and its view, and return the names of all series."""
    demo = home()
    feeder = DemoFeeder(demo)
    lines: list[str] = []
    while not lines:
        wait_seconds, lines = feeder.step(stack.journal)
        if not lines:
            # The feeder leaves the writer this time to store what it has sent.
            time.sleep(wait_seconds)
    stack.wait_until_committed()
    return [signal.name for signal in demo.signals]


def _measure_pages(
    browser: Browser, folder: Path, stack: BenchmarkStack, names: list[str], rounds: int
) -> None:
    script = (folder / "firstPoints.js").read_text(encoding="utf-8")
    paths = {
        "/": "",
        "/?series=… (one series)": f"?series={names[0]}",
        "/?series=…&window=7d (one series)": f"?series={names[0]}&window=7d",
        "/?window=30d": "?window=30d",
        "/v/home": "v/home",
        "/?overview": "?overview",
    }
    durations: dict[str, list[float]] = {title: [] for title in paths}
    for _ in range(rounds):
        for title, path in paths.items():
            # A new context has an empty cache.
            context = browser.new_context(viewport={"width": 1_280, "height": 900})
            context.add_init_script(f"{script}; globalThis.firstPoints = firstPoints.find();")
            page = context.new_page()
            page.goto(f"http://127.0.0.1:{stack.port}/{path}", wait_until="commit")
            durations[title].append(page.evaluate("firstPoints"))
            context.close()
    click.echo("| first points of | median, ms | longest, ms |\n|---|---:|---:|")
    for title, measured in durations.items():
        click.echo(f"| `{title}` | {median(measured):,.0f} | {max(measured):,.0f} |")
