"""Commands over a connection that is kept: as safe as those over a connection of the pool."""

import threading
from dataclasses import replace
from typing import Any

import pytest
import redis

import services.broker.round_trip
from services.broker import Broker
from services.broker.connection import close_idle_connections
from services.broker.round_trip import RoundTrip
from services.settings import Settings
from tests.support.redis_proxy import RedisProxy
from tests.support.redis_server import RedisServer
from tests.support.waiting import wait_until


@pytest.fixture
def round_trip(broker: Broker) -> RoundTrip:
    return RoundTrip(broker.client)


def connection_id(round_trip: RoundTrip) -> Any:
    """Return the id of the connection that the next commands use."""
    (number,) = round_trip.run([("CLIENT", "ID")])
    return number


def test_responses_are_in_order_and_an_error_is_one_of_them(round_trip: RoundTrip) -> None:
    large = b"x" * 300_000
    commands = [("SET", "a", large), ("INCR", "a"), ("GET", "a"), ("STRLEN", b"a")]
    stored, error, text, length = round_trip.run(commands)
    assert isinstance(error, redis.exceptions.ResponseError)
    assert (stored, text, length) == (b"OK", large, len(large))


def test_transaction_returns_its_responses(round_trip: RoundTrip) -> None:
    assert round_trip.run_transaction([("SET", "a", 1), ("INCR", "a")]) == [b"OK", 2]


@pytest.mark.parametrize(
    ("command", "reason"),
    [(("INCR", "a"), "not an integer"), (("NOSUCH", "a"), "unknown command")],
    ids=["error when it runs", "refused before"],
)
def test_error_in_a_transaction_is_raised(
    round_trip: RoundTrip, command: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(redis.exceptions.ResponseError, match=reason):
        round_trip.run_transaction([("SET", "a", "text"), command])


def test_script_that_redis_does_not_know_is_loaded(broker: Broker, round_trip: RoundTrip) -> None:
    script = broker.client.register_script("return {KEYS[1], ARGV[1]}")
    broker.client.script_flush()
    for _ in range(2):
        assert round_trip.run_script(script, ["key"], [7]) == [b"key", b"7"]


def test_error_of_a_script_is_raised(broker: Broker, round_trip: RoundTrip) -> None:
    script = broker.client.register_script("return redis.error_reply('BROKEN it is')")
    with pytest.raises(redis.exceptions.ResponseError, match="it is"):
        round_trip.run_script(script, [])


def test_dropped_responses_are_not_taken_for_the_next(round_trip: RoundTrip) -> None:
    sent = round_trip.send([("ECHO", "a"), ("ECHO", "b")])
    assert round_trip.run([("ECHO", "c")]) == [b"c"]
    assert round_trip.receive(sent) == [b"a", b"b"]
    for word in ("d", "e"):
        round_trip.drop(round_trip.send([("ECHO", "dropped")]))
        assert round_trip.run([("ECHO", word)]) == [word.encode()]


def test_connection_is_kept_until_idle_ones_are_closed(
    broker: Broker, round_trip: RoundTrip
) -> None:
    first = connection_id(round_trip)
    assert connection_id(round_trip) == first
    assert broker.client.client_id() != first
    close_idle_connections(broker.client)
    assert connection_id(round_trip) != first


@pytest.mark.redis
def test_connection_that_redis_has_closed_is_replaced(own_broker: Broker) -> None:
    round_trip = RoundTrip(own_broker.client)
    first = connection_id(round_trip)
    own_broker.client.client_kill_filter(_id=first)
    assert connection_id(round_trip) != first


@pytest.mark.redis
def test_lost_reply_is_not_sent_again_and_not_taken_for_the_next(
    settings: Settings, redis_server: RedisServer
) -> None:
    with RedisProxy(redis_server.port) as proxy:
        url = f"redis://127.0.0.1:{proxy.port}/0"
        broker = Broker.connect(replace(settings, redis_url=url))
        round_trip = RoundTrip(broker.client)
        sha = redis_server.client.script_load("return redis.call('INCR', KEYS[1])")
        count = [("EVALSHA", sha, 1, "count")]
        assert round_trip.run(count) == [1]
        proxy.lose_reply()
        with pytest.raises(redis.exceptions.ConnectionError):
            round_trip.run(count)
        assert round_trip.run(count) == [3]
        broker.close()


@pytest.mark.redis
def test_calls_at_the_same_time_have_connections_of_their_own(own_broker: Broker) -> None:
    round_trip = RoundTrip(own_broker.client)
    first = connection_id(round_trip)
    popped: list[Any] = []
    waiting = threading.Thread(target=lambda: popped.extend(round_trip.run([("BLPOP", "list", 0)])))
    waiting.start()
    wait_until("a call waits", lambda: own_broker.client.info("clients")["blocked_clients"])
    assert connection_id(round_trip) != first
    round_trip.run([("RPUSH", "list", "x")])
    waiting.join(20)
    assert popped == [[b"list", b"x"]]


@pytest.mark.redis
def test_connection_with_tls_that_redis_has_closed_is_replaced(
    own_broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse_flags(_sock: object) -> bool:
        raise ValueError("non-zero flags not allowed in calls to recv()")

    monkeypatch.setattr(services.broker.round_trip, "_peek", refuse_flags)
    round_trip = RoundTrip(own_broker.client)
    first = connection_id(round_trip)
    assert connection_id(round_trip) == first
    own_broker.client.client_kill_filter(_id=first)
    assert connection_id(round_trip) != first
