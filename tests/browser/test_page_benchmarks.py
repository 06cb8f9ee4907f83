"""Short runs of the page's benchmarks, which check that they work and not their figures."""

import subprocess
import sys

import pytest

from tests.support.paths import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(300)]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a benchmark in another process, because this one may already have a browser."""
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_short_run_of_page_memory_succeeds() -> None:
    done = run("page-memory", "--hours", "0.1")
    assert done.returncode == 0, done.stderr
    assert "| 10 | " in done.stdout
    assert "KiB an hour" in done.stdout


def test_short_run_of_page_speed_succeeds() -> None:
    done = run("page-speed", "--frames", "3", "--rounds", "1")
    if "npm failed" in done.stderr:
        pytest.skip("needs uPlot, and npm can't fetch it")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("| script for a frame, ms |") == 11


@pytest.mark.redis
def test_short_run_of_overview_speed_succeeds() -> None:
    done = run("overview-speed", "--series", "30", "--seconds", "0.2")
    assert done.returncode == 0, done.stderr
    assert "| 30 series, scrolling |" in done.stdout


@pytest.mark.redis
def test_short_run_of_first_points_succeeds() -> None:
    done = run("first-points", "--rounds", "1")
    assert done.returncode == 0, done.stderr
    assert "| `/v/home` |" in done.stdout
