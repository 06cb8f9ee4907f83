"""The adoption of strangers' messages by the writer that holds the lease."""

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import pytest

from services.broker import Broker, Journal, Lease, Message
from services.concurrency import Shutdown
from services.errors import LeaseLostError
from services.formats.json import decode_entry
from services.position import JOURNAL_START, Cursor
from services.reading import MICROSECONDS, Reading
from services.settings import Settings
from services.writer.channel_bridge import ChannelBridge
from tests.support.journals import JOURNAL, bounded, message, singles
from tests.support.redis_server import RedisServer
from tests.support.waiting import TIMEOUT_SECONDS, wait_until

NOW = 1_795_342_272 * MICROSECONDS

Start = Callable[..., ChannelBridge]


class Late(Journal):
    """Tells who has lost the lease when nobody holds it any more."""

    def append_external(self, messages: Sequence[Message], lease: Lease) -> Cursor:
        try:
            return super().append_external(messages, lease)
        except LeaseLostError:
            self._client.delete(lease.key)
            raise


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts an adoption, which ends with the test."""
    stop, started = Shutdown(), list[tuple[Broker, ChannelBridge]]()

    def start(broker: Broker, journal: Journal | None = None) -> ChannelBridge:
        lease = Lease(broker, "database")
        adoption = ChannelBridge(broker, journal or Journal(broker), lease, lambda: NOW)
        adoption.start(stop)
        started.append((broker, adoption))
        return adoption

    yield start
    stop.request()
    for broker, adoption in started:
        # Whoever listens looks up at once, and not only after half a second.
        broker.client.publish("readings", "good night")
        adoption.join()
        wait_until("nobody listens", partial(_is_silent, broker))


@pytest.fixture
def adopting(broker: Broker, start: Start) -> ChannelBridge:
    """An adoption that listens."""
    adoption = start(broker)
    wait_until("somebody listens", lambda: listens(broker))
    return adoption


def _is_silent(broker: Broker) -> bool:
    return not listens(broker)


def listens(broker: Broker) -> bool:
    ((_, listeners),) = broker.client.pubsub_numsub("readings")
    return bool(listeners)


def say(broker: Broker, text: str | bytes) -> None:
    """What another tool publishes."""
    assert broker.client.publish("readings", text) == 1


def say_under_another_lease(broker: Broker, holder: str | None) -> None:
    """The lease passes to another one, or to nobody, and a stranger speaks in the same moment."""
    with broker.client.pipeline() as both:
        if holder is None:
            both.delete("readings:lease")
        else:
            both.set("readings:lease", holder)
        both.publish("readings", '{"series":"kitchen","value":21.5}')
        both.execute()


def is_held(broker: Broker) -> bool:
    """Whether our writer holds the lease."""
    return str(broker.client.get("readings:lease")).startswith("b'database ")


def adopted(journal: Journal) -> list[Reading]:
    """All readings that the journal holds."""
    entries = journal.read(JOURNAL_START, 10_000).entries
    return [r for entry in entries for r in decode_entry(entry.text).readings]


def all_adopted(broker: Broker) -> list[Reading]:
    """What was adopted of all that was said before."""
    journal = Journal(broker)
    last = Reading("last", NOW, float(len(adopted(journal))))
    say(broker, f'{{"series":"last","value":{last.value},"ts":{NOW / 1e6}}}')
    wait_until("the last message is adopted", lambda: last in adopted(journal))
    return [r for r in adopted(journal) if r.series != "last"]


def rejected(broker: Broker) -> list[tuple[bytes, str, str]]:
    entries: Any = broker.client.execute_command("XRANGE", "readings:rejected", "-", "+")
    rows = [dict(zip(flat[::2], flat[1::2], strict=True)) for _, flat in entries]
    return [(r[b"m"], r[b"reason"].decode(), r[b"source"].decode()) for r in rows]


KITCHEN = Reading("kitchen", NOW, 21.5)


@pytest.mark.usefixtures("adopting")
class TestMessages:
    """What is adopted, and what is not."""

    @pytest.mark.parametrize(
        "text",
        [
            '{"series":"kitchen","value":21.5}',
            ' {"series": "kitchen", "value": 21.5, "ts": null}\n',
            '[{"series":"kitchen","value":21.5}]',
            '{"readings":[{"series":"kitchen","value":21.5}]}',
            '{"id":"f0e1:1-0","readings":[{"series":"kitchen","value":21.5}]}',
            '{"readings":[{"series":"kitchen","value":21.5}],"id":"f0e1:1-0"}',
            '{"id":"kitchen sensor","readings":[{"series":"kitchen","value":21.5}]}',
            '{"id":7,"series":"kitchen","value":21.5}',
            '{"id":"f0e1:99999999999999999999999-0","series":"kitchen","value":21.5}',
        ],
    )
    def test_what_has_no_id_of_ours(self, broker: Broker, text: str) -> None:
        say(broker, text)
        assert all_adopted(broker) == [KITCHEN]
        assert rejected(broker) == []

    def test_times_and_units_are_kept(self, broker: Broker) -> None:
        say(broker, '{"series":"a","value":1,"ts":1795342200.5,"unit":"°C"}')
        say(broker, '{"series":"a","value":2,"ts":"2026-11-22T10:00:00Z"}')
        assert all_adopted(broker) == [
            Reading("a", 1_795_342_200_500_000, 1.0, "°C"),
            Reading("a", 1_795_341_600_000_000, 2.0),
        ]

    def test_good_neighbours_of_bad_ones(self, broker: Broker) -> None:
        text = '[{"series":"a","value":1},{"series":"b","value":NaN},{"series":"c","value":3},4]'
        say(broker, text)
        assert [r.series for r in all_adopted(broker)] == ["a", "c"]
        assert rejected(broker) == [
            (text.encode(), "reading 1: value must be a finite number", "channel"),
            (text.encode(), "reading 3: a reading must be an object", "channel"),
        ]

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            (b"hello", "not JSON"),
            (b"", "not JSON"),
            (b"\xff\xfe", "not UTF-8"),
            (b"[" * 100_000, "nested too deeply"),
            (b"21.5", "not a reading"),
            (b'{"series":"a","value":1,"ts":9999999999}', "ahead"),
            (b'{"id":"', "not JSON"),
            (b'[{"series":"a","value":' + b"1" * (1 << 20) + b"}]", "larger than 1048576 bytes"),
        ],
    )
    def test_garbage_is_put_aside(self, broker: Broker, text: bytes, reason: str) -> None:
        say(broker, text)
        assert all_adopted(broker) == []
        ((kept, why, source),) = rejected(broker)
        assert reason in why
        assert kept == text[:4_096]
        assert source == "channel"

    def test_a_message_of_nothing_but_faults_is_told_in_short(self, broker: Broker) -> None:
        say(broker, b"[" + b"1," * 20_000 + b"1]")
        say(broker, '{"series":"a","value":1}')
        assert [r.value for r in all_adopted(broker)][-1] == 1.0
        kept = rejected(broker)
        assert len(kept) == 21
        assert kept[-1][1] == "and 19981 more of its readings"

    def test_a_list_of_many_becomes_several_messages(
        self, broker: Broker, journal: Journal
    ) -> None:
        say(broker, json.dumps([{"series": "a", "value": i} for i in range(2_500)]))
        assert len({r.ts for r in all_adopted(broker)}) == 2_500
        assert [e.reading_count for e in journal.read(JOURNAL_START, 10).entries] == [
            1_000,
            2_000,
            2_500,
            2_501,
        ]

    def test_our_own_messages_are_not_adopted(self, broker: Broker, journal: Journal) -> None:
        journal.publish(singles(1, 4))
        say(broker, '{"series":"kitchen","value":21.5}')
        journal.publish([message(4)])
        assert len(all_adopted(broker)) == 5
        assert journal.end().sequence == 6

    def test_nor_those_of_a_journal_that_was_made_anew(
        self, broker: Broker, journal: Journal
    ) -> None:
        journal.publish([message(1)])
        assert len(all_adopted(broker)) == 1
        broker.client.delete(JOURNAL)
        journal.publish([message(2)])
        assert len(all_adopted(broker)) == 1
        assert journal.end().sequence == 2

    def test_what_is_adopted_is_announced_with_its_id(
        self, broker: Broker, journal: Journal
    ) -> None:
        listening = broker.client.pubsub(ignore_subscribe_messages=True)
        listening.subscribe("readings:adopted")
        listening.get_message(timeout=5)
        say(broker, '{"series":"kitchen","value":21.5}')
        wait_until("it is adopted", lambda: adopted(journal))
        text = json.loads(listening.get_message(timeout=5)["data"])
        assert Cursor.parse(text["id"]) == journal.end().cursor
        assert text["readings"] == [{"series": "kitchen", "ts": 1795342272.0, "value": 21.5}]
        listening.close()


class TestLease:
    """Only the holder of the lease adopts."""

    def test_without_the_lease_nothing_is_adopted(
        self, broker: Broker, start: Start, caplog: pytest.LogCaptureFixture
    ) -> None:
        other = Lease(broker, "other database")
        assert other.acquire()
        start(broker)
        wait_until("it is said", lambda: "another writer holds the lease" in caplog.text)
        assert not listens(broker)
        other.release()
        wait_until("somebody listens", lambda: listens(broker))
        say(broker, '{"series":"kitchen","value":21.5}')
        assert all_adopted(broker) == [KITCHEN]

    @pytest.mark.usefixtures("adopting")
    def test_who_lost_the_lease_leaves_what_it_heard_to_the_other(
        self, broker: Broker, journal: Journal, caplog: pytest.LogCaptureFixture
    ) -> None:
        say_under_another_lease(broker, "somebody else")
        wait_until("nobody listens", lambda: not listens(broker))
        assert adopted(journal) == []
        wait_until(
            "it was told",
            lambda: "waiting to adopt bare messages: another writer holds the lease" in caplog.text,
        )
        broker.client.delete("readings:lease")
        wait_until("somebody listens", lambda: listens(broker))
        say(broker, '{"series":"cellar","value":1}')
        assert [r.series for r in all_adopted(broker)] == ["cellar"]

    def test_also_if_the_other_is_gone_at_once(self, broker: Broker, start: Start) -> None:
        start(broker, Late(broker))
        wait_until("somebody listens", lambda: listens(broker))
        say_under_another_lease(broker, "somebody else")
        wait_until("the lease is claimed again", lambda: is_held(broker))
        wait_until("somebody listens", lambda: listens(broker))
        assert all_adopted(broker) == []

    @pytest.mark.usefixtures("adopting")
    def test_who_only_came_too_late_keeps_what_it_heard(
        self, broker: Broker, journal: Journal
    ) -> None:
        say_under_another_lease(broker, None)
        wait_until("it is adopted", lambda: adopted(journal) == [KITCHEN])

    def test_it_is_let_go_at_the_end(self, broker: Broker) -> None:
        stop = Shutdown()
        adoption = ChannelBridge(broker, Journal(broker), Lease(broker, "database"), lambda: NOW)
        adoption.start(stop)
        wait_until("somebody listens", lambda: listens(broker))
        assert broker.client.exists("readings:lease")
        stop.request()
        adoption.join()
        wait_until("it is let go", lambda: not broker.client.exists("readings:lease"))

    def test_what_the_database_has_is_told_to_redis(
        self, broker: Broker, journal: Journal, adopting: ChannelBridge
    ) -> None:
        journal.publish(singles(1, 3))
        end = journal.end()
        adopting.acknowledge(end)
        assert broker.client.hget("readings:state", "committed") == str(end.cursor.entry).encode()


def test_a_full_journal_lets_strangers_wait(
    broker: Broker, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    small = bounded(broker, entries=10)
    journal = Journal(small)
    adoption = start(small)
    wait_until("somebody listens", lambda: listens(broker))
    journal.publish(singles(0, 10))
    for value in range(3):
        say(broker, f'{{"series":"kitchen","value":{value},"ts":{value}}}')
    wait_until("it is said", lambda: "adoption of bare messages paused: " in caplog.text)
    assert len(adopted(journal)) == 10
    adoption.acknowledge(journal.end())
    wait_until("there is room", lambda: adopted(journal)[-1].value == 2.0)
    assert [r.value for r in adopted(journal) if r.series == "kitchen"] == [0.0, 1.0, 2.0]
    wait_until("it is over", lambda: "adoption of bare messages resumed after " in caplog.text)


def test_what_ends_the_thread_ends_the_process(broker: Broker) -> None:
    def broken_clock() -> int:
        raise ZeroDivisionError

    stop = Shutdown()
    adoption = ChannelBridge(broker, Journal(broker), Lease(broker, "database"), broken_clock)
    adoption.start(stop)
    wait_until("somebody listens", lambda: listens(broker))
    say(broker, '{"series":"kitchen","value":21.5}')
    assert stop.wait(TIMEOUT_SECONDS)
    with pytest.raises(ZeroDivisionError):
        adoption.join()


@pytest.mark.redis
class TestRestart:
    """A Redis that goes away and comes back."""

    @pytest.fixture
    def broker(self, redis_server: RedisServer) -> Iterator[Broker]:
        broker = Broker.connect(Settings.from_environ({"REDIS_URL": redis_server.url}))
        yield broker
        broker.close()

    @pytest.mark.usefixtures("adopting")
    def test_after_it_strangers_are_heard_again(
        self, broker: Broker, redis_server: RedisServer
    ) -> None:
        say(broker, '{"series":"kitchen","value":21.5}')
        assert all_adopted(broker) == [KITCHEN]
        redis_server.kill()
        redis_server.start()
        wait_until("somebody listens again", lambda: listens(broker))
        say(broker, '{"series":"cellar","value":12}')
        assert all_adopted(broker) == [KITCHEN, Reading("cellar", NOW + 1, 12.0)]
