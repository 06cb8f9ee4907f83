"""A fault is logged once when it begins and once when it ends."""

import logging
from collections.abc import Iterator

import pytest

from services.log import FaultLog, configure

logger = logging.getLogger("tests.log")


class Clock:
    """Seconds, as they are set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fault(clock: Clock, caplog: pytest.LogCaptureFixture) -> FaultLog:
    caplog.set_level(logging.INFO)
    return FaultLog(logger, "database unavailable", "database available again", clock)


@pytest.fixture
def restored_root() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_fault_is_logged_once(
    fault: FaultLog, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    fault.begin("disk full")
    clock.now += 1.0
    fault.begin("disk still full")
    clock.now += 1.5
    fault.end("3 were late")
    fault.end()
    assert [(r.levelname, r.message) for r in caplog.records] == [
        ("WARNING", "database unavailable: disk full"),
        ("INFO", "database available again after 2.5 s: 3 were late"),
    ]


def test_end_without_a_fault_logs_nothing(
    fault: FaultLog, caplog: pytest.LogCaptureFixture
) -> None:
    fault.end()
    assert caplog.records == []


def test_a_fault_is_active_from_begin_to_end(fault: FaultLog) -> None:
    states = [fault.active]
    fault.begin("disk full")
    states.append(fault.active)
    fault.end()
    states.append(fault.active)
    assert states == [False, True, False]


def test_each_fault_is_logged(
    fault: FaultLog, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for seconds in (0.04, 9.9, 60.0):
        fault.begin("disk full")
        clock.now += seconds
        fault.end()
    messages = [r.message for r in caplog.records]
    assert messages[1::2] == [
        "database available again after 0.0 s",
        "database available again after 9.9 s",
        "database available again after 60 s",
    ]


@pytest.mark.usefixtures("restored_root")
def test_the_log_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    configure("INFO")
    logging.getLogger("writer").info("hello")
    logging.getLogger("writer").debug("unheard")
    logging.getLogger("alembic.runtime").info("unheard")
    out, err = capsys.readouterr()
    assert out.endswith("Z INFO writer: hello\n")
    assert out.count("\n") == 1
    assert err == ""
