"""The sender during outages of Redis."""

import io

import fakeredis
import pytest

from services.broker import Broker, Journal
from services.cli.input.progress import Progress
from services.cli.input.sender import OutageNotice, Sender
from services.cli.supervise.fake_server import new_fake_server
from services.concurrency import Shutdown
from services.errors import BrokerUnavailableError
from services.formats.parsing.result import DecodeResult, Fault
from services.reading import Reading
from services.settings import Settings

pytestmark = pytest.mark.redis


class FakeShutdown(Shutdown):
    """A shutdown whose third wait ends an outage of Redis."""

    def __init__(self, server: fakeredis.FakeServer) -> None:
        super().__init__()
        self.waits: list[float] = []
        self._server = server

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self._server.connected = len(self.waits) == 3
        return False


def test_sender_retries_after_its_first_success(settings: Settings) -> None:
    server = new_fake_server()
    journal = Journal(Broker(fakeredis.FakeRedis(server=server), settings))
    shutdown = FakeShutdown(server)
    sender = Sender(journal, Progress(io.StringIO()), shutdown=shutdown)
    sender.send(DecodeResult([Reading("a", 1, 1.0)], []))
    server.connected = False
    sender.send(DecodeResult([Reading("a", 2, 2.0), Reading("b", 2, 2.0)], [Fault(6, "no")]))
    assert len(shutdown.waits) == 3
    assert sender.summary("sent") == "sent 3 readings of 2 series, refused 1"
    assert journal.end().reading_count == 3


def test_sender_raises_before_its_first_success(settings: Settings) -> None:
    server = new_fake_server()
    server.connected = False
    journal = Journal(Broker(fakeredis.FakeRedis(server=server), settings))
    sender = Sender(journal, Progress(io.StringIO()))
    with pytest.raises(BrokerUnavailableError):
        sender.send(DecodeResult([Reading("a", 1, 1.0)], []))


def test_outage_is_printed_once_after_three_seconds() -> None:
    stream, times = io.StringIO(), iter([0.0, 2.9, 3.1, 4.0, 5.0, 8.1])
    notice = OutageNotice(Progress(stream), lambda: next(times))
    notice.begin("Redis is down")
    notice.begin("Redis is down")
    assert stream.getvalue() == ""
    notice.begin("Redis is down")
    notice.begin("Redis is down")
    assert stream.getvalue() == "Redis is down; retrying\n"
    notice.end()
    notice.begin("Redis is down")
    notice.begin("Redis is down")
    assert stream.getvalue() == "Redis is down; retrying\n" * 2
