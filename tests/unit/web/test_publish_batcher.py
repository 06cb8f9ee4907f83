"""Writes that arrive together share a round trip, and nothing else."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import fakeredis
import gevent
import pytest

from services.broker import Appended, Broker, Journal, Message
from services.errors import BrokerUnavailableError, JournalFullError, StripchartError
from services.position import JOURNAL_START
from services.reading import Reading
from services.settings import Settings
from services.web.write.publish_batcher import PublishBatcher

PUBLISHED = "published"


class CountingJournal(Journal):
    """A journal that counts the writes of each round trip."""

    def __init__(self, broker: Broker) -> None:
        super().__init__(broker)
        self.batch_sizes: list[int] = []

    def publish_many(self, calls: Sequence[Sequence[Message]]) -> list[Appended | StripchartError]:
        self.batch_sizes.append(len(calls))
        return super().publish_many(calls)


@pytest.fixture
def journal(settings: Settings, server: fakeredis.FakeServer) -> CountingJournal:
    """A journal of at most eight entries."""
    small = replace(settings, journal_max_entries=8)
    return CountingJournal(Broker(fakeredis.FakeRedis(server=server), small))


def messages(value: int) -> list[Message]:
    """Make one message of one reading."""
    return Message.of([Reading("a", value, float(value))])


def publish_together(batcher: PublishBatcher, count: int) -> list[str]:
    """Publish writes at the same time. Returns the result of each."""

    def publish(value: int) -> str:
        try:
            batcher.publish(messages(value))
        except StripchartError as error:
            return type(error).__name__
        return PUBLISHED

    greenlets = [gevent.spawn(publish, value) for value in range(count)]
    return [str(greenlet.get(timeout=20)) for greenlet in greenlets]


def test_concurrent_writes_share_a_round_trip(journal: CountingJournal) -> None:
    assert publish_together(PublishBatcher(journal), 5) == [PUBLISHED] * 5
    assert journal.batch_sizes == [5]
    assert len(journal.read(JOURNAL_START, 10).entries) == 5


def test_full_journal_refuses_each_write_alone(journal: CountingJournal) -> None:
    results = publish_together(PublishBatcher(journal), 10)
    assert results == [PUBLISHED] * 8 + [JournalFullError.__name__] * 2


def test_batch_is_bounded(journal: CountingJournal) -> None:
    batcher = PublishBatcher(journal, max_batch_bytes=2 * len(messages(1)[0].text))
    assert publish_together(batcher, 5) == [PUBLISHED] * 5
    assert journal.batch_sizes == [2, 2, 1]


def test_write_larger_than_a_batch_is_published_alone(journal: CountingJournal) -> None:
    batcher = PublishBatcher(journal, max_batch_bytes=1)
    assert publish_together(batcher, 2) == [PUBLISHED] * 2
    assert journal.batch_sizes == [1, 1]


def test_large_write_is_published_in_steps_while_others_are_accepted(
    journal: CountingJournal, server: fakeredis.FakeServer
) -> None:
    client: Any = fakeredis.FakeRedis(server=server)
    channel = client.pubsub(ignore_subscribe_messages=True)
    channel.subscribe("readings")
    batcher = PublishBatcher(journal)
    large = [Message(1, messages(value)[0].text.ljust(600_000)) for value in range(5)]
    batcher.publish(large)
    batcher.publish(messages(5))
    assert client.exists("readings:backlog")
    with gevent.Timeout(20):
        while client.exists("readings:backlog"):
            gevent.sleep(0.01)
        events: list[Any] = []
        while len(events) < 6:
            events += filter(None, [channel.get_message()])
    texts = [event["data"] for event in events]
    assert [json.loads(text)["readings"][0]["value"] for text in texts] == [0, 1, 2, 3, 4, 5]


def test_redis_unavailable_fails_the_whole_batch_but_not_the_next(
    journal: CountingJournal, server: fakeredis.FakeServer
) -> None:
    batcher = PublishBatcher(journal)
    server.connected = False
    assert publish_together(batcher, 3) == [BrokerUnavailableError.__name__] * 3
    server.connected = True
    assert publish_together(batcher, 3) == [PUBLISHED] * 3
