"""The host's own readings, from the machine that the tests run on."""

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest

from services.producer.sources import host
from services.settings import Settings
from tests.support.servers import wait_until
from tests.support.source_contexts import Feeding


@pytest.fixture
def feeding(settings: Settings) -> Iterator[Feeding]:
    made = Feeding(replace(settings, host_seconds=0.1, host_name="box"))
    yield made
    made.end()


def test_a_newcomer_sees_the_machine_at_once(feeding: Feeding) -> None:
    feeding.start(host.run)
    wanted = {"box.cpu", "box.memory", "box.disk", "box.network.received", "box.network.sent"}
    wait_until("all of them are put", lambda: wanted <= {r.series for r in feeding.readings})
    for reading in feeding.readings:
        assert math.isfinite(reading.value)
        assert reading.value >= 0 or reading.unit == "°C"
        assert reading.unit in ("%", "B/s", "°C")
        if reading.unit == "%":
            assert reading.value <= 100


def test_a_rate_needs_two_looks_and_counters_that_go_up() -> None:
    counters = {"network.sent": 1_000}
    now = 10.0
    probe = host.rates(lambda: dict(counters), lambda: now)
    assert list(probe()) == []
    now, counters["network.sent"] = 12.0, 5_000
    assert list(probe()) == [host.HostValue("network.sent", 2_000.0, "B/s")]
    # An interface that went away and came back counts from nothing.
    now, counters["network.sent"] = 14.0, 100
    assert list(probe()) == []
    now, counters["network.sent"] = 16.0, 300
    assert list(probe()) == [host.HostValue("network.sent", 100.0, "B/s")]


def test_a_part_that_cannot_be_read_leaves_the_others(
    feeding: Feeding, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError("not for you")

    monkeypatch.setattr("psutil.virtual_memory", refuse)
    feeding.start(host.run)
    wait_until("the others are put", lambda: len(feeding.readings) >= 10)
    assert "box.memory" not in {r.series for r in feeding.readings}
    told = [record.getMessage() for record in caplog.records]
    assert told == ["host memory unavailable: not for you"]
