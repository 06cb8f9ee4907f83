"""Programs and packages that contestants need, compiled or installed on first use."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

SOURCE_FOLDER: Final = Path(__file__).parent
BUILD_FOLDER: Final = SOURCE_FOLDER.parent.parent / "build" / "benchmarks"


class MissingDependencyError(Exception):
    """A contestant needs something that this machine does not have."""


def find_program(name: str) -> str:
    """Return the path of a program.

    Raises:
        MissingDependencyError: The program is not on PATH.
    """
    path = shutil.which(name)
    if path is None:
        raise MissingDependencyError(f"needs {name}")
    return path


def compile_c_program(name: str) -> Path:
    """Compile `name.c` if it changed, and return the program.

    Raises:
        MissingDependencyError: There is no C compiler.
    """
    source, program = SOURCE_FOLDER / f"{name}.c", BUILD_FOLDER / name
    sources = (source, SOURCE_FOLDER / "frames.h")
    if not program.exists() or any(_is_newer(path, program) for path in sources):
        BUILD_FOLDER.mkdir(parents=True, exist_ok=True)
        command = [find_program("cc"), "-O2", "-o", str(program), str(source)]
        subprocess.run(command, check=True)
    return program


def _is_newer(path: Path, other: Path) -> bool:
    return path.stat().st_mtime > other.stat().st_mtime


def install_python_package(name: str) -> Path:
    """Install a Python package if it is missing, and return the folder to import it from.

    Raises:
        MissingDependencyError: The package can't be downloaded.
    """
    folder = BUILD_FOLDER / "python"
    if not (folder / name).exists():
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder)]
        _install([*install, "--disable-pip-version-check", name], name)
    return folder


def install_node_package(name: str) -> Path:
    """Install a Node package if it is missing, and return the folder above `node_modules`.

    Raises:
        MissingDependencyError: Node or npm is missing, or the package can't be downloaded.
    """
    folder = BUILD_FOLDER / "node"
    find_program("node")
    if not (folder / "node_modules" / name).exists():
        folder.mkdir(parents=True, exist_ok=True)
        install = [find_program("npm"), "install", "--silent", "--no-audit", "--no-fund"]
        _install([*install, "--ignore-scripts", "--prefix", str(folder), name], name)
    return folder


def _install(command: list[str], name: str) -> None:
    if subprocess.run(command, check=False).returncode != 0:
        raise MissingDependencyError(f"could not download {name}")
