"""Only the holder of the lease copies external messages into the journal."""

from collections.abc import Sequence

import pytest

from services.broker import Broker, Journal, Lease, Message
from services.concurrency import Shutdown
from services.errors import LeaseLostError
from services.position import Cursor
from services.writer.channel_bridge import ChannelBridge
from services.writer.channel_losses import ChannelLosses
from services.writer.lease_holder import LeaseHolder
from tests.support.channel_bridges import (
    KITCHEN,
    KITCHEN_TEXT,
    NOW,
    StartBridge,
    bridged,
    has_no_listeners,
    publish,
)
from tests.support.journals import CHANNEL, LEASE, has_listeners, readings_in
from tests.support.waiting import wait_until


class LateJournal(Journal):
    """Reports a lost lease only when the other writer has released it again."""

    def append_external(self, messages: Sequence[Message], lease: Lease) -> Cursor:
        try:
            return super().append_external(messages, lease)
        except LeaseLostError:
            self._client.delete(lease.key)
            raise


def publish_while_lease_changes(broker: Broker, holder: str | None) -> None:
    """Give the lease to another holder, or to nobody, and publish in the same moment."""
    with broker.client.pipeline() as transaction:
        if holder is None:
            transaction.delete(LEASE)
        else:
            transaction.set(LEASE, holder)
        transaction.publish(CHANNEL, KITCHEN_TEXT)
        transaction.execute()


def is_held_by_bridge(broker: Broker) -> bool:
    return str(broker.client.get(LEASE)).startswith("b'database ")


class TestLease:
    """Only the holder of the lease bridges messages."""

    def test_bridge_without_lease_waits_until_it_is_released(
        self, broker: Broker, start_bridge: StartBridge, caplog: pytest.LogCaptureFixture
    ) -> None:
        other = Lease(broker, "other database")
        assert other.acquire()
        start_bridge(broker)
        wait_until(
            "it is logged",
            lambda: "waiting for the lease: another writer holds it" in caplog.text,
        )
        assert not has_listeners(broker)
        other.release()
        wait_until("somebody listens", lambda: has_listeners(broker))
        publish(broker, KITCHEN_TEXT)
        assert bridged(broker) == [KITCHEN]

    @pytest.mark.usefixtures("listening_bridge")
    def test_bridge_that_lost_the_lease_discards_what_it_received(
        self, broker: Broker, journal: Journal, caplog: pytest.LogCaptureFixture
    ) -> None:
        publish_while_lease_changes(broker, "another holder")
        wait_until("nobody listens", lambda: has_no_listeners(broker))
        assert readings_in(journal) == []
        wait_until(
            "it is logged",
            lambda: "waiting for the lease: another writer holds it" in caplog.text,
        )
        broker.client.delete(LEASE)
        wait_until("somebody listens", lambda: has_listeners(broker))
        publish(broker, '{"series":"cellar","value":1}')
        assert [r.series for r in bridged(broker)] == ["cellar"]

    def test_message_is_discarded_although_the_other_holder_is_gone_at_once(
        self, broker: Broker, start_bridge: StartBridge
    ) -> None:
        start_bridge(broker, LateJournal(broker))
        wait_until("somebody listens", lambda: has_listeners(broker))
        publish_while_lease_changes(broker, "another holder")
        wait_until("the lease is acquired again", lambda: is_held_by_bridge(broker))
        wait_until("somebody listens", lambda: has_listeners(broker))
        assert bridged(broker) == []

    @pytest.mark.usefixtures("listening_bridge")
    def test_bridge_whose_lease_expired_keeps_what_it_received(
        self, broker: Broker, journal: Journal
    ) -> None:
        publish_while_lease_changes(broker, None)
        wait_until("it is bridged", lambda: readings_in(journal) == [KITCHEN])

    def test_stopped_bridge_releases_the_lease(self, broker: Broker) -> None:
        shutdown, journal = Shutdown(), Journal(broker)
        lease_holder = LeaseHolder(journal, Lease(broker, "database"))
        bridge = ChannelBridge(
            broker, journal, lease_holder, lambda: NOW, shutdown, losses=ChannelLosses()
        )
        bridge.start()
        wait_until("the bridge holds the lease", lambda: broker.client.exists(LEASE))
        shutdown.request()
        bridge.join()
        wait_until("the lease is released", lambda: not broker.client.exists(LEASE))
