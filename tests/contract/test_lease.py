"""One owner holds a lease until it expires or is released."""

from services.broker import Broker, Lease
from services.broker.lease import LEASE_SECONDS


def test_only_one_owner_holds_the_lease(broker: Broker) -> None:
    first, other = Lease(broker, "one"), Lease(broker, "other")
    assert first.acquire()
    assert not other.acquire()
    assert first.acquire()
    assert broker.client.get(first.key) == first.fencing_token.encode()


def test_same_owner_takes_over_the_lease_of_a_dead_process(broker: Broker) -> None:
    dead, alive = Lease(broker, "one"), Lease(broker, "one")
    assert dead.acquire()
    assert alive.acquire()
    assert broker.client.get(alive.key) == alive.fencing_token.encode()


def test_owner_is_not_mistaken_for_its_prefix(broker: Broker) -> None:
    assert Lease(broker, "one").acquire()
    assert not Lease(broker, "on").acquire()
    assert not Lease(broker, "one more").acquire()


def test_expired_lease_can_be_acquired_by_another_owner(broker: Broker) -> None:
    first, other = Lease(broker, "one"), Lease(broker, "other")
    assert first.acquire()
    remaining = broker.client.pttl(first.key)
    assert isinstance(remaining, int)
    # A slow machine may need a while to read it.
    assert LEASE_SECONDS * 1000 / 2 < remaining <= LEASE_SECONDS * 1000
    broker.client.pexpire(first.key, 0)
    assert other.acquire()
    assert not first.acquire()


def test_acquiring_again_extends_the_lease(broker: Broker) -> None:
    lease = Lease(broker, "one")
    assert lease.acquire()
    broker.client.pexpire(lease.key, 100)
    assert lease.acquire()
    remaining = broker.client.pttl(lease.key)
    assert isinstance(remaining, int)
    assert remaining > 1_000


def test_renewed_lease_expires_later(broker: Broker) -> None:
    lease = Lease(broker, "one")
    assert lease.acquire()
    broker.client.pexpire(lease.key, 100)
    assert lease.renew()
    remaining = broker.client.pttl(lease.key)
    assert isinstance(remaining, int)
    assert remaining > 1_000


def test_expired_lease_that_nobody_took_can_be_renewed(broker: Broker) -> None:
    lease = Lease(broker, "one")
    assert lease.acquire()
    broker.client.pexpire(lease.key, 0)
    assert lease.renew()


def test_lease_of_a_successor_is_not_renewed(broker: Broker) -> None:
    suspended, successor = Lease(broker, "one"), Lease(broker, "one")
    assert suspended.acquire()
    assert successor.acquire()
    assert not suspended.renew()
    assert broker.client.get(successor.key) == successor.fencing_token.encode()


def test_leases_of_different_keys_are_independent(broker: Broker) -> None:
    first, other = Lease(broker, "one"), Lease(broker, "other", "plant:lease", 30.0)
    assert first.acquire()
    assert other.acquire()
    remaining = broker.client.pttl("plant:lease")
    assert isinstance(remaining, int)
    assert 10_000 < remaining <= 30_000


def test_released_lease_can_be_acquired(broker: Broker) -> None:
    first, other = Lease(broker, "one"), Lease(broker, "other")
    assert first.acquire()
    first.release()
    assert broker.client.exists(first.key) == 0
    assert other.acquire()


def test_lease_of_another_holder_is_not_released(broker: Broker) -> None:
    first, other, successor = (Lease(broker, name) for name in ("one", "other", "one"))
    assert first.acquire()
    other.release()
    successor.release()
    assert broker.client.get(first.key) == first.fencing_token.encode()
