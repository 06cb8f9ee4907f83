"""The files for systemd: they are valid and hardened, and Stripchart runs under them."""

import re
import subprocess
from pathlib import Path
from typing import Final
from urllib.request import ProxyHandler, build_opener

import pytest

from tests.support.paths import ROOT
from tests.support.programs import require_program
from tests.support.up_process import Up, environment, needs_linux
from tests.support.waiting import TIMEOUT_SECONDS

_FOLDER: Final = ROOT / "deploy" / "systemd"
_UNIT: Final = (_FOLDER / "stripchart.service").read_text(encoding="utf-8")

_MAX_EXPOSURE: Final = 25
"""Ten times the highest score of `systemd-analyze security` that we accept."""

_PROTECTED: Final = """
import ctypes, runpy, sys
PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN = 65, 1
if ctypes.CDLL(None).prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0):
    sys.exit("this kernel does not know PR_SET_MDWE")
sys.argv = ["stripchart", *sys.argv[1:]]
runpy.run_module("services.cli", run_name="__main__")
"""
"""Runs the command line without the right to memory that is writable and executable."""


def analyze(*arguments: str) -> str:
    """Run systemd-analyze, which fails the test if it ends with an error."""
    process = subprocess.run(
        [require_program("systemd"), *arguments], capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout + process.stderr


def knows_mdwe() -> bool:
    """Return True if the kernel is Linux 6.3 or newer."""
    try:
        release = Path("/proc/sys/kernel/osrelease").read_text(encoding="ascii")
    except OSError:
        return False
    version = re.match(r"(\d+)\.(\d+)", release)
    return version is not None and tuple(map(int, version.groups())) >= (6, 3)


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with an executable that exists on this machine."""
    path = tmp_path / "stripchart.service"
    text, count = re.subn(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", _UNIT)
    assert count == 1
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.systemd
def test_unit_is_valid(unit: Path) -> None:
    assert analyze("verify", str(unit)) == ""


@pytest.mark.systemd
def test_unit_is_hardened(unit: Path) -> None:
    text = analyze("security", "--offline=true", f"--threshold={_MAX_EXPOSURE}", str(unit))
    assert "Overall exposure level" in text


@pytest.mark.systemd
def test_unit_that_is_not_hardened_is_found(unit: Path) -> None:
    lines = unit.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(("Protect", "Capability", "Restrict"))]
    unit.write_text("\n".join(kept), encoding="utf-8")
    with pytest.raises(AssertionError):
        analyze("security", "--offline=true", f"--threshold={_MAX_EXPOSURE}", str(unit))


def test_command_line_has_the_user_the_settings_and_the_data_of_the_unit(tmp_path: Path) -> None:
    stub = tmp_path / "systemd-run"
    stub.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', encoding="utf-8")
    stub.chmod(0o755)
    output = subprocess.run(
        [_FOLDER / "stripchart", "user", "add", "maria k"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    settings = dict(re.findall(r"(?m)^(\w+)=(.*)$", _UNIT))
    program, arguments = settings["ExecStart"].rsplit(" ", 1)
    assert arguments == "up"
    assert output[-4:] == [program, "user", "add", "maria k"]
    assert f"--uid={settings['User']}" in output
    assert f"--setenv={settings['Environment']}" in output
    assert f"--property=EnvironmentFile={settings['EnvironmentFile']}" in output
    assert "--pipe" in output
    users = (_FOLDER / "stripchart.sysusers").read_text(encoding="utf-8")
    assert re.search(rf"(?m)^u {settings['User']} ", users)


@pytest.mark.redis
@pytest.mark.long
@needs_linux
@pytest.mark.skipif(not knows_mdwe(), reason="needs Linux 6.3 or newer")
@pytest.mark.usefixtures("one_up_at_a_time")
def test_everything_runs_without_memory_that_is_writable_and_executable(tmp_path: Path) -> None:
    """Deny what MemoryDenyWriteExecute=yes forbids."""
    assert "\nMemoryDenyWriteExecute=yes\n" in _UNIT
    with Up(environment(tmp_path / "data"), "-c", _PROTECTED, "up") as up:
        page = up.wait_for_line(r"^up +\| the page: (http://127\.0\.0\.1:\d+/)$")[1]
        with build_opener(ProxyHandler({})).open(
            f"{page}readyz", timeout=TIMEOUT_SECONDS
        ) as answer:
            assert answer.status == 200
        assert set(up.children()) == {"redis", "web", "writer", "producer", "jobs"}
