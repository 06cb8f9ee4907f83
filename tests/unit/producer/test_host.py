"""The source `host`, on the machine that runs the tests."""

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest

from services.producer.sources import host
from services.settings import Settings
from tests.support.source_contexts import SourceRunner
from tests.support.waiting import wait_until


@pytest.fixture
def runner(settings: Settings) -> Iterator[SourceRunner]:
    made = SourceRunner(replace(settings, host_seconds=0.1, host_name="box"))
    yield made
    made.end()


def test_every_part_of_the_machine_is_published(runner: SourceRunner) -> None:
    runner.start(host.run)
    expected = {"box.cpu", "box.memory", "box.disk", "box.network.received", "box.network.sent"}
    wait_until("every series has readings", lambda: expected <= {r.series for r in runner.readings})
    for reading in runner.readings:
        assert math.isfinite(reading.value)
        assert reading.value >= 0 or reading.unit == "°C"
        assert reading.unit in ("%", "B/s", "°C")
        if reading.unit == "%":
            assert reading.value <= 100


def test_rate_needs_two_counts_that_increase() -> None:
    counters = {"network.sent": 1_000}
    now = 10.0
    probe = host.rate_probe(lambda: dict(counters), lambda: now)
    assert list(probe()) == []
    now, counters["network.sent"] = 12.0, 5_000
    assert list(probe()) == [host.HostValue("network.sent", 2_000.0, "B/s")]
    # An interface that was removed and returned counts from zero.
    now, counters["network.sent"] = 14.0, 100
    assert list(probe()) == []
    now, counters["network.sent"] = 16.0, 300
    assert list(probe()) == [host.HostValue("network.sent", 100.0, "B/s")]


def test_part_that_cannot_be_read_does_not_affect_the_others(
    runner: SourceRunner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError("not permitted")

    monkeypatch.setattr("psutil.virtual_memory", refuse)
    runner.start(host.run)
    wait_until("the other parts are published", lambda: len(runner.readings) >= 10)
    assert "box.memory" not in {r.series for r in runner.readings}
    messages = [record.getMessage() for record in caplog.records]
    assert messages == ["host memory unavailable: not permitted"]
