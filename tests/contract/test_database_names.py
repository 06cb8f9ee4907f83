"""The names of InfluxDB's databases in Redis."""

from unittest.mock import Mock

import pytest

from services.broker import MAX_DATABASE_NAME_CHARS, Broker, DatabaseNames
from services.broker.database_names import MAX_DATABASE_NAMES
from services.errors import BrokerRefusedError

HOUR = 3_600.0


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_763_793_660.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_processes_and_restarts_share_the_names(broker: Broker) -> None:
    one, other = DatabaseNames(broker), DatabaseNames(broker)
    one.add("telegraf")
    other.add("häuser und mehr")
    assert one.read_all() == other.read_all() == ["häuser und mehr", "telegraf"]
    assert DatabaseNames(broker).read_all() == ["häuser und mehr", "telegraf"]


def test_new_name_replaces_the_one_unused_for_longest(broker: Broker, clock: Clock) -> None:
    names = DatabaseNames(broker, clock)
    for i in range(MAX_DATABASE_NAMES):
        clock.now += 1
        names.add(f"db{i:03}")
    clock.now += HOUR
    names.add("db000")
    names.add("another")
    kept = names.read_all()
    assert len(kept) == MAX_DATABASE_NAMES
    assert {"another", "db000", "db002"} <= set(kept)
    assert "db001" not in kept


def test_name_in_use_returns_after_a_flood_of_names(broker: Broker, clock: Clock) -> None:
    names, flood = DatabaseNames(broker, clock), DatabaseNames(broker, clock)
    names.add("home")
    clock.now += 1
    for i in range(3 * MAX_DATABASE_NAMES):
        flood.add(f"flood{i}")
    assert "home" not in names.read_all()
    clock.now += HOUR
    names.add("home")
    assert "home" in names.read_all()
    assert broker.client.zcard("readings:databases") == MAX_DATABASE_NAMES


def test_known_name_does_not_reach_redis(broker: Broker, clock: Clock) -> None:
    names = DatabaseNames(broker, clock)
    names.add("home")
    names._client = Mock()
    clock.now += HOUR - 1
    names.add("home")
    assert not names._client.method_calls


def test_memory_of_a_process_is_bounded(broker: Broker) -> None:
    names = DatabaseNames(broker)
    for i in range(3 * MAX_DATABASE_NAMES):
        names.add(f"flood{i}")
    assert len(names._added_at) <= MAX_DATABASE_NAMES


def test_long_and_empty_names_are_not_kept(broker: Broker) -> None:
    names = DatabaseNames(broker)
    longest = "ü" * MAX_DATABASE_NAME_CHARS
    for name in ("", longest, f"{longest}x"):
        names.add(name)
    assert names.read_all() == [longest]


def test_key_of_another_type_is_refused_with_a_hint(broker: Broker) -> None:
    broker.client.set("readings:databases", "mine")
    names = DatabaseNames(broker)
    for call in (lambda: names.add("home"), names.read_all):
        with pytest.raises(BrokerRefusedError, match="another type"):
            call()
    assert broker.client.get("readings:databases") == b"mine"


def test_failure_is_not_repeated_with_every_write(broker: Broker, clock: Clock) -> None:
    broker.client.set("readings:databases", "mine")
    names = DatabaseNames(broker, clock)
    names.try_add("home")
    broker.client.delete("readings:databases")
    clock.now += 9
    names.try_add("home")
    assert names.read_all() == []
    clock.now += 2
    names.try_add("home")
    assert names.read_all() == ["home"]
