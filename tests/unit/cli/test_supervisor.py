"""The supervisor, with small real processes. Pauses pass on a clock that the tests set."""

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
from services.cli.supervise.supervisor import STEADY, Supervisor
from services.errors import SettingError
from tests.support.clock import FakeClock

PATIENCE = 20.0


class Scene:
    """A supervisor, its output and its clock."""

    def __init__(self) -> None:
        self.stream = io.BytesIO()
        self.clock = FakeClock()
        self.supervisor = Supervisor(
            Console(self.stream, ["one", "two"], coloured=False), self.clock
        )

    def start(self, script: str, name: str = "one", *, keep: bool = True, fd: int = 0) -> None:
        environment = {"PATH": os.environ["PATH"]}
        descriptors = (fd,) if fd else ()
        spec = ProcessSpec(name, ["sh", "-c", script], environment, descriptors)
        self.supervisor.start(spec, keep=keep)

    def lines(self, name: str = "one") -> list[str]:
        head = f"{name} | "
        text = self.stream.getvalue().decode()
        return [line.removeprefix(head) for line in text.splitlines() if line.startswith(head)]

    def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, self.stream.getvalue().decode()
            self.supervisor.step(1.0)

    def pauses(self) -> list[float]:
        return [
            float(s) for s in re.findall(r"started again in ([\d.]+) s", "\n".join(self.lines()))
        ]


@pytest.fixture
def scene() -> Iterator[Scene]:
    made = Scene()
    with made.supervisor:
        yield made


def test_no_line_is_lost_or_torn(scene: Scene) -> None:
    count = 3000
    script = f'i=0; while [ $i -lt {count} ]; do echo "$0 $i"; i=$((i+1)); done; printf last'
    scene.start(script, "one", keep=False)
    scene.start(script, "two", keep=False)
    scene.until(lambda: not any(scene.supervisor.child(n).running for n in ("one", "two")))
    expected = [f"sh {i}" for i in range(count)] + ["last"]
    assert scene.lines("one") == expected
    assert scene.lines("two") == expected


def test_a_process_that_ends_is_started_again_after_growing_pauses(scene: Scene) -> None:
    scene.start("echo run; exit 1")
    for runs in range(1, 9):
        scene.until(lambda: len(scene.pauses()) == runs)  # noqa: B023 (called at once)
        scene.supervisor.step(0)
        assert scene.lines().count("run") == runs, "started again before the pause was over"
        scene.clock.now += 30
        scene.supervisor.step(0)
    pauses = scene.pauses()
    assert 0.8 <= pauses[0] <= 1.0
    assert 1.6 <= pauses[1] <= 2.0
    assert all(24 <= pause <= 30 for pause in pauses[5:])
    assert "ended with status 1, and is started again" in scene.lines()[1]


def test_a_process_that_ran_well_is_started_again_soon(scene: Scene, tmp_path: Path) -> None:
    once, twice = tmp_path / "once", tmp_path / "twice"
    scene.start(f"mkdir {once} && exit 1; mkdir {twice} && exit 1; echo $$; exec sleep 1000")
    for failures in (1, 2):
        scene.until(lambda: len(scene.pauses()) == failures)  # noqa: B023 (called at once)
        scene.clock.now += 30
    scene.until(lambda: scene.lines()[-1:] != [] and scene.lines()[-1].isdigit())
    scene.clock.now += STEADY
    os.kill(int(scene.lines()[-1]), signal.SIGKILL)
    scene.until(lambda: len(scene.pauses()) == 3)
    assert "ended by signal 9 (Killed)" in scene.lines()[-1]
    assert scene.pauses()[-1] <= 1.0


def test_what_is_wrong_with_the_settings_is_not_tried_again(scene: Scene) -> None:
    scene.start('echo "2026-11-22T10:00:00Z ERROR one: PORT=x is no port"; exit 2')
    with pytest.raises(SettingError, match=r"^one: PORT=x is no port$"):
        scene.until(lambda: False)
    scene.clock.now += 100
    scene.supervisor.step(0)
    assert not scene.supervisor.child("one").running


def test_a_process_that_can_not_be_started_is_tried_again(scene: Scene) -> None:
    scene.supervisor.start(ProcessSpec("one", ["/no/such/program"], {}))
    assert "can't be started" in scene.lines()[0]
    assert len(scene.pauses()) == 1


def test_what_is_asked_to_end_is_not_started_again(scene: Scene) -> None:
    scene.start("trap 'echo bye; exit 0' TERM; echo run; while :; do sleep 0.01; done")
    scene.until(lambda: "run" in scene.lines())
    scene.supervisor.terminate(["one"], scene.clock.now + PATIENCE)
    assert scene.lines() == ["run", "bye"]
    assert scene.supervisor.child("one").status == 0
    scene.clock.now += 100
    scene.supervisor.step(0)
    assert not scene.supervisor.child("one").running


def test_what_does_not_end_is_killed() -> None:
    scene = Scene()
    scene.supervisor = Supervisor(Console(scene.stream, ["one", "two"], coloured=False))
    with scene.supervisor:
        scene.start("trap '' TERM; echo run; while :; do sleep 0.01; done")
        scene.until(lambda: "run" in scene.lines())
        scene.supervisor.terminate(["one"], time.monotonic() + 0.1)
        assert scene.supervisor.child("one").running
        scene.supervisor.kill(["one"])
        assert scene.supervisor.child("one").status == -signal.SIGKILL
        assert scene.lines()[-1] == "does not end by itself, and is killed"


def test_nothing_of_a_process_is_left_behind(scene: Scene) -> None:
    read, write = os.pipe()
    try:
        scene.start("sleep 1000 & exit 1", fd=write)
        scene.until(lambda: len(scene.pauses()) == 1)
        os.close(write)
        assert os.read(read, 1) == b"", "comes only when nobody holds the other end any more"
    finally:
        os.close(read)


def test_leaving_the_supervisor_ends_everything() -> None:
    read, write = os.pipe()
    scene = Scene()
    with scene.supervisor:
        scene.start("echo run; exec sleep 1000", fd=write)
        scene.until(lambda: "run" in scene.lines())
    os.close(write)
    assert os.read(read, 1) == b""
    os.close(read)


def test_a_process_has_a_session_of_its_own(scene: Scene) -> None:
    scene.start("echo $$; exec sleep 1000")
    scene.until(lambda: bool(scene.lines()))
    assert os.getsid(int(scene.lines()[0])) != os.getsid(0)


def test_a_signal_ends_a_step(scene: Scene) -> None:
    seen: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, _frame: seen.append(number))
    try:
        scene.start(f"kill -USR1 {os.getpid()}; exec sleep 1000")
        begun = time.monotonic()
        while not seen:
            scene.supervisor.step(PATIENCE)
        assert time.monotonic() - begun < PATIENCE / 2
    finally:
        signal.signal(signal.SIGUSR1, before)
