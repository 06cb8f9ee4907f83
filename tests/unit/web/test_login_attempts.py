"""Failed logins, after which the next has to wait."""

import fakeredis
import pytest
from limits.storage import MemoryStorage
from werkzeug.exceptions import TooManyRequests

from services.broker import Broker
from services.broker.shared_limits import shared_limit_storage
from services.web.access.login_attempts import LoginAttempts


@pytest.fixture(params=["memory", "redis"])
def attempts(request: pytest.FixtureRequest, broker: Broker) -> LoginAttempts:
    storage = MemoryStorage() if request.param == "memory" else shared_limit_storage(broker)
    return LoginAttempts([storage])


def fail(attempts: LoginAttempts, count: int, address: str, user: str) -> None:
    for _ in range(count):
        attempts.check(address, user)
        attempts.add_failure(address, user)


def test_address_has_to_wait_after_five_failures(attempts: LoginAttempts) -> None:
    fail(attempts, 5, "192.0.2.1", "anna")
    for user in ("anna", "ben"):
        with pytest.raises(TooManyRequests) as caught:
            attempts.check("192.0.2.1", user)
        assert isinstance(caught.value.retry_after, int)
        assert 1 <= caught.value.retry_after <= 60
        assert "try again in" in str(caught.value.description)
    attempts.check("192.0.2.2", "anna")


def test_user_has_to_wait_after_failures_of_many_addresses(attempts: LoginAttempts) -> None:
    for number in range(10):
        fail(attempts, 1, f"192.0.2.{number}", "anna")
    with pytest.raises(TooManyRequests):
        attempts.check("198.51.100.1", "anna")
    attempts.check("198.51.100.1", "ben")


def test_waits_grow_with_the_failures(attempts: LoginAttempts) -> None:
    for failures, shortest, longest in ((5, 1, 60), (15, 3_000, 3_600), (40, 80_000, 86_400)):
        for _ in range(failures):
            attempts.add_failure("192.0.2.1", "anna")
        with pytest.raises(TooManyRequests) as caught:
            attempts.check("192.0.2.1", "ben")
        assert isinstance(caught.value.retry_after, int)
        assert shortest <= caught.value.retry_after <= longest


def test_processes_share_the_failures(broker: Broker) -> None:
    one, other = (LoginAttempts([shared_limit_storage(broker)]) for _ in range(2))
    fail(one, 3, "192.0.2.1", "anna")
    fail(other, 2, "192.0.2.1", "anna")
    with pytest.raises(TooManyRequests):
        one.check("192.0.2.1", "anna")


def test_without_redis_the_failures_of_the_process_count(
    broker: Broker, server: fakeredis.FakeServer
) -> None:
    attempts = LoginAttempts([shared_limit_storage(broker), MemoryStorage()])
    server.connected = False
    fail(attempts, 5, "192.0.2.1", "anna")
    with pytest.raises(TooManyRequests):
        attempts.check("192.0.2.1", "anna")


def test_names_are_in_no_key(broker: Broker) -> None:
    fail(LoginAttempts([shared_limit_storage(broker)]), 1, "192.0.2.1", "hunter2")
    keys = broker.client.keys("*")
    assert len(keys) == 6
    assert all("readings:limits:" in str(key) and "hunter2" not in str(key) for key in keys)
