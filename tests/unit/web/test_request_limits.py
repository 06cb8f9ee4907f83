"""Limits of requests by address, user and token."""

import time

import pytest
from werkzeug.exceptions import TooManyRequests

from services.web.access.request_limits import RequestLimits, network_of


@pytest.fixture
def limits() -> RequestLimits:
    """Limits of five requests in ten seconds."""
    return RequestLimits(30)


def test_address_that_sends_too_often_has_to_wait(limits: RequestLimits) -> None:
    for _ in range(5):
        limits.count_address("192.0.2.1")
    with pytest.raises(TooManyRequests) as caught:
        limits.count_address("192.0.2.1")
    assert isinstance(caught.value.retry_after, int)
    assert 1 <= caught.value.retry_after <= 10
    limits.count_address("192.0.2.2")


def test_wait_lasts_until_the_counting_begins_again() -> None:
    # Seen from 100 s before, it begins again after 100 to 110 s.
    limits = RequestLimits(6, lambda: time.time() - 100)
    limits.count_address("192.0.2.1")
    with pytest.raises(TooManyRequests) as caught:
        limits.count_address("192.0.2.1")
    assert isinstance(caught.value.retry_after, int)
    assert 100 <= caught.value.retry_after <= 111


def test_this_machine_has_no_limit(limits: RequestLimits) -> None:
    for _ in range(20):
        for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1", ""):
            limits.count_address(address)


def test_token_that_is_used_too_often_has_to_wait(limits: RequestLimits) -> None:
    for _ in range(5):
        limits.count_principal("token", "telegraf")
    with pytest.raises(TooManyRequests):
        limits.count_principal("token", "telegraf")
    limits.count_principal("user", "telegraf")


def test_database_is_not_read_for_each_unknown_token(limits: RequestLimits) -> None:
    answers = [limits.may_search("192.0.2.1") for _ in range(30)]
    assert answers.count(True) == 20
    assert limits.may_search("192.0.2.2")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::1", ""),
        ("unix", "unix"),
    ],
)
def test_network_stands_for_the_owner_of_an_address(address: str, network: str) -> None:
    assert network_of(address) == network
