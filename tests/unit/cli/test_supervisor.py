"""The supervisor, with small real processes and a clock that the tests set."""

import io
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.cli.supervise.console import Console
from services.cli.supervise.process import ProcessSpec
from services.cli.supervise.supervisor import STABLE_SECONDS, Supervisor
from services.errors import SettingError
from tests.support.clock import FakeClock
from tests.support.waiting import TIMEOUT_SECONDS


class SupervisorRig:
    """A supervisor with its output and its clock."""

    def __init__(self) -> None:
        self.stream = io.BytesIO()
        self.clock = FakeClock()
        self.supervisor = Supervisor(
            Console(self.stream, ["one", "two"], colored=False), self.clock
        )

    def start(self, script: str, name: str = "one", *, restart: bool = True, fd: int = 0) -> None:
        environment = {"PATH": os.environ["PATH"]}
        descriptors = (fd,) if fd else ()
        spec = ProcessSpec(name, ["sh", "-c", script], environment, descriptors)
        self.supervisor.start(spec, restart=restart)

    def lines(self, name: str = "one") -> list[str]:
        prefix = f"{name} | "
        text = self.stream.getvalue().decode()
        return [line.removeprefix(prefix) for line in text.splitlines() if line.startswith(prefix)]

    def step_until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + TIMEOUT_SECONDS
        while not condition():
            assert time.monotonic() < end, self.stream.getvalue().decode()
            self.supervisor.step(1.0)

    def delays(self) -> list[float]:
        return [float(s) for s in re.findall(r"restarting in ([\d.]+) s", "\n".join(self.lines()))]


@pytest.fixture
def rig() -> Iterator[SupervisorRig]:
    made = SupervisorRig()
    with made.supervisor:
        yield made


def test_output_is_forwarded_in_whole_lines(rig: SupervisorRig) -> None:
    count = 3000
    script = f'i=0; while [ $i -lt {count} ]; do echo "$0 $i"; i=$((i+1)); done; printf last'
    rig.start(script, "one", restart=False)
    rig.start(script, "two", restart=False)
    rig.step_until(lambda: not any(rig.supervisor.process(n).running for n in ("one", "two")))
    expected = [f"sh {i}" for i in range(count)] + ["last"]
    assert rig.lines("one") == expected
    assert rig.lines("two") == expected


def test_ended_process_is_restarted_after_growing_delays(rig: SupervisorRig) -> None:
    rig.start("echo run; exit 1")
    for runs in range(1, 9):
        rig.step_until(lambda: len(rig.delays()) == runs)  # noqa: B023 (called at once)
        rig.supervisor.step(0)
        assert rig.lines().count("run") == runs, "restarted before the delay was over"
        rig.clock.now += 30
        rig.supervisor.step(0)
    delays = rig.delays()
    assert 0.8 <= delays[0] <= 1.0
    assert 1.6 <= delays[1] <= 2.0
    assert all(24 <= delay <= 30 for delay in delays[5:])
    assert "ended with status 1; restarting" in rig.lines()[1]


def test_stable_process_is_restarted_after_a_short_delay(
    rig: SupervisorRig, tmp_path: Path
) -> None:
    once, twice = tmp_path / "once", tmp_path / "twice"
    rig.start(f"mkdir {once} && exit 1; mkdir {twice} && exit 1; echo $$; exec sleep 1000")
    for failures in (1, 2):
        rig.step_until(lambda: len(rig.delays()) == failures)  # noqa: B023 (called at once)
        rig.clock.now += 30
    rig.step_until(lambda: rig.lines()[-1:] != [] and rig.lines()[-1].isdigit())
    rig.clock.now += STABLE_SECONDS
    os.kill(int(rig.lines()[-1]), signal.SIGKILL)
    rig.step_until(lambda: len(rig.delays()) == 3)
    assert "ended by signal 9 (Killed)" in rig.lines()[-1]
    assert rig.delays()[-1] <= 1.0


def test_setting_error_of_a_process_is_raised_without_a_restart(rig: SupervisorRig) -> None:
    rig.start('echo "2026-11-22T10:00:00Z ERROR one: PORT=x is no port"; exit 2')
    with pytest.raises(SettingError, match=r"^one: PORT=x is no port$"):
        rig.step_until(lambda: False)
    rig.clock.now += 100
    rig.supervisor.step(0)
    assert not rig.supervisor.process("one").running


def test_setting_error_after_a_first_run_leads_to_a_restart(
    rig: SupervisorRig, tmp_path: Path
) -> None:
    once, twice = tmp_path / "once", tmp_path / "twice"
    occupied = "echo ERROR one: the port can not be served; exit 2"
    rig.start(f"mkdir {once} && exit 1; mkdir {twice} && {{ {occupied}; }}; echo up; sleep 1000")
    for ends in (1, 2):
        rig.step_until(lambda: len(rig.delays()) == ends)  # noqa: B023 (called at once)
        rig.clock.now += 30
    rig.step_until(lambda: rig.lines()[-1] == "up")
    assert any("ended with status 2; restarting" in line for line in rig.lines())


def test_process_that_cannot_be_started_is_retried(rig: SupervisorRig) -> None:
    rig.supervisor.start(ProcessSpec("one", ["/no/such/program"], {}))
    assert "can't be started" in rig.lines()[0]
    assert len(rig.delays()) == 1


def test_terminated_process_is_not_restarted(rig: SupervisorRig) -> None:
    rig.start("trap 'echo bye; exit 0' TERM; echo run; while :; do sleep 0.01; done")
    rig.step_until(lambda: "run" in rig.lines())
    rig.supervisor.terminate(["one"], rig.clock.now + TIMEOUT_SECONDS)
    assert rig.lines() == ["run", "bye"]
    assert rig.supervisor.process("one").exit_status == 0
    rig.clock.now += 100
    rig.supervisor.step(0)
    assert not rig.supervisor.process("one").running


def test_process_that_ignores_sigterm_is_killed() -> None:
    rig = SupervisorRig()
    rig.supervisor = Supervisor(Console(rig.stream, ["one", "two"], colored=False))
    with rig.supervisor:
        rig.start("trap '' TERM; echo run; while :; do sleep 0.01; done")
        rig.step_until(lambda: "run" in rig.lines())
        rig.supervisor.terminate(["one"], time.monotonic() + 0.1)
        assert rig.supervisor.process("one").running
        rig.supervisor.kill(["one"])
        assert rig.supervisor.process("one").exit_status == -signal.SIGKILL
        assert rig.lines()[-1] == "still running after SIGTERM; killed"


def test_children_of_an_ended_process_are_killed(rig: SupervisorRig) -> None:
    read, write = os.pipe()
    try:
        rig.start("sleep 1000 & exit 1", fd=write)
        rig.step_until(lambda: len(rig.delays()) == 1)
        os.close(write)
        assert os.read(read, 1) == b"", "the end of the pipe shows that no process holds it"
    finally:
        os.close(read)


def test_end_of_the_supervisor_kills_all_processes() -> None:
    read, write = os.pipe()
    rig = SupervisorRig()
    with rig.supervisor:
        rig.start("echo run; exec sleep 1000", fd=write)
        rig.step_until(lambda: "run" in rig.lines())
    os.close(write)
    assert os.read(read, 1) == b""
    os.close(read)


def test_each_process_has_its_own_session(rig: SupervisorRig) -> None:
    rig.start("echo $$; exec sleep 1000")
    rig.step_until(lambda: bool(rig.lines()))
    assert os.getsid(int(rig.lines()[0])) != os.getsid(0)


def test_signal_ends_a_step(rig: SupervisorRig) -> None:
    signals: list[int] = []
    previous = signal.signal(signal.SIGUSR1, lambda number, _frame: signals.append(number))
    try:
        rig.start(f"kill -USR1 {os.getpid()}; exec sleep 1000")
        began = time.monotonic()
        while not signals:
            rig.supervisor.step(TIMEOUT_SECONDS)
        assert time.monotonic() - began < TIMEOUT_SECONDS / 2
    finally:
        signal.signal(signal.SIGUSR1, previous)
