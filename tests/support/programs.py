"""The programs outside this project that some tests need, by the marker of such a test."""

import os
import shutil
import subprocess
from typing import Final

_PROGRAMS: Final = {
    "redis": ("redis-server", "valkey-server"),
    "browser": ("chromium", "chromium-browser", "google-chrome"),
    "mqtt": ("mosquitto",),
    "docker": ("docker",),
}

MARKERS: Final = tuple(_PROGRAMS)


def find_program(marker: str) -> str | None:
    """Return the path of the program that tests with this marker need, or None without one."""
    return next(filter(None, map(shutil.which, _PROGRAMS[marker])), None)


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
    path = find_program(marker)
    if path is None:
        return _needs(marker)
    if marker == "docker":
        info = subprocess.run([path, "info"], check=False, capture_output=True)
        if info.returncode:
            return "needs a running Docker engine"
    return None


def is_required(marker: str) -> bool:
    """Return True if TEST_DEMAND names the marker: its tests must then fail, not be skipped."""
    return marker in os.environ.get("TEST_DEMAND", "").split(",")


def _needs(marker: str) -> str:
    return f"needs {' or '.join(_PROGRAMS[marker])} on PATH"
