"""Supervised sources: restarted when they fail, independent of each other."""

import logging
import sys
import threading

import pytest

from services.concurrency import Backoff
from services.errors import SettingError, SourceError
from services.producer.source_context import SourceContext
from services.reading import Reading
from tests.support.source_contexts import SourceRunner
from tests.support.waiting import TIMEOUT_SECONDS, wait_until


@pytest.mark.long
def test_failing_source_is_restarted_and_logged_once(
    runner: SourceRunner, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    attempts: list[int] = []

    def run(feed: SourceContext) -> None:
        attempts.append(1)
        if len(attempts) < 3:
            raise SourceError("the sensor is unplugged")
        feed.put([Reading("a", 1, 1.0)])

    runner.start(run)
    wait_until("the third attempt succeeds", lambda: runner.readings)
    wait_until("the recovery is logged", lambda: "source test works again" in caplog.text)
    assert len(attempts) == 3
    messages = [record.getMessage() for record in caplog.records]
    assert messages[0] == "source test failed: the sensor is unplugged"
    assert messages[1].startswith("source test works again after ")
    assert len(messages) == 2


def test_other_reasons_of_a_failure_are_logged_once_each(
    runner: SourceRunner, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(Backoff, "next_delay", lambda _self: 0.0)
    reasons = iter(["unplugged", "unplugged", "locked", "unplugged", "locked"])

    def run(feed: SourceContext) -> None:
        reason = next(reasons, None)
        if reason is not None:
            raise SourceError(reason)
        feed.well()

    source = runner.start(run)
    source.join(TIMEOUT_SECONDS)
    assert caplog.messages[:2] == [
        "source test failed: unplugged",
        "source test still fails: locked",
    ]
    assert len(caplog.messages) == 3


def test_failing_source_does_not_stop_the_others(runner: SourceRunner) -> None:
    def broken(_feed: SourceContext) -> None:
        raise RuntimeError("a bug")

    def working(feed: SourceContext) -> None:
        for ts in feed.every(0.1):
            feed.put([Reading("a", ts, 1.0)])

    runner.start(broken)
    runner.start(working)
    wait_until("the other continues", lambda: len(runner.readings) >= 5)


def test_source_that_exits_does_not_stop_the_producer(runner: SourceRunner) -> None:
    source = runner.start(lambda _feed: sys.exit(3))
    wait_until("the source ends", lambda: not source.running)
    source.join(TIMEOUT_SECONDS)
    assert not runner.stop.requested


def test_setting_error_stops_the_producer(runner: SourceRunner) -> None:
    def run(_feed: SourceContext) -> None:
        raise SettingError("STRIPCHART_COMMANDS has no rule")

    source = runner.start(run)
    wait_until("the shutdown is requested", lambda: runner.stop.requested)
    with pytest.raises(SettingError, match="has no rule"):
        source.join(TIMEOUT_SECONDS)


def test_shutdown_ends_the_delay_before_a_restart(runner: SourceRunner) -> None:
    failed = threading.Event()

    def run(_feed: SourceContext) -> None:
        failed.set()
        raise SourceError("the sensor is unplugged")

    source = runner.start(run)
    assert failed.wait(TIMEOUT_SECONDS)
    runner.stop.request()
    source.join(TIMEOUT_SECONDS)
    assert not source.running
