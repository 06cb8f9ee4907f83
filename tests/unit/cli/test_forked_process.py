"""Forks of a supervising process. They run in a process of their own, which has one thread."""

import json
import signal
import subprocess
import sys

import pytest

from services.cli.supervise.forked_process import CAN_FORK
from tests.support.paths import ROOT
from tests.support.processes import has_ended
from tests.support.waiting import TIMEOUT_SECONDS

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="processes are not forked here")

SUPERVISE = """
import atexit, io, json, os, signal, sys, time
from pathlib import Path
from services.cli.supervise.console import Console
from services.cli.supervise.process import ProcessSpec
from services.cli.supervise.supervisor import Supervisor

shown = io.BytesIO()
supervisor = Supervisor(Console(shown, ["one"], colored=False))

def start(function, **environment):
    words = ["python", "-P", "-m", "services.one"]
    spec = ProcessSpec("one", words, environment, function=function)
    supervisor.start(spec, restart=False)
    return supervisor.process("one")

def finish():
    supervisor.wait(["one"], time.monotonic() + 20)
    process = supervisor.process("one")
    print(json.dumps({"status": process.exit_status, "lines": process.last_lines}))

"""


def supervise(script: str) -> tuple[int, list[str]]:
    """Run a script with a supervisor. Return the exit status and the output of its fork."""
    finished = subprocess.run(
        [sys.executable, "-c", SUPERVISE + script],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )
    assert not finished.stderr
    found = json.loads(finished.stdout)
    return found["status"], found["lines"]


@pytest.mark.parametrize(
    ("statement", "status"),
    [("pass", 0), ("sys.exit()", 0), ("sys.exit(3)", 3), ("sys.exit('text')", 1), ("1 / 0", 1)],
)
def test_exit_status_is_that_of_a_program(statement: str, status: int) -> None:
    ended, lines = supervise(
        f"""
def run():
    {statement}
with supervisor:
    start(run)
    finish()
"""
    )
    assert ended == status
    assert [line for line in lines if line.startswith("ZeroDivisionError")] == [
        "ZeroDivisionError: division by zero"
    ] * (statement == "1 / 0")


def test_fork_has_its_own_session_files_environment_and_title() -> None:
    status, (line,) = supervise(
        """
signal.signal(signal.SIGTERM, lambda number, frame: None)
def run():
    print(json.dumps({
        "environment": dict(os.environ),
        "files": sorted(int(name) for name in os.listdir("/proc/self/fd"))[:-1],
        "input": sys.stdin.read(),
        "leader": os.getsid(0) == os.getpid(),
        "title": Path("/proc/self/cmdline").read_text().strip(chr(0)),
        "handler": signal.getsignal(signal.SIGTERM) == signal.SIG_DFL,
        "blocked": list(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    }))
with supervisor:
    start(run, PORT="1", HOME="/root")
    finish()
"""
    )
    assert status == 0
    assert json.loads(line) == {
        "environment": {"PORT": "1", "HOME": "/root"},
        "files": [0, 1, 2],
        "input": "",
        "leader": True,
        "title": "python -P -m services.one",
        "handler": True,
        "blocked": [],
    }


def test_end_of_a_fork_runs_nothing_of_its_parent() -> None:
    status, lines = supervise(
        """
parent = os.getpid()
atexit.register(lambda: os.getpid() == parent or print("an exit function ran", flush=True))
def run():
    sys.exit(5)
try:
    with supervisor:
        start(run)
        finish()
finally:
    if os.getpid() != parent:
        print("the end of the block ran in the fork", flush=True)
"""
    )
    assert (status, lines) == (5, [])


def test_signal_right_after_the_start_ends_a_fork() -> None:
    status, lines = supervise(
        """
for number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, lambda number, frame: print("lost", flush=True))
with supervisor:
    start(lambda: time.sleep(100)).terminate()
    finish()
"""
    )
    assert (status, lines) == (-15, [])


def test_fork_that_ignores_sigterm_is_killed() -> None:
    status, lines = supervise(
        """
def run():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("run")
    time.sleep(100)
with supervisor:
    process = start(run)
    while process.last_lines != ["run"]:
        supervisor.step(1)
    supervisor.terminate(["one"], time.monotonic() + 0.1)
    assert process.running
    supervisor.kill(["one"])
    finish()
"""
    )
    assert (status, lines) == (-9, ["run"])


def test_fork_ends_with_its_parent() -> None:
    script = """
def run():
    print(os.getpid())
    time.sleep(100)
supervisor.__enter__()
process = start(run)
while not process.last_lines:
    supervisor.step(1)
print(process.last_lines[0], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run(
        [sys.executable, "-c", SUPERVISE + script],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )
    assert killed.returncode == -signal.SIGKILL
    assert has_ended(int(killed.stdout))
