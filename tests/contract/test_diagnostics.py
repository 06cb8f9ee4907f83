"""Diagnostics of Redis, the journal, the dead letters, the lease and the jobs."""

import logging
import time
from dataclasses import replace

import fakeredis
import pytest

from services.broker import Broker, Journal, Lease, Message
from services.broker.dead_letters import count_dead_letters
from services.broker.diagnostics import (
    read_journal_stats,
    read_lease_holder,
    read_redis_info,
)
from services.cli.supervise.fake_server import new_fake_server
from services.concurrency import Shutdown
from services.errors import BrokerUnavailableError
from services.jobs.queue import JobQueue
from services.jobs.worker import JobWorker
from services.log import FaultLog
from services.reading import Reading
from services.settings import Settings
from tests.support.journals import JOURNAL, STATE
from tests.support.redis_server import RedisServer


@pytest.mark.redis
def test_server_reports_its_configuration(redis_server: RedisServer, settings: Settings) -> None:
    broker = Broker.connect(replace(settings, redis_url=redis_server.url))
    server = read_redis_info(broker)
    assert server is not None
    assert server.name in ("Redis", "Valkey")
    assert server.version[0].isdigit()
    assert (server.max_bytes, server.append_only, server.can_save) == (0, True, True)
    assert abs(server.clock_ahead_seconds) < 30
    redis_server.client.config_set("maxmemory", "50mb")
    redis_server.client.config_set("maxmemory-policy", "allkeys-lru")
    redis_server.client.config_set("appendonly", "no")
    server = read_redis_info(broker)
    assert server is not None
    assert (server.max_bytes, server.eviction_policy) == (50 * 1024 * 1024, "allkeys-lru")
    assert server.used_bytes > 0
    assert not server.append_only
    redis_server.kill()
    with pytest.raises(BrokerUnavailableError):
        read_redis_info(broker)
    broker.close()


def test_stand_in_reports_nothing(settings: Settings) -> None:
    client = fakeredis.FakeRedis(server=new_fake_server())
    assert read_redis_info(Broker(client, settings)) is None


def test_journal_stats_count_entries_and_bytes(broker: Broker, journal: Journal) -> None:
    stats = read_journal_stats(broker)
    assert (stats.epoch, stats.entries, stats.size_bytes, stats.last_sequence, stats.newest) == (
        None,
        0,
        0,
        0,
        None,
    )
    for place in range(3):
        end = journal.publish(Message.of([Reading("kitchen", (10 + place) * 1_000_000, 1.5)]))
    text = len(Message.of([Reading("kitchen", 10_000_000, 1.5)])[0].text)
    stats = read_journal_stats(broker)
    assert (stats.epoch, stats.entries, stats.last_sequence) == (end.epoch, 3, 3)
    assert stats.newest == end.entry
    # As the bound counts: without the first entry.
    assert stats.size_bytes == 2 * text
    broker.client.xtrim(JOURNAL, maxlen=1, approximate=False)
    stats = read_journal_stats(broker)
    assert (stats.entries, stats.size_bytes, stats.last_sequence) == (1, 0, 3)


def test_numbers_beyond_16_digits_in_the_journal_count_as_zero(
    broker: Broker, journal: Journal
) -> None:
    text = Message.of([Reading("kitchen", 10_000_000, 1.5)])
    journal.publish(text)
    broker.client.xtrim(JOURNAL, maxlen=0, approximate=False)
    broker.client.xadd(JOURNAL, {"m": "{}", "n": 2, "r": 1, "b": 10**16})
    assert read_journal_stats(broker).size_bytes == len(text[0].text)
    broker.client.hset(STATE, "n", 10**16)
    assert read_journal_stats(broker).last_sequence == 0


def test_key_of_another_type_raises_broker_unavailable(broker: Broker) -> None:
    broker.client.set(JOURNAL, "mine")
    with pytest.raises(BrokerUnavailableError, match="WRONGTYPE"):
        read_journal_stats(broker)


def test_dead_letters_are_counted_since_a_time(broker: Broker, journal: Journal) -> None:
    assert count_dead_letters(broker, 0) == 0
    journal.add_dead_letters([(b"x", "not JSON"), (b"y", "not JSON")], "channel")
    now = int(time.time() * 1000)
    assert count_dead_letters(broker, now - 60_000) == 2
    assert count_dead_letters(broker, now + 60_000) == 0


def test_lease_holder_is_the_identity_of_its_database(broker: Broker) -> None:
    assert read_lease_holder(broker) is None
    lease = Lease(broker, "cafe1234")
    lease.acquire()
    assert read_lease_holder(broker) == "cafe1234"
    lease.release()
    assert read_lease_holder(broker) is None


def test_registered_worker_has_a_heartbeat(broker: Broker) -> None:
    queue = JobQueue(broker)
    assert queue.worker_heartbeats() == []
    fault = FaultLog(logging.getLogger("jobs"), "queue unavailable", "queue available again")
    worker = JobWorker(queue, Shutdown(), fault)
    worker.register()
    (heard,) = queue.worker_heartbeats()
    assert abs(time.time() - heard) < 30
    worker.unregister()
    assert queue.worker_heartbeats() == []
    assert queue.count_failed() == 0
