"""Bytes by which Redis's file grows: they wear out an SD card."""

from collections.abc import Callable

import pytest

from services.broker import Broker, Journal
from tests.support.journals import message

pytestmark = pytest.mark.redis


@pytest.fixture
def growth(own_broker: Broker) -> Callable[[Callable[[], object]], int]:
    """Return a function that carries out a step and returns the bytes that it adds."""

    def size() -> int:
        persistence: dict[str, int] = own_broker.client.info("persistence")
        return persistence["aof_current_size"]

    def measure(step: Callable[[], object]) -> int:
        before = size()
        step()
        return size() - before

    return measure


def test_reading_adds_its_message_and_the_counters(
    own_broker: Broker, growth: Callable[[Callable[[], object]], int]
) -> None:
    journal, reading = Journal(own_broker), message(2)
    journal.publish([message(1)])
    assert 0 < growth(lambda: journal.publish([reading])) - len(reading.text) < 240
