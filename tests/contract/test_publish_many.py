"""Calls that share a round trip are accepted or refused one by one."""

from dataclasses import replace

import pytest

from services.broker import Appended, Broker, Journal, Message, Subscription
from services.errors import BrokerUnavailableError, JournalFullError
from services.settings import Settings
from tests.support.journals import (
    message,
    messages_between,
    next_texts,
    nothing_announced,
    times,
    with_bound,
)
from tests.support.redis_server import RedisServer


def test_each_call_gets_its_cursor_in_order(journal: Journal, channel: Subscription) -> None:
    first, second = journal.publish_many([[message(1), message(2)], [message(3)]])
    assert isinstance(first, Appended)
    assert isinstance(second, Appended)
    assert first.cursor.epoch == second.cursor.epoch
    assert first.cursor.entry < second.cursor.entry
    assert times(journal) == [1, 2, 3]
    assert len(next_texts(channel, 3)) == 3


def test_call_that_does_not_fit_leaves_the_others_alone(
    broker: Broker, channel: Subscription
) -> None:
    journal = Journal(with_bound(broker, entries=3))
    calls = [[message(1)], messages_between(2, 5), [message(5), message(6)], [message(7)]]
    answers = journal.publish_many(calls)
    assert [type(answer) for answer in answers] == [
        Appended,
        JournalFullError,
        Appended,
        JournalFullError,
    ]
    assert times(journal) == [1, 5, 6]
    assert len(next_texts(channel, 3)) == 3
    assert nothing_announced(broker, channel)


def test_forgotten_scripts_are_loaded_again(broker: Broker, journal: Journal) -> None:
    journal.publish([message(1)])
    broker.client.script_flush()
    answers = journal.publish_many([[message(2)], [message(3)]])
    assert [type(answer) for answer in answers] == [Appended, Appended]
    assert times(journal) == [1, 2, 3]


@pytest.mark.redis
def test_unavailable_redis_raises_for_all_calls(
    settings: Settings, redis_server: RedisServer
) -> None:
    journal = Journal(Broker.connect(replace(settings, redis_url=redis_server.url)))
    calls: list[list[Message]] = [[message(1)], [message(2)]]
    journal.publish_many(calls)
    redis_server.kill()
    with pytest.raises(BrokerUnavailableError):
        journal.publish_many(calls)
