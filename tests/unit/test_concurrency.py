"""Stopping, and waiting between attempts."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from services.concurrency import Backoff, Shutdown

LONG = 30.0


@pytest.fixture
def restored_signals() -> Iterator[None]:
    before = [(number, signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGINT)]
    yield
    for number, handler in before:
        signal.signal(number, handler)


def test_a_wait_ends_when_its_time_is_over() -> None:
    stop = Shutdown()
    begun = time.monotonic()
    assert stop.wait(0.05) is False
    assert time.monotonic() - begun >= 0.04
    assert stop.wait(-1.0) is False
    assert not stop.requested


def test_a_request_ends_a_wait_at_once() -> None:
    stop = Shutdown()
    asking = threading.Timer(0.05, stop.request)
    begun = time.monotonic()
    asking.start()
    assert stop.wait(LONG) is True
    assert time.monotonic() - begun < LONG / 2
    asking.join()


def test_after_a_request_nothing_waits() -> None:
    stop = Shutdown()
    stop.request()
    stop.request()
    assert stop.requested
    assert stop.wait(LONG) is True
    assert stop.wait(LONG) is True


def test_a_request_ends_all_waits() -> None:
    stop = Shutdown()
    waiting = [threading.Thread(target=stop.wait, args=[LONG]) for _ in range(3)]
    for thread in waiting:
        thread.start()
    stop.request()
    for thread in waiting:
        thread.join(LONG / 2)
        assert not thread.is_alive()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.usefixtures("restored_signals")
def test_signals_ask_to_stop(number: signal.Signals) -> None:
    stop = Shutdown()
    stop.install_signal_handlers()
    os.kill(os.getpid(), number)
    assert stop.wait(LONG) is True
    assert stop.requested


def test_a_stop_leaves_no_descriptors_behind() -> None:
    before = len(list(Path("/dev/fd").iterdir()))
    for _ in range(100):
        Shutdown().request()
    # Each has two; threads of other tests may have opened some meanwhile.
    assert len(list(Path("/dev/fd").iterdir())) < before + 100


def test_pauses_double_up_to_the_most() -> None:
    backoff = Backoff(0.5, 4.0)
    pauses = [backoff.next_delay() for _ in range(6)]
    for pause, longest in zip(pauses, [0.5, 1.0, 2.0, 4.0, 4.0, 4.0], strict=True):
        assert 0.8 * longest <= pause <= longest
    assert all(later > earlier for earlier, later in pairwise(pauses[:4]))


def test_a_success_starts_the_pauses_anew() -> None:
    backoff = Backoff(0.5, 4.0)
    for _ in range(5):
        backoff.next_delay()
    backoff.reset()
    assert backoff.next_delay() <= 0.5
