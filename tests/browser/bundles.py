"""Parts of the page that a test runs alone in a browser, bundled for it."""

import subprocess
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.programs import is_required

_ESBUILD = ROOT / "node_modules" / ".bin" / "esbuild"


def bundle(entry: Path, name: str, folder: Path) -> Path:
    """One file that sets the global variable `name` to what the module `entry` exports."""
    if not _ESBUILD.exists():
        missing = "needs the page's packages: run `scripts/setup frontend`"
        if is_required("browser"):
            pytest.fail(missing)
        pytest.skip(missing)
    made = folder / f"{name}.js"
    options = ["--bundle", "--format=iife", f"--global-name={name}", "--log-level=error"]
    subprocess.run([_ESBUILD, entry, f"--outfile={made}", *options], check=True, cwd=ROOT)
    return made
