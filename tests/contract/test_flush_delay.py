"""A commit may wait only where Redis keeps the journal on its disk."""

from dataclasses import replace

import pytest

from services.broker import Broker
from services.broker.flush_delay import FlushDelay
from services.settings import Settings
from tests.support.clock import FakeClock
from tests.support.redis_server import RedisServer


def test_redis_without_a_file_allows_no_delay(broker: Broker) -> None:
    assert FlushDelay(broker).seconds() == 0.0


@pytest.mark.redis
class TestAppendOnlyFile:
    """Redis with an append-only file, which may be switched off."""

    def test_delay_is_the_setting(self, own_broker: Broker) -> None:
        assert FlushDelay(own_broker).seconds() == 10.0

    def test_settings_switch_the_delay_off(
        self, redis_server: RedisServer, settings: Settings
    ) -> None:
        settings = replace(settings, redis_url=redis_server.url)
        for changed in (replace(settings, flush_seconds=0.0), replace(settings, durable=False)):
            broker = Broker.connect(changed)
            assert FlushDelay(broker).seconds() == 0.0
            broker.close()

    def test_file_that_is_switched_off_is_noticed(
        self, redis_server: RedisServer, own_broker: Broker
    ) -> None:
        clock = FakeClock()
        delay = FlushDelay(own_broker, clock)
        assert delay.seconds() == 10.0
        redis_server.client.config_set("appendonly", "no")
        assert delay.seconds() == 10.0
        clock.now += 10.0
        assert delay.seconds() == 0.0

    def test_unreachable_redis_allows_no_delay(
        self, redis_server: RedisServer, own_broker: Broker
    ) -> None:
        redis_server.kill()
        assert FlushDelay(own_broker).seconds() == 0.0
        assert FlushDelay(own_broker, if_unknown=True).seconds() == 10.0
