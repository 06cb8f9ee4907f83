"""Channel bridges that tests start, and messages for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Protocol

from services.broker import Broker, Journal, Lease
from services.concurrency import Shutdown
from services.reading import MICROSECONDS, Reading
from services.writer.channel_bridge import ChannelBridge
from services.writer.channel_losses import ChannelLosses
from services.writer.lease_holder import LeaseHolder
from tests.support.journals import CHANNEL, has_listeners, readings_in
from tests.support.waiting import wait_until

NOW = 1_795_342_272 * MICROSECONDS
KITCHEN_TEXT = '{"series":"kitchen","value":21.5}'
KITCHEN = Reading("kitchen", NOW, 21.5)


class StartBridge(Protocol):
    """Starts a bridge that ends with the test, and returns its lease holder."""

    def __call__(
        self, broker: Broker, journal: Journal | None = None, losses: ChannelLosses | None = None
    ) -> LeaseHolder: ...


@contextmanager
def running_bridges() -> Iterator[StartBridge]:
    """Yield a function that starts a bridge. All bridges end with the block."""
    shutdown = Shutdown()
    started: list[tuple[Broker, ChannelBridge]] = []

    def start(
        broker: Broker, journal: Journal | None = None, losses: ChannelLosses | None = None
    ) -> LeaseHolder:
        journal = journal or Journal(broker)
        lease_holder = LeaseHolder(journal, Lease(broker, "database"))
        bridge = ChannelBridge(
            broker, journal, lease_holder, lambda: NOW, shutdown, losses=losses or ChannelLosses()
        )
        bridge.start()
        started.append((broker, bridge))
        return lease_holder

    yield start
    shutdown.request()
    for broker, bridge in started:
        # A message wakes the bridge at once, not only after half a second.
        broker.client.publish(CHANNEL, "the last one")
        bridge.join()
        wait_until("nobody listens", partial(has_no_listeners, broker))


def has_no_listeners(broker: Broker) -> bool:
    """Return True if nobody is subscribed to the channel."""
    return not has_listeners(broker)


def publish(broker: Broker, text: str | bytes) -> None:
    """Publish a text as another tool does, which exactly one subscriber receives."""
    assert broker.client.publish(CHANNEL, text) == 1


def bridged(broker: Broker) -> list[Reading]:
    """Return the readings in the journal once everything published before was bridged."""
    journal = Journal(broker)
    marker = Reading("marker", NOW, float(len(readings_in(journal))))
    publish(broker, f'{{"series":"marker","value":{marker.value},"ts":{NOW / 1e6}}}')
    wait_until("the marker is bridged", lambda: marker in readings_in(journal))
    return [r for r in readings_in(journal) if r.series != "marker"]
