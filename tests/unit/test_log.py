"""Faults, changes and counts are logged once instead of again and again."""

import logging
from collections.abc import Iterator

import pytest

from services.log import ChangeLog, FaultLog, RateLimitedCount, configure, message_counts
from tests.support.clock import FakeClock

logger = logging.getLogger("tests.log")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def fault(clock: FakeClock, caplog: pytest.LogCaptureFixture) -> FaultLog:
    caplog.set_level(logging.INFO)
    return FaultLog(logger, "database unavailable", "database available again", clock)


@pytest.fixture
def restored_root() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_fault_is_logged_at_its_start_and_end_only(
    fault: FaultLog, clock: FakeClock, caplog: pytest.LogCaptureFixture
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


def test_end_without_fault_logs_nothing(fault: FaultLog, caplog: pytest.LogCaptureFixture) -> None:
    fault.end()
    assert caplog.records == []


def test_fault_is_active_from_begin_to_end(fault: FaultLog) -> None:
    states = [fault.active]
    fault.begin("disk full")
    states.append(fault.active)
    fault.end()
    states.append(fault.active)
    assert states == [False, True, False]


def test_each_new_fault_is_logged_with_duration(
    fault: FaultLog, clock: FakeClock, caplog: pytest.LogCaptureFixture
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
def test_messages_are_counted_from_warnings_on() -> None:
    configure("INFO")
    for level in (logging.INFO, logging.WARNING, logging.ERROR, logging.ERROR):
        logger.log(level, "x")
    assert message_counts() == {"WARNING": 1, "ERROR": 2, "CRITICAL": 0}


@pytest.mark.usefixtures("restored_root")
def test_log_is_written_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    configure("INFO")
    logging.getLogger("writer").info("hello")
    logging.getLogger("writer").debug("unheard")
    logging.getLogger("alembic.runtime").info("unheard")
    out, err = capsys.readouterr()
    assert out.endswith("Z INFO writer: hello\n")
    assert out.count("\n") == 1
    assert err == ""


def test_count_is_logged_at_once_then_once_a_minute(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    refused = RateLimitedCount(logger, "%d refused", 60.0, clock)
    for count in (0, 2, 2, 50, 51):
        refused.update(count)
    clock.now += 61.0
    for count in (60, 61):
        refused.update(count)
    refused.flush()
    refused.flush()
    assert [record.message for record in caplog.records] == [
        "2 refused",
        "58 refused",
        "1 refused",
    ]


def test_sentence_is_logged_when_it_changes(caplog: pytest.LogCaptureFixture) -> None:
    changes = ChangeLog(logger)
    for subject, sentence in [
        ("a", "x"),
        ("a", "x"),
        ("b", "x"),
        ("a", "y"),
        ("a", ""),
        ("a", "y"),
    ]:
        changes.log(logging.WARNING, subject, sentence)
    assert [record.message for record in caplog.records] == ["x", "x", "y", "y"]
