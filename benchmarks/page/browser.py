"""A browser that draws charts, frame by frame, and what that costs."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final, NamedTuple

import click
from playwright.sync_api import Browser, Page

from benchmarks.harness.comparison import Figures

ROOT: Final = Path(__file__).parents[2]
UPLOT: Final = "1.6.32"
ARGUMENTS: Final = ("--no-sandbox", "--disable-gpu", "--no-first-run")

_HERE: Final = Path(__file__).parent
_MODULES: Final = ROOT / "node_modules"
_COLORS: Final = (
    "--card:#fff; --ink:#16202a; --muted:#5c6770; --grid:#e9ecef; --missing:#b35900;"
    "--limit:#c92a2a; --font:sans-serif"
)


class Load(NamedTuple):
    """What is drawn: charts of so many series, with so many points in the window of each."""

    charts: int
    series: int
    points: int

    @property
    def title(self) -> str:
        """The load in words."""
        charts = "" if self.charts == 1 else f"{self.charts} charts, each with "
        return f"{charts}{self.series} series x {self.points:,} points"


def program() -> str:
    """The browser on PATH."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise click.ClickException(f"needs {' or '.join(names)} on PATH")
    return found


def fetch(folder: Path) -> None:
    """Fetch uPlot into a folder that is thrown away later."""
    npm = ["npm", "install", "--prefix", str(folder), "--ignore-scripts", "--no-audit"]
    _run([*npm, "--no-fund", "--silent", f"uplot@{UPLOT}"])


def build(folder: Path, *names: str) -> None:
    """Bundle these modules into the folder; each sets a global variable of its name."""
    if not (_MODULES / ".bin" / "esbuild").exists():
        raise click.ClickException("needs the page's packages: run `scripts/setup frontend`")
    options = ["--bundle", "--minify", "--format=iife", "--log-level=error"]
    esbuild = str(_MODULES / ".bin" / "esbuild")
    for name in names:
        made = f"--outfile={folder / name}.js"
        _run(
            [esbuild, str(_HERE / f"{name}.js"), *options, f"--global-name={name}", made],
            NODE_PATH=f"{folder / 'node_modules'}:{_MODULES}",
        )


def _run(command: list[str], **environment: str) -> None:
    done = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise click.ClickException(f"{command[0]} failed:\n{done.stderr}")


def empty_page(browser: Browser, folder: Path, *names: str) -> Page:
    """A page with these modules and nothing to see."""
    page = browser.new_page(viewport={"width": 1_040, "height": 900})
    page.set_content(f'<body style="{_COLORS}">')
    for name in names:
        page.add_script_tag(path=folder / f"{name}.js")
    return page


def measure(browser: Browser, folder: Path, name: str, load: Load, frames: int) -> Figures:
    """Milliseconds of a frame: in script, and in all of the main thread."""
    page = empty_page(browser, folder, name, "drive")
    if name == "uplot":
        page.add_style_tag(path=folder / "node_modules/uplot/dist/uPlot.min.css")
    tools = page.context.new_cdp_session(page)
    tools.send("Performance.enable")

    def busy() -> float:
        metrics: list[dict[str, Any]] = tools.send("Performance.getMetrics")["metrics"]
        return next(float(one["value"]) for one in metrics if one["name"] == "TaskDuration")

    page.evaluate(f"load => drive.prepare({name}, load)", load._asdict() | {"frames": frames})
    before = busy()
    script: float = page.evaluate("count => drive.frames(count)", frames)
    main_thread = busy() - before
    page.close()
    return {"script": script / frames, "main": 1e3 * main_thread / frames}
