"""Description of the machine that made the figures, in one line."""

import os
import platform
from importlib.metadata import version
from pathlib import Path


def describe_machine(*packages: str) -> str:
    """Return processor, cores, system, Python, the versions of packages, and the load."""
    parts = [
        f"{_processor_name()}, {os.cpu_count()} cores",
        platform.system(),
        f"Python {platform.python_version()}",
        *(f"{package} {version(package)}" for package in packages),
        f"load {os.getloadavg()[0]:.1f} at the start",
    ]
    return ", ".join(parts)


def _processor_name() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
