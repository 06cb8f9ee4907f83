"""Writes that come at the same time share a round trip, and nothing else."""

from collections.abc import Sequence
from dataclasses import replace

import fakeredis
import gevent
import pytest

from services.broker import Broker, Journal, Message
from services.errors import BrokerUnavailableError, JournalFullError, StripchartError
from services.position import JOURNAL_START, Cursor
from services.reading import Reading
from services.settings import Settings
from services.web.write import publish_batcher
from services.web.write.publish_batcher import PublishBatcher


class Watched(Journal):
    """A journal that notes how many calls each round trip had."""

    def __init__(self, broker: Broker) -> None:
        super().__init__(broker)
        self.lots: list[int] = []

    def publish_many(self, calls: Sequence[Sequence[Message]]) -> list[Cursor | StripchartError]:
        self.lots.append(len(calls))
        return super().publish_many(calls)


@pytest.fixture
def server() -> fakeredis.FakeServer:
    return fakeredis.FakeServer()


@pytest.fixture
def journal(settings: Settings, server: fakeredis.FakeServer) -> Watched:
    small = replace(settings, journal_max_entries=8)
    return Watched(Broker(fakeredis.FakeRedis(server=server), small))


def messages(value: int) -> list[Message]:
    """One message of one reading."""
    return Message.of([Reading("a", value, float(value))])


def outcomes(office: PublishBatcher, size: int) -> list[str]:
    """What so many writes at once came to."""

    def send(value: int) -> str:
        try:
            office.publish(messages(value))
        except StripchartError as error:
            return type(error).__name__
        return "taken"

    writers = [gevent.spawn(send, value) for value in range(size)]
    return [str(writer.get(timeout=20)) for writer in writers]


def test_what_comes_together_goes_together(journal: Watched) -> None:
    assert outcomes(PublishBatcher(journal), 5) == ["taken"] * 5
    assert journal.lots == [5]
    assert len(journal.read(JOURNAL_START, 10).entries) == 5


def test_each_is_refused_by_itself(journal: Watched) -> None:
    assert outcomes(PublishBatcher(journal), 10) == ["taken"] * 8 + [JournalFullError.__name__] * 2


def test_a_lot_is_bounded_but_takes_one_of_any_size(
    journal: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish_batcher, "_MOST_BYTES", 2 * len(messages(1)[0].text))
    assert outcomes(PublishBatcher(journal), 5) == ["taken"] * 5
    assert journal.lots == [2, 2, 1]
    monkeypatch.setattr(publish_batcher, "_MOST_BYTES", 1)
    assert outcomes(PublishBatcher(journal), 2) == ["taken"] * 2


def test_all_of_a_lot_learn_that_redis_is_away_and_the_next_may_be_taken(
    journal: Watched, server: fakeredis.FakeServer
) -> None:
    office = PublishBatcher(journal)
    server.connected = False
    assert outcomes(office, 3) == [BrokerUnavailableError.__name__] * 3
    server.connected = True
    assert outcomes(office, 3) == ["taken"] * 3
