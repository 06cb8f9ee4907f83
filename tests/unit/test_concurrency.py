"""Shutdown, retries, rate limits and threads."""

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from services.concurrency import Backoff, Retry, ServiceThread, Shutdown, Ticker, TokenBucket
from services.errors import BrokerUnavailableError, SettingError
from services.log import FaultLog
from tests.support.clock import FakeClock

LONG = 30.0


@pytest.fixture
def restored_signals() -> Iterator[None]:
    before = [(number, signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGINT)]
    yield
    for number, handler in before:
        signal.signal(number, handler)


def test_wait_ends_after_its_time() -> None:
    shutdown = Shutdown()
    begun = time.monotonic()
    assert shutdown.wait(0.05) is False
    assert time.monotonic() - begun >= 0.04
    assert shutdown.wait(-1.0) is False
    assert not shutdown.requested


def test_request_ends_wait_at_once() -> None:
    shutdown = Shutdown()
    timer = threading.Timer(0.05, shutdown.request)
    begun = time.monotonic()
    timer.start()
    assert shutdown.wait(LONG) is True
    assert time.monotonic() - begun < LONG / 2
    timer.join()


def test_wait_after_request_returns_at_once() -> None:
    shutdown = Shutdown()
    shutdown.request()
    shutdown.request()
    assert shutdown.requested
    assert shutdown.wait(LONG) is True
    assert shutdown.wait(LONG) is True


def test_request_ends_waits_of_all_threads() -> None:
    shutdown = Shutdown()
    threads = [threading.Thread(target=shutdown.wait, args=[LONG]) for _ in range(3)]
    for thread in threads:
        thread.start()
    shutdown.request()
    for thread in threads:
        thread.join(LONG / 2)
        assert not thread.is_alive()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.usefixtures("restored_signals")
def test_signal_requests_shutdown(number: signal.Signals) -> None:
    shutdown = Shutdown()
    shutdown.install_signal_handlers()
    os.kill(os.getpid(), number)
    assert shutdown.wait(LONG) is True
    assert shutdown.requested


def test_shutdown_leaves_no_descriptors_open() -> None:
    before = len(list(Path("/dev/fd").iterdir()))
    for _ in range(100):
        Shutdown().request()
    # Each has two. Threads of other tests may have opened some in the meantime.
    assert len(list(Path("/dev/fd").iterdir())) < before + 100


def test_delays_double_up_to_maximum() -> None:
    backoff = Backoff(0.5, 4.0)
    delays = [backoff.next_delay() for _ in range(6)]
    for delay, max_seconds in zip(delays, [0.5, 1.0, 2.0, 4.0, 4.0, 4.0], strict=True):
        assert 0.8 * max_seconds <= delay <= max_seconds
    assert all(later > earlier for earlier, later in pairwise(delays[:4]))


def test_reset_starts_with_shortest_delay() -> None:
    backoff = Backoff(0.5, 4.0)
    for _ in range(5):
        backoff.next_delay()
    backoff.reset()
    assert backoff.next_delay() <= 0.5


class TestTokenBucket:
    def test_steady_use_below_rate_never_waits(self) -> None:
        clock = FakeClock()
        bucket = TokenBucket(20, 200, clock)
        for _ in range(1_000):
            assert bucket.delay() == 0
            bucket.take()
            clock.now += 0.05

    def test_long_burst_is_slowed_to_rate(self) -> None:
        clock = FakeClock()
        bucket = TokenBucket(20, 200, clock)
        waited = 0.0
        for number in range(1_000):
            delay = bucket.delay()
            assert delay <= 0.05 + 1e-9
            assert delay == 0 or number >= 200
            waited += delay
            clock.now += delay
            bucket.take()
        assert waited == pytest.approx(800 / 20, rel=0.01)

    def test_idle_bucket_fills_again(self) -> None:
        clock = FakeClock()
        bucket = TokenBucket(20, 200, clock)
        for _ in range(200):
            bucket.take()
        assert bucket.delay() == pytest.approx(0.05)
        clock.now += 3_600
        assert bucket.delay() == 0


def test_ticker_is_due_at_once_then_once_a_period() -> None:
    clock = FakeClock()
    ticker = Ticker(10.0, clock)
    assert [ticker.is_due(), ticker.is_due()] == [True, False]
    clock.now += 9.9
    assert not ticker.is_due()
    clock.now += 500
    assert [ticker.is_due(), ticker.is_due()] == [True, False]


class TestServiceThread:
    def test_failure_requests_shutdown_and_join_raises_it(self) -> None:
        shutdown = Shutdown()

        def fail(_: Shutdown) -> None:
            raise SettingError("no such topic")

        thread = ServiceThread("test", fail, shutdown)
        thread.start()
        assert shutdown.wait(LONG)
        with pytest.raises(SettingError, match="no such topic"):
            thread.join(LONG)
        assert not thread.running

    def test_target_runs_until_shutdown(self) -> None:
        shutdown = Shutdown()

        def wait(stop: Shutdown) -> None:
            stop.wait(LONG)

        thread = ServiceThread("test", wait, shutdown)
        thread.start()
        assert thread.running
        shutdown.request()
        thread.join(LONG)
        assert not thread.running

    def test_thread_that_never_started_can_be_joined(self) -> None:
        thread = ServiceThread("test", lambda _: None, Shutdown())
        thread.join(LONG)
        assert not thread.running


class TestRetry:
    @pytest.fixture
    def shutdown(self) -> Shutdown:
        return Shutdown()

    @pytest.fixture
    def retry(self, shutdown: Shutdown, caplog: pytest.LogCaptureFixture) -> Retry:
        caplog.set_level(logging.INFO)
        fault = FaultLog(logging.getLogger("tests"), "away", "back again")
        return Retry(shutdown, fault, Backoff(0.001, 0.002))

    def test_attempt_is_repeated_until_it_succeeds(
        self, retry: Retry, caplog: pytest.LogCaptureFixture
    ) -> None:
        errors = [BrokerUnavailableError("no route"), BrokerUnavailableError("no route")]

        def attempt() -> str:
            if errors:
                raise errors.pop()
            return "done"

        assert retry.until_stopped(attempt, lambda error: error.transient) == "done"
        assert [record.message.split(" after")[0] for record in caplog.records] == [
            "away: no route",
            "back again",
        ]

    def test_error_that_is_not_transient_is_raised(self, retry: Retry) -> None:
        def attempt() -> None:
            raise SettingError("wrong")

        with pytest.raises(SettingError):
            retry.until_stopped(attempt, lambda error: error.transient)

    def test_shutdown_ends_attempts(self, retry: Retry, shutdown: Shutdown) -> None:
        def attempt() -> None:
            shutdown.request()
            raise BrokerUnavailableError("no route")

        assert retry.until_stopped(attempt, lambda error: error.transient) is None
