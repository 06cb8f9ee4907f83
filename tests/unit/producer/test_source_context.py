"""The source context: which readings it publishes, and when it waits."""

import threading
from collections.abc import Callable

import fakeredis
import pytest

from services.broker import Broker, Journal
from services.cli.supervise.fake_server import new_fake_server
from services.concurrency import Shutdown
from services.errors import BrokerUnavailableError
from services.producer.outbox import Outbox
from services.producer.source_context import SourceContext
from services.reading import Reading
from services.settings import Settings
from tests.support.source_contexts import SourceRunner
from tests.support.waiting import wait_until


@pytest.mark.parametrize(
    ("reading", "reason"),
    [
        (Reading("", 1, 1.0), "series must not be empty"),
        (Reading("a\x00", 1, 1.0), "control characters"),
        (Reading("a", 1, float("nan")), "value must be a finite number"),
        (Reading("a", 1, 1.0, "x" * 51), "unit must have at most 50"),
    ],
)
def test_invalid_reading_is_left_out_and_logged_once(
    runner: SourceRunner, caplog: pytest.LogCaptureFixture, reading: Reading, reason: str
) -> None:
    context = runner.context()
    for _ in range(3):
        context.put([reading, Reading("good", 1, 1.0)])
    assert [r.series for r in runner.readings] == ["good"] * 3
    assert len(caplog.records) == 1
    assert reason in caplog.records[0].getMessage()


def test_patient_source_loses_no_reading(settings: Settings) -> None:
    server = new_fake_server()
    outbox = Outbox(Journal(Broker(fakeredis.FakeRedis(server=server), settings)), 100)
    context = SourceContext("test", settings, outbox, Shutdown())
    server.connected = False
    readings = [Reading("a", ts, 1.0) for ts in range(1_000)]
    thread = threading.Thread(target=context.put_patiently, args=[readings])
    thread.start()
    wait_until("the outbox is full", lambda: len(outbox) == 100)
    with pytest.raises(BrokerUnavailableError):
        outbox.flush()
    server.connected = True

    def is_done() -> bool:
        outbox.flush()
        return not thread.is_alive()

    wait_until("all readings are sent", is_done)
    outbox.flush()
    assert outbox.dropped == 0
    hget: Callable[..., object] = fakeredis.FakeRedis(server=server).hget
    assert hget("readings:state", "r") == b"1000"
