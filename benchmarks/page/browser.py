"""Bundle the benchmark's modules, run them in Chromium, and measure its frames."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import click
from playwright.sync_api import Browser, Page

from benchmarks.harness.comparison import Figures

ROOT: Final = Path(__file__).parents[2]
UPLOT_VERSION: Final = "1.6.32"
CHROMIUM_ARGUMENTS: Final = ("--no-sandbox", "--disable-gpu", "--no-first-run")

_FOLDER: Final = Path(__file__).parent
_NODE_MODULES: Final = ROOT / "node_modules"
_COLORS: Final = (
    "--card:#fff; --ink:#16202a; --muted:#5c6770; --grid:#e9ecef; --missing:#b35900;"
    "--limit:#c92a2a; --idle:#dfe4e8; --font:sans-serif"
)


class Workload(NamedTuple):
    """Charts to draw, series of each chart, and points of each series in the window.

    The marks are lines, lanes of states that have a value for some readings, or bars.
    """

    charts: int
    series: int
    points: int
    marks: Literal["lines", "lanes", "bars"] = "lines"

    @property
    def title(self) -> str:
        """The workload in words."""
        charts = "" if self.charts == 1 else f"{self.charts} charts, each with "
        what = {"lines": "series", "lanes": "states", "bars": "counters"}[self.marks]
        noun = "bars" if self.marks == "bars" else "points"
        return f"{charts}{self.series} {what} x {self.points:,} {noun}"


def find_chromium() -> str:
    """Return the path of the Chromium or Chrome on PATH.

    Raises:
        click.ClickException: No such program is on PATH.
    """
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        raise click.ClickException(f"needs {' or '.join(names)} on PATH")
    return path


def install_uplot(folder: Path) -> None:
    """Install uPlot into a temporary folder."""
    npm = ["npm", "install", "--prefix", str(folder), "--ignore-scripts", "--no-audit"]
    _run([*npm, "--no-fund", "--silent", f"uplot@{UPLOT_VERSION}"])


def bundle(folder: Path, *names: str) -> None:
    """Bundle modules into a folder; each bundle sets a global variable of the module's name.

    Raises:
        click.ClickException: esbuild is missing or fails.
    """
    if not (_NODE_MODULES / ".bin" / "esbuild").exists():
        raise click.ClickException("needs the page's packages: run `scripts/setup frontend`")
    options = ["--bundle", "--minify", "--format=iife", "--log-level=error"]
    esbuild = str(_NODE_MODULES / ".bin" / "esbuild")
    for name in names:
        outfile = f"--outfile={folder / name}.js"
        _run(
            [esbuild, str(_FOLDER / f"{name}.js"), *options, f"--global-name={name}", outfile],
            NODE_PATH=f"{folder / 'node_modules'}:{_NODE_MODULES}",
        )


def _run(command: list[str], **environment: str) -> None:
    result = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise click.ClickException(f"{command[0]} failed:\n{result.stderr}")


def open_page(browser: Browser, folder: Path, *names: str) -> Page:
    """Open an empty page with these bundles."""
    page = browser.new_page(viewport={"width": 1_040, "height": 900})
    page.set_content(f'<body style="{_COLORS}">')
    for name in names:
        page.add_script_tag(path=folder / f"{name}.js")
    return page


def measure_frames(
    browser: Browser, folder: Path, name: str, workload: Workload, frames: int
) -> Figures:
    """Measure the frames of a contestant.

    Args:
        browser: Browser that opens a page for this measurement.
        folder: Folder with the bundles.
        name: Module of the contestant.
        workload: Charts to draw.
        frames: Number of frames to draw.

    Returns:
        Milliseconds of a frame: `script`, and `main` for all work of the main thread.
    """
    page = open_page(browser, folder, name, "driver")
    if name == "uplot":
        page.add_style_tag(path=folder / "node_modules/uplot/dist/uPlot.min.css")
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")

    def task_seconds() -> float:
        metrics: list[dict[str, Any]] = devtools.send("Performance.getMetrics")["metrics"]
        return next(float(row["value"]) for row in metrics if row["name"] == "TaskDuration")

    argument = workload._asdict() | {"frames": frames}
    page.evaluate(f"workload => driver.prepare({name}, workload)", argument)
    before = task_seconds()
    script_ms: float = page.evaluate("count => driver.drawFrames(count)", frames)
    main_thread_seconds = task_seconds() - before
    page.close()
    return {"script": script_ms / frames, "main": 1e3 * main_thread_seconds / frames}
