"""LeaseHolder holds the writer's lease and acknowledges the journal with it."""

import pytest

from services.broker import Broker, Journal, Lease
from services.errors import LeaseLostError, LeaseTakenError
from services.writer.lease_holder import LeaseHolder
from tests.support.clock import FakeClock
from tests.support.journals import LEASE, message, messages_between, state


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def holder(broker: Broker, journal: Journal, clock: FakeClock) -> LeaseHolder:
    """A holder that has acquired the lease."""
    holder = LeaseHolder(journal, Lease(broker, "database"), clock)
    assert holder.acquire()
    return holder


def committed(broker: Broker) -> str | None:
    return state(broker).get("committed")


def test_acknowledged_checkpoint_is_stored(
    broker: Broker, journal: Journal, holder: LeaseHolder
) -> None:
    journal.publish(messages_between(1, 3))
    end = journal.end()
    holder.acknowledge(end)
    assert committed(broker) == str(end.cursor.entry)


def test_nothing_is_acknowledged_without_the_lease(broker: Broker, journal: Journal) -> None:
    journal.publish(messages_between(1, 3))
    holder = LeaseHolder(journal, Lease(broker, "database"))
    holder.acknowledge(journal.end())
    assert committed(broker) is None


def test_checkpoint_is_acknowledged_again_after_the_lease_was_acquired_again(
    broker: Broker, journal: Journal, holder: LeaseHolder
) -> None:
    journal.publish(messages_between(1, 3))
    holder.acknowledge(journal.end())
    broker.client.hdel("readings:state", "committed")
    holder.acknowledge(journal.end())
    assert committed(broker) is None
    assert holder.acquire()
    holder.acknowledge(journal.end())
    assert committed(broker) is not None


def test_holder_that_lost_the_lease_acknowledges_nothing_more(
    broker: Broker, journal: Journal, holder: LeaseHolder
) -> None:
    journal.publish(messages_between(1, 3))
    broker.client.set(LEASE, "another holder")
    holder.acknowledge(journal.end())
    assert not holder.held
    assert committed(broker) is None


@pytest.mark.parametrize(
    ("value", "error"), [("another holder", LeaseTakenError), (None, LeaseLostError)]
)
def test_external_message_needs_the_lease(
    broker: Broker,
    journal: Journal,
    holder: LeaseHolder,
    value: str | None,
    error: type[LeaseLostError],
) -> None:
    if value is None:
        broker.client.delete(LEASE)
    else:
        broker.client.set(LEASE, value)
    with pytest.raises(error):
        holder.append_external([message(1)])
    assert not holder.held
    assert journal.epoch() is None


def test_lease_is_renewed_after_3_seconds(
    broker: Broker, holder: LeaseHolder, clock: FakeClock
) -> None:
    broker.client.pexpire(LEASE, 5_000)
    clock.now += 2.9
    holder.renew_when_due()
    assert remaining(broker) <= 5_000
    clock.now += 0.2
    holder.renew_when_due()
    assert remaining(broker) > 5_000
    assert holder.held


def test_lease_of_another_holder_is_not_renewed(
    broker: Broker, holder: LeaseHolder, clock: FakeClock
) -> None:
    broker.client.set(LEASE, "another holder")
    clock.now += 4.0
    holder.renew_when_due()
    assert not holder.held
    assert broker.client.get(LEASE) == b"another holder"


def test_released_lease_is_free(broker: Broker, holder: LeaseHolder) -> None:
    holder.release()
    assert not holder.held
    assert Lease(broker, "other database").acquire()


def remaining(broker: Broker) -> int:
    """Return the milliseconds until the lease expires."""
    milliseconds = broker.client.pttl(LEASE)
    assert isinstance(milliseconds, int)
    return milliseconds
