"""The producer process: when it ends."""

import logging
import threading
from dataclasses import replace

import pytest

from services.concurrency import Shutdown
from services.producer.main import produce
from services.settings import Settings
from tests.support.waiting import TIMEOUT_SECONDS, wait_until


def test_producer_without_sources_runs_until_the_shutdown(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    shutdown = Shutdown()
    thread = threading.Thread(target=produce, args=[replace(settings, sources=()), shutdown])
    thread.start()
    wait_until("the log mentions it", lambda: "publishing from no source" in caplog.text)
    thread.join(0.5)
    assert thread.is_alive()
    shutdown.request()
    thread.join(TIMEOUT_SECONDS)
    assert not thread.is_alive()
