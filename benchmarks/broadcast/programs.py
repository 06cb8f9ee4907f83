"""What the benchmark compiles and fetches when it is first run, in a folder of its own."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
FOLDER: Final = HERE.parent.parent / "build" / "benchmarks"


class MissingError(Exception):
    """Something is not on this machine that a contestant needs."""


def need(program: str) -> str:
    """Where a program is. Raises MissingError."""
    found = shutil.which(program)
    if found is None:
        raise MissingError(f"needs {program}")
    return found


def compiled(name: str) -> Path:
    """The program of `name.c`. Raises MissingError."""
    source, program = HERE / f"{name}.c", FOLDER / name
    sources = (source, HERE / "frames.h")
    if not program.exists() or any(_newer(text, program) for text in sources):
        FOLDER.mkdir(parents=True, exist_ok=True)
        command = [need("cc"), "-O2", "-o", str(program), str(source)]
        subprocess.run(command, check=True)
    return program


def _newer(one: Path, other: Path) -> bool:
    return one.stat().st_mtime > other.stat().st_mtime


def python_package(name: str) -> Path:
    """A folder with a package for Python. Raises MissingError."""
    folder = FOLDER / "python"
    if not (folder / name).exists():
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder)]
        _fetch([*install, "--disable-pip-version-check", name], name)
    return folder


def node_package(name: str) -> Path:
    """A folder with a package for Node. Raises MissingError."""
    folder = FOLDER / "node"
    need("node")
    if not (folder / "node_modules" / name).exists():
        folder.mkdir(parents=True, exist_ok=True)
        install = [need("npm"), "install", "--silent", "--no-audit", "--no-fund"]
        _fetch([*install, "--ignore-scripts", "--prefix", str(folder), name], name)
    return folder


def _fetch(command: list[str], name: str) -> None:
    if subprocess.run(command, check=False).returncode != 0:
        raise MissingError(f"could not fetch {name}")
