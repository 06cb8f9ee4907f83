"""Bundle modules of the page that a test runs alone in a browser."""

import subprocess
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.programs import is_required

_ESBUILD = ROOT / "node_modules" / ".bin" / "esbuild"


def bundle(entry: Path, name: str, folder: Path) -> Path:
    """Bundle a module into one script that sets a global variable to its exports.

    Args:
        entry: The module.
        name: The global variable.
        folder: Where to write the script.

    Returns:
        The path of the script.
    """
    if not _ESBUILD.exists():
        missing = "needs the page's packages: run `scripts/setup frontend`"
        if is_required("browser"):
            pytest.fail(missing)
        pytest.skip(missing)
    script = folder / f"{name}.js"
    options = ["--bundle", "--format=iife", f"--global-name={name}", "--log-level=error"]
    subprocess.run([_ESBUILD, entry, f"--outfile={script}", *options], check=True, cwd=ROOT)
    return script
