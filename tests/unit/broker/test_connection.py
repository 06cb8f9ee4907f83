"""The connection to Redis."""

from dataclasses import replace

import pytest

from services.broker import Broker
from services.errors import SettingError
from services.settings import Settings


@pytest.mark.parametrize(
    "url",
    [
        "mail://:hunter2@box",
        "redis://:hunter2/x@box/0",
        "redis://box?socket_timeout=hunter2",
        "redis://:hunter2@box/one",
        "redis://:hunter2@box/1/2",
        "unix://",
        "unix://redis.sock?password=hunter2",
        "unix://run/redis.sock",
        "unix:///run/redis.sock?db=hunter2",
    ],
)
def test_unusable_address_is_an_error_that_does_not_quote_it(settings: Settings, url: str) -> None:
    with pytest.raises(SettingError, match="REDIS_URL can't be used") as refused:
        Broker.connect(replace(settings, redis_url=url))
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://box", {"host": "box"}),
        ("redis://box:1/3", {"host": "box", "port": 1, "db": 3}),
        ("redis://box/?db=3", {"host": "box", "db": 3}),
        ("rediss://bob:p%40w@box/0", {"username": "bob", "password": "p@w", "db": 0}),
        ("unix:///run/my%20redis.sock", {"path": "/run/my redis.sock"}),
        ("unix:///r.sock?db=2&password=pw", {"path": "/r.sock", "db": 2, "password": "pw"}),
        ("unix://bob:p%40w@/r.sock", {"path": "/r.sock", "username": "bob", "password": "p@w"}),
    ],
)
def test_address_is_read(settings: Settings, url: str, expected: dict[str, object]) -> None:
    broker = Broker.connect(replace(settings, redis_url=url))
    pool = broker.client.connection_pool
    assert pool.connection_kwargs | expected == pool.connection_kwargs
    # It makes a connection without an error, which a setting of the wrong kind would be.
    pool.make_connection()
    broker.close()
