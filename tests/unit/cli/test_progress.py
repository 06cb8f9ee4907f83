"""How far a long work is, on a terminal and elsewhere."""

import io

import fakeredis
import pytest

from services.broker import Broker, Journal
from services.cli.input.progress import Progress
from services.cli.input.sender import Sender
from services.errors import BrokerUnavailableError
from services.formats.parsing.result import DecodeResult, Fault
from services.reading import Reading
from services.settings import Settings


class Terminal(io.StringIO):
    """A terminal, with a clock beside it."""

    now = 0.0

    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_it_five_times_a_second() -> None:
    terminal = Terminal()
    progress = Progress(terminal, lambda: terminal.now)
    for tick in range(8):
        terminal.now = tick / 8
        progress.show(lambda: f"{terminal.now:.2f}")
    assert terminal.getvalue().split("\r\x1b[2K") == ["", "0.00", "0.25", "0.50", "0.75"]


def test_what_is_said_takes_its_place() -> None:
    terminal = Terminal()
    progress = Progress(terminal, lambda: 0.0)
    progress.show(lambda: "half")
    progress.print_line("line 3: not a reading")
    progress.clear()
    assert terminal.getvalue() == "\r\x1b[2Khalf\r\x1b[2Kline 3: not a reading\n"


def test_elsewhere_only_what_is_said_is_written() -> None:
    stream = io.StringIO()
    progress = Progress(stream)
    progress.show(lambda: "half")
    progress.print_line("line 3: not a reading")
    progress.clear()
    assert stream.getvalue() == "line 3: not a reading\n"


class TestDelivery:
    """What was begun waits for Redis."""

    def test_it_waits_while_redis_is_away_once_it_has_begun(self, settings: Settings) -> None:
        server = fakeredis.FakeServer()
        journal = Journal(Broker(fakeredis.FakeRedis(server=server), settings))
        waits: list[float] = []

        def sleep(seconds: float) -> None:
            waits.append(seconds)
            server.connected = len(waits) == 3

        delivery = Sender(journal, Progress(io.StringIO()), sleep=sleep)
        delivery.send(DecodeResult([Reading("a", 1, 1.0)], []))
        server.connected = False
        delivery.send(DecodeResult([Reading("a", 2, 2.0), Reading("b", 2, 2.0)], [Fault(6, "no")]))
        assert len(waits) == 3
        assert delivery.summary("sent") == "sent 3 readings of 2 series, refused 1"
        assert journal.end().reading_count == 3

    def test_where_nothing_was_sent_yet_it_is_an_error(self, settings: Settings) -> None:
        server = fakeredis.FakeServer()
        server.connected = False
        journal = Journal(Broker(fakeredis.FakeRedis(server=server), settings))
        delivery = Sender(journal, Progress(io.StringIO()))
        with pytest.raises(BrokerUnavailableError):
            delivery.send(DecodeResult([Reading("a", 1, 1.0)], []))
